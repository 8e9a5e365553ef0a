"""Makes the store of a benchmark: users u00000, u00001, … with app passwords, one of which is the load's."""

import argparse
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert

from store.changes import raise_version
from store.database import Database
from store.hashing import Argon2
from store.model import AppPassword, MfaState
from store.pepper import create_pepper, load_pepper
from store.rows import app_password_values
from store.schema import app_passwords as table
from store.upgrade import upgrade
from store.user_rows import insert_user

PROTOCOLS = ("imap", "pop3", "smtp", "ldap")
# Memory in KiB, time cost and lanes, as the harness has them. `plain` is for modes that measure no hash.
HASHES = {"plain": (8, 1, 1), "argon2owasp": (19456, 2, 1), "argon2rfc": (65536, 3, 4)}


def main() -> None:
    args = arguments()
    configure(args)
    create_pepper(args.work / "pepper")
    url = f"sqlite:///{args.work}/wicketgate.db"
    upgrade(url)
    database = Database(url)
    with database.write() as connection:
        rows = app_passwords(connection, args)
        connection.execute(insert(table), [app_password_values(row) for row in rows])
    database.close()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="copied, as ours must not be open to others")
    for protocol in PROTOCOLS:
        parser.add_argument(f"--{protocol}", type=int, default=0, help="port without TLS, 0 for none")
        parser.add_argument(f"--{protocol}s", type=int, default=0, help="port with TLS, 0 for none")
    parser.add_argument("--password", required=True)
    parser.add_argument("--hash", choices=HASHES, required=True)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--app-passwords", type=int, default=1)
    return parser.parse_args()


def configure(args: argparse.Namespace) -> None:
    """What differs from mode to mode: the cost of a hash and the listeners; files that only we may read."""
    memory, time, lanes = HASHES[args.hash]
    text = f"[argon2]\nmemory_kib = {memory}\ntime_cost = {time}\nparallelism = {lanes}\n"
    for protocol in PROTOCOLS:
        for name, tls in ((protocol, "none"), (f"{protocol}s", "implicit")):
            if port := getattr(args, name):
                text += (
                    f'[[listener]]\nprotocol = "{protocol}"\naddress = "127.0.0.1:{port}"\ntls = "{tls}"\n'
                )
    (args.work / "conf.d").mkdir(exist_ok=True)
    (args.work / "conf.d" / "mode.toml").write_text(text)
    private = {
        "shared-password": "shared",
        "service-password": args.password,  # the mode searches has it in its directory
        "key.pem": args.key.read_text(),
    }
    for name, content in private.items():
        (args.work / name).write_text(content)
        (args.work / name).chmod(0o600)


def app_passwords(connection: Connection, args: argparse.Namespace) -> list[AppPassword]:
    """Of each user: the right one, and as many others as asked for. All have one hash; nobody can tell."""
    pepper, argon2 = load_pepper(args.work / "pepper"), Argon2(*HASHES[args.hash])
    hashed = argon2.hash(pepper.season(args.password))
    rows = []
    for number in range(args.users):
        user = insert_user(connection, {"mfa": MfaState.ENFORCED.value}, [f"u{number:05}"])
        raise_version(connection, user, "user-added", "bench")
        right = AppPassword(
            id=f"{number:08}".translate(str.maketrans("0189", "abcd")),
            user_id=user,
            name="bench",
            scopes=frozenset(PROTOCOLS),
            networks=(),
            tag=pepper.tag(user, args.password),
            hash=hashed,
            created_at=datetime.now(UTC),
            expires_at=None,
            deleted_at=None,
            last_used=None,
        )
        rows.append(right)
        rows += [
            replace(right, id=secrets.token_hex(8), tag=(right.tag + more) % 65536)
            for more in range(1, args.app_passwords)
        ]
    return rows


if __name__ == "__main__":
    main()

"""The demo's servers in a process of their own, without the gateway, and an IMAP client of them."""

import asyncio
import imaplib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD, SHARED = 'Correct "horse" \\ battery', "the-gateways-own"
LOGINS = [f"user{number}@example.test" for number in range(200)]
ALIASES = {login.replace("user", "alias"): login for login in LOGINS}


@contextmanager
def running() -> Iterator[dict[str, int]]:
    """The port of each protocol. The servers must have nothing to complain of until they end."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-m", "tests.demo.mailhost"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, text=True, cwd=root, **pipes) as server:
        try:
            line = server.stdout.readline()
            assert line, server.stderr.read()
            yield json.loads(line)
            _, complaints = server.communicate(timeout=20)
            assert (complaints, server.returncode) == ("", 0)
        finally:
            server.kill()


def imap_client(port, login, password=PASSWORD):
    session = imaplib.IMAP4("127.0.0.1", port, timeout=20)
    try:
        session.login(login, password)
    except session.error:
        session.shutdown()
        raise
    return session


def data(answer):
    kind, lines = answer
    assert kind == "OK", lines
    return lines


def fetched(session, numbers, item):
    return data(session.fetch(numbers, item))[0][1]


def main() -> None:
    """Serve until standard input ends."""
    import gateway.demo.run

    assert "twisted.internet.reactor" not in sys.modules, "the import installed a reactor"
    from twisted.internet import asyncioreactor

    with asyncio.Runner() as runner:
        # A busy machine is nothing to complain of.
        runner.get_loop().slow_callback_duration = 60
        asyncioreactor.install(runner.get_loop())
        accounts = gateway.demo.run.Accounts(dict.fromkeys(LOGINS, PASSWORD), SHARED, ALIASES)
        runner.run(serve(accounts, gateway.demo.run.directory(SHARED)))


async def serve(accounts, tree) -> None:
    from twisted.internet import reactor

    from gateway.demo.servers import servers

    async with servers(reactor, "127.0.0.1", accounts, tree) as ports:
        print(json.dumps(ports), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    main()

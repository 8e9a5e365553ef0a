"""What the demo tells whoever started it: users, and lines to copy."""

import shlex
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from gateway.demo.directory.entries import BASE
from gateway.demo.people import Person
from store.secret import grouped

# RFC 6238, with nothing but Python.
_CODE = (
    "import base64, hmac, struct, time; "
    "d = hmac.digest(base64.b32decode('{secret}'), struct.pack('>Q', int(time.time()) // 30), 'sha1'); "
    "o = d[-1] & 15; print('%06d' % ((int.from_bytes(d[o:o + 4], 'big') & 0x7fffffff) % 10**6))"
)
_PYTHON = """python3 -c "
import imaplib, ssl
trust = ssl.create_default_context(cafile='{ca}')
mail = imaplib.IMAP4_SSL('localhost', {port}, ssl_context=trust)
print(mail.login('{login}', '{secret}'), mail.select())
print(mail.fetch('1', '(RFC822.HEADER)')[1][0][1].decode())"
"""


def welcome(
    people: Sequence[Person], ports: dict[str, int], portal_url: str, ca: Path, config: Path, command: Path
) -> str:
    """The text. `command` is the path of the console script."""
    fritz = people[-1]
    trust = shlex.quote(str(ca))
    wicketgate = f"WICKETGATE_CONFIG={shlex.quote(str(config))} {shlex.quote(str(command))}"
    return "\n".join(
        [
            "",
            "Wicketgate is open, in front of servers of its own: all in this process, on loopback.",
            "",
            *_table(people),
            "",
            *_portal(fritz, portal_url, ca),
            *_imap(fritz, ports, ca),
            *_other_protocols(people, ports, trust),
            *_directory(people, ports, trust),
            "Delete the app password while a client is logged in, and watch it go:",
            "",
            f"{wicketgate} app-password delete {fritz.login} {fritz.app_password_id}",
            f"{wicketgate} explain {fritz.login} --protocol imap",
            "",
            "Ctrl-C ends the demo and removes everything that it made.",
            "",
        ]
    )


def _portal(fritz: Person, portal_url: str, ca: Path) -> list[str]:
    return [
        "The portal, where people register a second step and create app passwords. Sign in as enno, who has",
        "no second step yet, or as fritz, who has. Browsers warn unless they trust the demo's CA:",
        "",
        f"  {portal_url}/",
        f"  {ca}",
        "",
        f"fritz's second step, for your authenticator app: {fritz.totp_secret}, or without one:",
        "",
        f'python3 -c "{_CODE.format(secret=fritz.totp_secret)}"',
        "",
    ]


def _imap(fritz: Person, ports: dict[str, int], ca: Path) -> list[str]:
    trust = shlex.quote(str(ca))
    url = f"'imaps://localhost:{ports['imaps']}/INBOX;MAILINDEX=1'"
    return [
        "fritz has two-step verification, so his mail client needs the app password:",
        "",
        f"curl --cacert {trust} --user {fritz.login}:{fritz.secret} {url}",
        "",
        "His main password is refused, after two seconds, and the answer says what to do:",
        "",
        f"curl -v --cacert {trust} --user {fritz.login}:{fritz.main_password} {url}",
        "",
        "The same from Python, and by hand with STARTTLS:",
        "",
        _PYTHON.format(port=ports["imaps"], ca=ca, login=fritz.login, secret=fritz.secret),
        f"openssl s_client -quiet -starttls imap -connect localhost:{ports['imap']} -CAfile {trust}",
        f"a LOGIN {fritz.login} {grouped(fritz.secret)}",
        "",
    ]


def _other_protocols(people: Sequence[Person], ports: dict[str, int], trust: str) -> list[str]:
    dora, fritz = people[0], people[-1]
    send = f"--mail-from {fritz.login} --mail-rcpt {dora.login} --upload-file -"
    plain = b64encode(f"\0{fritz.login}\0{fritz.secret}".encode()).decode()
    return [
        "He writes to dora by SMTP, and she looks by POP3; nothing ever leaves this process:",
        "",
        f"printf 'Subject: Hello\\r\\n\\r\\nHello dora\\r\\n' | curl --cacert {trust} "
        f"--user {fritz.login}:{fritz.secret} {send} smtps://localhost:{ports['smtps']}",
        f"curl --cacert {trust} --user {dora.login}:{dora.secret} pop3s://localhost:{ports['pop3s']}/4",
        "",
        "ManageSieve, by hand. The demo keeps Sieve scripts, but runs none:",
        "",
        f"openssl s_client -quiet -crlf -starttls sieve -connect localhost:{ports['sieve']} -CAfile {trust}",
        f'AUTHENTICATE "PLAIN" "{plain}"',
        'PUTSCRIPT "first" "keep;"',
        "LISTSCRIPTS",
        "",
    ]


def _directory(people: Sequence[Person], ports: dict[str, int], trust: str) -> list[str]:
    dora, fritz = people[0], people[-1]
    # OpenLDAP's clients take localhost for the machine's full name, which the certificate may not have.
    ldaps, ldap = f"ldaps://127.0.0.1:{ports['ldaps']}", f"ldap://127.0.0.1:{ports['ldap']}"
    search = f"-b {BASE} '(cn=d*)' cn mail telephoneNumber"
    return [
        "LDAP: he looks dora up in the directory, by TLS and by StartTLS, and asks who he is there.",
        "Dora may still bind with her main password, and does so by the DN of her entry:",
        "",
        f"export LDAPTLS_CACERT={trust}",
        f"ldapsearch -x -H {ldaps} -D {fritz.login} -w {fritz.secret} {search}",
        f"ldapsearch -x -ZZ -H {ldap} -D {fritz.login} -w {fritz.secret} {search}",
        f"ldapwhoami -x -H {ldaps} -D {fritz.login} -w {fritz.secret}",
        f"ldapwhoami -x -H {ldaps} -D {dora.dn} -w {dora.main_password}",
        "",
    ]


def _table(people: Sequence[Person]) -> list[str]:
    row = "  {:20}  {:9}  {:20}  {}"
    lines = [row.format("user", "MFA", "main password", "app password")]
    lines += [row.format(one.login, one.mfa.value, one.main_password, grouped(one.secret)) for one in people]
    return lines

"""OpenLDAP's clients, as administrators run them: ldapsearch, ldapmodify, ldapwhoami and so on."""

import os
import subprocess

from tests.servers.directory import Directory


def tool(
    directory: Directory, program: str, *arguments: str, who: tuple[str, str] | None = None, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Its exit status is LDAP's result code. `who` is a name and a password; without it, it's anonymous."""
    connect = ["-x", "-H", directory.url, *(["-ZZ"] if directory.tls == "starttls" else [])]
    bind = ["-D", who[0], "-w", who[1]] if who else []
    return subprocess.run(
        [program, *connect, *bind, *arguments],
        input=text,
        capture_output=True,
        text=True,
        # No other: neither the settings of who runs the tests, nor another language's messages.
        env={"PATH": os.environ["PATH"], "LDAPTLS_CACERT": str(directory.ca_file)},
    )


def found(directory: Directory, *arguments: str, who: tuple[str, str] | None = None) -> str:
    """What ldapsearch prints: a line for each value, no comments. Raises AssertionError if it fails."""
    done = tool(directory, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", *arguments, who=who)
    assert done.returncode == 0, done.stderr
    return done.stdout

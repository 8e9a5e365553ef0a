"""Dovecot that asks a directory about passwords, by binding there as the user (auth_bind)."""

import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Directory
from tests.servers.dovecot import Dovecot

_BINDING = """
uris = {url}
tls = {starttls}
tls_ca_cert_file = {ca_file}
tls_require_cert = hard
auth_bind = yes
base = {people}
scope = onelevel
"""
# Where the user is comes from a search as the service account …
SEARCHED = f"""
dn = {SERVICE_DN}
dnpass = {SERVICE_PASSWORD}
pass_filter = (&(objectClass=inetOrgPerson)(|(uid=%u)(mail=%u)))
pass_attrs = uid=user
"""
# … or from the login name alone, without any other account: each connection begins with an anonymous bind.
BY_TEMPLATE = f"""
auth_bind_userdn = uid=%n,{PEOPLE}
"""
_SETTINGS = """
passdb {{
  driver = ldap
  args = {folder}/ldap.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
"""


@contextmanager
def dovecot_ldap(directory: Directory, lookup: str = SEARCHED) -> Iterator[Dovecot]:
    """A Dovecot with the users of `directory`. `lookup` is SEARCHED, BY_TEMPLATE or lines like them."""
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    with tempfile.TemporaryDirectory(prefix="dovecot-ldap-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "ldap.conf").write_text(_connection(directory) + lookup)
        (folder / "mail").mkdir()
        if os.geteuid() == 0:
            os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        settings = _SETTINGS.format(folder=folder, uid=owner.pw_uid, gid=owner.pw_gid)
        with Dovecot({}, settings=settings) as dovecot:
            yield dovecot


def _connection(directory: Directory) -> str:
    return _BINDING.format(
        url=directory.url,
        starttls="yes" if directory.tls == "starttls" else "no",
        ca_file=directory.ca_file,
        people=PEOPLE,
    )

"""The configuration of the Postfix that the tests start."""

from collections.abc import Mapping
from pathlib import Path

from tests.servers.certificates import Pair

# Nobody else on the machine owns files in these names' stead; a user of its own would have to be installed.
OWNER, GROUP, DELIVERS = "nobody", "mail", "daemon"

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {programs}
shlib_directory = {libraries}
# The libraries are not where Postfix expects them, and its processes know no other environment than this.
import_environment = MAIL_CONFIG LD_LIBRARY_PATH
mail_owner = {owner}
setgid_group = {group}
default_privs = {delivers}
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
myhostname = mx.example.test
mydestination =
local_recipient_maps =
local_transport = error:nothing is local
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
mynetworks = 127.0.0.1/32
message_size_limit = 52428800
smtputf8_enable = yes
default_process_limit = 200
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
virtual_mailbox_domains = example.test
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/boxes
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
{settings}
"""
_MASTER = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""
_TLS = {
    "none": "smtpd_tls_security_level=none",
    "starttls": "smtpd_tls_security_level=may",
    "implicit": "smtpd_tls_wrappermode=yes",
}
_LOGINS = {
    "xclient": "smtpd_sasl_auth_enable=yes smtpd_authorized_xclient_hosts=127.0.0.1",
    "sasl": "smtpd_sasl_auth_enable=yes",
    # It believes every client on loopback, also the one that XCLIENT has told it of.
    "gullible": "smtpd_sasl_auth_enable=yes smtpd_authorized_xclient_hosts=127.0.0.0/8",
    "relay": "smtpd_relay_restrictions=permit_mynetworks,reject",
}
DOORS = tuple((login, tls) for login in _LOGINS for tls in _TLS)


def main_cf(folder: Path, unpacked: Path, pair: Pair, sasl: int, uid: int, gid: int, settings: str) -> str:
    """The text of main.cf; `sasl` is the port of Dovecot's auth service."""
    libraries = unpacked / "usr/lib/postfix"
    return _MAIN.format(
        folder=folder,
        libraries=libraries,
        programs=libraries / "sbin",
        certificate=pair.certificate,
        key=pair.key,
        owner=OWNER,
        group=GROUP,
        delivers=DELIVERS,
        sasl=sasl,
        uid=uid,
        gid=gid,
        settings=settings,
    )


def master_cf(ports: Mapping[tuple[str, str], int]) -> str:
    """The text of master.cf: a door for each way to log in and each kind of TLS."""
    doors = [
        f"127.0.0.1:{port} inet n - n - - smtpd " + "".join(f" -o {o}" for o in _options(*door))
        for door, port in ports.items()
    ]
    return "\n".join(doors) + _MASTER


def _options(login: str, tls: str) -> list[str]:
    return [*_LOGINS[login].split(), _TLS[tls]]

"""The configuration of the Dovecot that the tests start."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers.certificates import Pair

_SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
auth_verbose = yes
protocols = imap pop3 sieve submission
listen = 127.0.0.1

ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
login_trusted_networks = 127.0.0.1

auth_mechanisms = plain login
auth_master_user_separator = *
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = {folder}/masters
  master = yes
  # Then the user is looked for among the users: an unknown one is refused, not an internal error.
  result_success = continue
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}

mail_location = maildir:~/Maildir
mail_max_userip_connections = 1000
mailbox_idle_check_interval = 1s
first_valid_uid = 1
namespace inbox {{
  inbox = yes
}}

{doors}
service auth {{
  # For Postfix, which asks Dovecot about passwords.
  inet_listener sasl {{
    port = {sasl}
  }}
}}
service anvil {{
  chroot =
  # Without this socket nobody is made to wait longer and longer after wrong passwords.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""
# Two kinds of doors: the setting that switches TLS off holds for a whole process.
_DOOR = """
service {server}-login{suffix} {{
  executable = {server}-login{options}
  type = login
  chroot =
  user = $default_login_user
  service_count = 0
{listeners}
}}
"""
_LISTENER = """
  inet_listener {name} {{
    port = {port}
    ssl = {ssl}
  }}
"""
# The doors by the name of their server; the names are those of the ports.
_DOORS = {
    "imap": ({"imap": "no", "imaps": "yes"}, {"plain": "no"}),
    "pop3": ({"pop3": "no", "pop3s": "yes"}, {"pop3_plain": "no"}),
    "managesieve": ({"sieve": "no"}, {"sieve_plain": "no"}),
    "submission": ({"submission": "no", "submissions": "yes"}, {"submission_plain": "no"}),
}
_AS_ONE_USER = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
"""


def configuration(
    folder: Path, ports: Mapping[str, int], pair: Pair, everything_as: tuple[str, str] | None
) -> str:
    """The text of dovecot.conf. `everything_as` is the user and group of a Dovecot that isn't run by root."""
    # In front: `$default_login_user` stands for what was set above it.
    users = _AS_ONE_USER.format(user=everything_as[0], group=everything_as[1]) if everything_as else ""
    return users + _SETTINGS.format(
        folder=folder,
        certificate=pair.certificate,
        key=pair.key,
        doors="".join(_doors(ports)),
        sasl=ports["sasl"],
    )


def _doors(ports: Mapping[str, int]) -> Iterator[str]:
    for server, (with_tls, without) in _DOORS.items():
        for suffix, options, names in (("", "", with_tls), ("-plain", " -o ssl=no", without)):
            listeners = "".join(
                _LISTENER.format(name=name, port=ports[name], ssl=ssl) for name, ssl in names.items()
            )
            # The usual listeners of a server are replaced by ours, and those that we don't name are off.
            yield _DOOR.format(server=server, suffix=suffix, options=options, listeners=listeners)

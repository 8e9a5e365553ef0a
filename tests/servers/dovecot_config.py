"""The configuration of the Dovecot that the tests start."""

from collections.abc import Mapping
from pathlib import Path

from tests.servers.certificates import Pair

_SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
auth_verbose = yes
protocols = imap
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

service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
# A second door without TLS: the setting that switches TLS off holds for a whole process.
service imap-login-plain {{
  executable = imap-login -o ssl=no
  type = login
  chroot =
  user = $default_login_user
  service_count = 0
  inet_listener plain {{
    port = {plain}
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
    return users + _SETTINGS.format(folder=folder, certificate=pair.certificate, key=pair.key, **ports)

#!/bin/sh
# The Debian packages that the tests start as real servers and real clients.
set -eu
exec sh requirements/apt.sh curl dovecot-imapd isync fetchmail openssl python3-venv procps

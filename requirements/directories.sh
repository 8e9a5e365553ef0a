#!/bin/sh
# Directories that would be started by being installed, and that look for their parts at fixed places: 389 Directory Server
# and Samba as a domain controller. They get a Debian of their own, which the tests run in containers.
set -eu
sh requirements/apt.sh debootstrap systemd-container
sh requirements/root.sh build/directories 389-ds-base python3-lib389 openssl samba samba-ad-provision samba-dsdb-modules \
    samba-vfs-modules winbind ldb-tools krb5-config

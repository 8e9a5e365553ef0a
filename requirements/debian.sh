#!/bin/sh
# The Debian packages that the tests start as real servers and real clients.
set -eu
sh requirements/apt.sh curl dovecot-imapd dovecot-pop3d dovecot-managesieved dovecot-submissiond isync fetchmail \
    openssl python3-venv procps swaks libnet-ssleay-perl msmtp mpop sieve-connect node-nodemailer \
    chromium dovecot-ldap ldap-utils python3-ldap libnet-ldap-perl libio-socket-ssl-perl apache2-bin libaprutil1-ldap
# Servers that would be started by being installed, and would replace the one that the machine has, are
# unpacked in a folder of ours instead. These are the libraries that they need.
sh requirements/apt.sh libdb5.3 libicu72 libnsl2 libsasl2-2 libgnutls-dane0 libidn12 libpcre2-8-0 libnss-wrapper \
    libargon2-1 libltdl7 libodbc2 libwrap0 libldap-2.5-0 liblz4-1 libpam0g libpq5 libsystemd0 libxml2 libzstd1 \
    libatomic1 libjemalloc2 liblzf1 liblua5.3-0 libopentracing-c-wrapper0 libopentracing1
for package in postfix exim4-daemon-light slapd postgresql-15 postgresql-client-15 haproxy libfaketime redis-tools prometheus; do
    sh requirements/unpack.sh "$package" build/debian
done

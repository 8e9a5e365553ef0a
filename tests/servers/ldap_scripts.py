"""Scripts as people have them: python-ldap and Perl's Net::LDAP, each in a process of its own."""

import os
import subprocess

from tests.servers.directory import BASE, Directory

_PYTHON = """
import ldap, sys
url, ca_file, starttls, name, password, base, filter = sys.argv[1:]
connection = ldap.initialize(url)
connection.set_option(ldap.OPT_X_TLS_CACERTFILE, ca_file)
connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
if starttls:
    connection.start_tls_s()
try:
    connection.simple_bind_s(name, password)
    for dn, entry in connection.search_s(base, ldap.SCOPE_SUBTREE, filter, ["mail"]):
        print(dn, *(value.decode() for value in entry.get("mail", [])))
except ldap.LDAPError as error:
    sys.exit(error.args[0]["result"])
"""
_PERL = """
use strict; use warnings; use Net::LDAP;
my ($url, $ca_file, $starttls, $name, $password, $base, $filter) = @ARGV;
my @tls = (verify => 'require', cafile => $ca_file);
my $connection = Net::LDAP->new($url, @tls) or die $@;
sub checked { my $answer = shift; exit $answer->code if $answer->code; return $answer }
checked($connection->start_tls(@tls)) if $starttls;
checked($connection->bind($name, password => $password));
my $found = checked($connection->search(base => $base, filter => $filter, attrs => ['mail']));
print join(' ', $_->dn, $_->get_value('mail')), "\\n" for $found->entries;
$connection->unbind;
"""
_COMMANDS = {
    # Debian's Python, which has python-ldap, and none of the project's own packages.
    "python-ldap": ["/usr/bin/python3", "-I", "-c", _PYTHON],
    "Net::LDAP": ["/usr/bin/perl", "-e", _PERL],
}
SCRIPTS = tuple(_COMMANDS)


def script(
    name: str, directory: Directory, who: tuple[str, str], searched: str, base: str = BASE
) -> subprocess.CompletedProcess[str]:
    """One of SCRIPTS logs in and prints DN and mail of what it finds. It ends with LDAP's result code."""
    starttls = "yes" if directory.tls == "starttls" else ""
    arguments = [directory.url, str(directory.ca_file), starttls, *who, base, searched]
    return subprocess.run(
        [*_COMMANDS[name], *arguments], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )

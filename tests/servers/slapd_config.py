"""The configuration of the slapd that the tests start, and the entries that it starts with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers.certificates import Pair
from tests.servers.directory import (
    BASE,
    GROUPS,
    PEOPLE,
    ROOT_DN,
    ROOT_PASSWORD,
    SERVICE_DN,
    SERVICE_PASSWORD,
    SERVICES,
    Person,
    group_dn,
    person_dn,
)
from tests.servers.ldif import entry

_POLICY = f"cn=policy,{SERVICES}"
_AUTHZ_TO = f"dn.regex:^uid=[^,]+,{PEOPLE}$"
_SCHEMAS = ("core", "cosine", "inetorgperson", "nis")

_SETTINGS = """
{schemas}
modulepath {package}/usr/lib/ldap
moduleload back_mdb.so
moduleload ppolicy.so
pidfile {folder}/pid
argsfile {folder}/args
loglevel 0

TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
TLSVerifyClient never
security {security}

# Proxied authorization: who has authzTo may act for whom it names.
authz-policy to
sizelimit unlimited
# How many operations may wait on one connection, before a bind and after it.
conn_max_pending 5000
conn_max_pending_auth 5000

access to dn.base="" by * read
access to dn.base="cn=Subschema" by users read
"""
# The first rule that fits is the one that holds, and `by * none` ends each.
_DATABASE = """
database mdb
suffix "{base}"
rootdn "{root}"
rootpw {root_password}
directory {folder}/data
maxsize 268435456
dbnosync
index objectClass,uid,mail,member,entryUUID eq
index cn,sn,givenName eq,sub

overlay ppolicy
ppolicy_default "{policy}"

access to attrs=userPassword by self =w by anonymous auth
# A user's own, which shows whose identity a search ran under: not even the service account reads it.
access to attrs=homePhone by self write
access to attrs=entry,objectClass,uid,mail,cn,sn,givenName,telephoneNumber,postalAddress
  by self write by users read
# What a sync needs to know of a user.
access to dn.onelevel="{people}" attrs=entryUUID,entryCSN,createTimestamp,modifyTimestamp,pwdAccountLockedTime
  by dn.base="{service}" read by self read
access to dn.base="{service}" attrs=authzTo by self auth
access to dn.subtree="{groups}" by users read
access to attrs=dc,ou by users read
access to * by self write
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What differs between the directories of the tests."""

    require_tls: bool = False  # every operation but StartTLS is refused in clear
    lock_after: int = 0  # wrong passwords; 0: only an administrator locks, by pwdAccountLockedTime
    schemas: Sequence[str] = ()  # more of those that Debian has, such as msuser


def configuration(folder: Path, package: Path, pair: Pair, options: Options) -> str:
    """The text of slapd.conf."""
    schemas = [package / f"etc/ldap/schema/{name}.schema" for name in (*_SCHEMAS, *options.schemas)]
    return (_SETTINGS + _DATABASE).format(
        schemas="\n".join(f"include {schema}" for schema in schemas),
        package=package,
        folder=folder,
        certificate=pair.certificate,
        key=pair.key,
        security="tls=1" if options.require_tls else "tls=0",
        base=BASE,
        root=ROOT_DN,
        root_password=ROOT_PASSWORD,
        policy=_POLICY,
        people=PEOPLE,
        groups=GROUPS,
        service=SERVICE_DN,
    )


def entries(people: Iterable[Person], groups: Mapping[str, Iterable[str]], options: Options) -> str:
    """All that is in the directory at its start, as LDIF. `groups` maps names to the uids of members."""
    units = [entry(unit, {"objectClass": ["organizationalUnit"]}) for unit in (PEOPLE, GROUPS, SERVICES)]
    return "".join(
        [
            entry(BASE, {"objectClass": ["domain"]}),
            *units,
            _service(),
            _policy(options),
            *(entry(person.dn, attributes_of(person)) for person in people),
            *(entry(group_dn(name), _group(members)) for name, members in groups.items()),
        ]
    )


def attributes_of(person: Person) -> dict[str, Sequence[str]]:
    usual = {
        "objectClass": ["inetOrgPerson"],
        "uid": [person.name],
        "cn": [person.name],
        "sn": [person.name],
        "mail": [f"{person.name}@example.test"],
        "userPassword": [person.password],
    }
    return usual | dict(person.attributes)


def _group(members: Iterable[str]) -> dict[str, Sequence[str]]:
    return {"objectClass": ["groupOfNames"], "member": [person_dn(name) for name in members]}


def _service() -> str:
    return entry(
        SERVICE_DN,
        {
            "objectClass": ["organizationalRole", "simpleSecurityObject"],
            "userPassword": [SERVICE_PASSWORD],
            "authzTo": [_AUTHZ_TO],
        },
    )


def _policy(options: Options) -> str:
    return entry(
        _POLICY,
        {
            "objectClass": ["organizationalRole", "pwdPolicy"],
            "pwdAttribute": ["userPassword"],
            "pwdLockout": ["TRUE"],
            "pwdMaxFailure": [str(options.lock_after)],
        },
    )

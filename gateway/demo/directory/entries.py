"""The entries of the demo's directory: the naming context, its parts, and the users."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.demo.directory.attributes import prepared_whole
from store.distinguished_name import DistinguishedName, escape_value, parse

BASE = "dc=example,dc=test"
PEOPLE = f"ou=people,{BASE}"
SERVICES = f"ou=services,{BASE}"
SERVICE_DN = f"cn=wicketgate,{SERVICES}"
_ADDRESS = "{name}$Torstraße {number}$50667 Köln"


@dataclass(frozen=True, slots=True)
class Entry:
    """A name, and values by the names of their attributes. There is no password among these."""

    dn: DistinguishedName
    attributes: Mapping[str, tuple[bytes, ...]]

    def holds(self, attribute: str, value: str | None) -> bool:
        """Whether the attribute has this value, which is a prepared one."""
        known = self.attributes.get(attribute, ())
        return value is not None and any(prepared_whole(attribute, one) == value for one in known)


def entry(dn: str, **attributes: Iterable[str]) -> Entry:
    """The entry with this DN, which must be one, and these values."""
    name = parse(dn)
    assert name is not None, f"{dn} is a DN"
    values = {type: tuple(one.encode() for one in each) for type, each in attributes.items()}
    return Entry(name, values)


def person_dn(uid: str) -> str:
    """The DN of the user with this uid."""
    return f"uid={escape_value(uid)},{PEOPLE}"


def person(given_name: str, surname: str, addresses: Iterable[str], number: int) -> Entry:
    """A user's entry; the uid is the given name in lower case. `number` makes the invented data differ."""
    uid, name = given_name.lower(), f"{given_name} {surname}"
    return entry(
        person_dn(uid),
        objectClass=("top", "person", "organizationalPerson", "inetOrgPerson"),
        uid=(uid,),
        cn=(name,),
        sn=(surname,),
        givenName=(given_name,),
        mail=addresses,
        telephoneNumber=(f"+49 221 5550-{number:03}",),
        postalAddress=(_ADDRESS.format(name=name, number=number),),
    )


def surroundings() -> list[Entry]:
    """All entries that are nobody's: what the users lie below, and the gateway's own account."""
    unit = ("top", "organizationalUnit")
    return [
        entry(BASE, objectClass=("top", "domain"), dc=("example",), description=("Wicketgate's demo",)),
        entry(PEOPLE, objectClass=unit, ou=("people",)),
        entry(SERVICES, objectClass=unit, ou=("services",)),
        entry(SERVICE_DN, objectClass=("top", "organizationalRole"), cn=("wicketgate",)),
    ]

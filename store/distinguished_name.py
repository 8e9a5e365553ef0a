"""Distinguished names: what clients bind with, turned into the one form in which entries are compared.

The grammar is strict (RFC 4514, section 3). Two names are the same where a directory would say so for
ordinary entries (caseIgnoreMatch, RFC 4517, section 4.2.11): case, canonically equivalent characters and
the amount of white space make no difference. Compatibility forms and invisible characters are refused, as
in login names. So no two names collapse that look different, and every normalised name normalises to itself.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from config import Ava, ConfigurationError, Problem, split_dn
from config.dn_syntax import LONGEST_DN
from store.visible import fold

# One short name for each of the attribute types that names are made of: RFC 4514, section 3, RFC 4519,
# section 2, and RFC 4524, section 2.
_TYPES = {
    "cn": ("commonname", "2.5.4.3"),
    "sn": ("surname", "2.5.4.4"),
    "serialnumber": ("2.5.4.5",),
    "c": ("countryname", "2.5.4.6"),
    "l": ("localityname", "2.5.4.7"),
    "st": ("stateorprovincename", "2.5.4.8"),
    "street": ("streetaddress", "2.5.4.9"),
    "o": ("organizationname", "2.5.4.10"),
    "ou": ("organizationalunitname", "2.5.4.11"),
    "title": ("2.5.4.12",),
    "postalcode": ("2.5.4.17",),
    "telephonenumber": ("2.5.4.20",),
    "name": ("2.5.4.41",),
    "givenname": ("gn", "2.5.4.42"),
    "initials": ("2.5.4.43",),
    "generationqualifier": ("2.5.4.44",),
    "dnqualifier": ("2.5.4.46",),
    "uid": ("userid", "0.9.2342.19200300.100.1.1"),
    "mail": ("rfc822mailbox", "0.9.2342.19200300.100.1.3"),
    "dc": ("domaincomponent", "0.9.2342.19200300.100.1.25"),
    "employeenumber": ("2.16.840.1.113730.3.1.3",),
}
_SHORT = {other: short for short, others in _TYPES.items() for other in others}

# RFC 4514, section 2.4; and the `=`, which may be escaped, since some libraries can't read it otherwise.
_SPECIAL = re.compile(r'[\\,+"<>;=]|\A[ #]| \Z')
_PRINTABLE_STRING = re.compile(rb"[A-Za-z0-9 '()+,./:=?-]*")  # X.680, section 41.4
_OCTET_STRING, _UTF8_STRING, _PRINTABLE, _IA5_STRING = 0x04, 0x0C, 0x13, 0x16


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """A normalised name; `rdns` begins with the entry's own. str() is its canonical form."""

    rdns: tuple[tuple[Ava, ...], ...]

    def __str__(self) -> str:
        return ",".join("+".join(map(_written, rdn)) for rdn in self.rdns)

    def lies_below(self, base: "DistinguishedName") -> bool:
        """Whether it is the base's entry or one below it."""
        return self.rdns[-len(base.rdns) :] == base.rdns


def parse(presented: bytes | str) -> DistinguishedName | None:
    """The normalised name, or None for what can be no entry of a user here.

    Refused are more than 1024 bytes or 32 RDNs, and the empty name, which is the root DSE's.
    """
    text = _decoded(presented)
    rdns = split_dn(text) if text is not None else None
    if rdns is None:
        return None
    normalised = [_rdn(rdn) for rdn in rdns]
    known = tuple(rdn for rdn in normalised if rdn is not None)
    return DistinguishedName(known) if len(known) == len(normalised) and _is_short(known) else None


@lru_cache(4096)
def normalise_dn(presented: bytes | str) -> str | None:
    """The canonical form of a name, or None as for parse()."""
    name = parse(presented)
    return str(name) if name is not None else None


def escape_value(value: str) -> str:
    """The value as it stands in a name (RFC 4514, section 2.4)."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], value).replace("\x00", "\\00")


def _decoded(presented: bytes | str) -> str | None:
    try:
        octets = presented.encode() if isinstance(presented, str) else presented
        return octets.decode() if len(octets) <= LONGEST_DN else None
    except UnicodeError:
        return None


def _is_short(rdns: tuple[tuple[Ava, ...], ...]) -> bool:
    # A letter can take more bytes in lower case, and escapes more than the client wrote.
    return len(str(DistinguishedName(rdns)).encode()) <= LONGEST_DN


def _rdn(rdn: tuple[Ava, ...]) -> tuple[Ava, ...] | None:
    """The normalised RDN. No type may come twice in it (X.501, section 8.5)."""
    avas = {ava.type: ava for ava in map(_ava, rdn) if ava is not None}
    return tuple(avas[type] for type in sorted(avas)) if len(avas) == len(rdn) else None


def _ava(ava: Ava) -> Ava | None:
    lowered = ava.type.lower()
    value = _ber_string(ava.value) if isinstance(ava.value, bytes) else ava.value
    folded = normalise_value(value) if value is not None else None
    return Ava(_SHORT.get(lowered, lowered), folded) if folded is not None else None


def normalise_value(value: str) -> str | None:
    """The value as values compare: folded, without white space around it, and one space within (RFC 4518)."""
    return fold(" ".join(part for part in value.split(" ") if part), spaces=True)


def _written(ava: Ava) -> str:
    assert isinstance(ava.value, str), "normalised values are texts"
    return f"{ava.type}={escape_value(ava.value)}"


def _ber_string(data: bytes) -> str | None:
    """The string in a `#hex` value, when it is a primitive one of the kinds that names are made of."""
    content = _ber_content(data)
    if content is None:
        return None
    try:
        if data[0] in (_OCTET_STRING, _UTF8_STRING):
            return content.decode()
        printable = data[0] == _IA5_STRING or _PRINTABLE_STRING.fullmatch(content)
        return content.decode("ascii") if printable else None
    except UnicodeError:
        return None


def _ber_content(data: bytes) -> bytes | None:
    """What is behind tag and length, where the two are of a known kind, shortest, and right to the byte."""
    if len(data) < 2 or data[0] not in (_OCTET_STRING, _UTF8_STRING, _PRINTABLE, _IA5_STRING):
        return None
    content = data[2:] if data[1] < 0x80 else data[2 + data[1] - 0x80 :]
    length = len(content).to_bytes(2, "big").lstrip(b"\0") or b"\0"
    shortest = length if len(content) < 0x80 else bytes((0x80 + len(length),)) + length
    return content if data[1:] == shortest + content else None


class Template:
    """`[directory] dn_template`: the DN of a login, and the login of a DN. Never are two users one DN.

    `{login}` is the whole login; `{local}` is what is before the `@`. Without `{domain}` beside it, `{local}`
    is for the logins of `default_domain` alone, or, where there is none, for those without a domain. Raises
    ConfigurationError for a text that no DN can come of.
    """

    __slots__ = ("_default_domain", "_name", "_placeholders")

    def __init__(self, text: str, default_domain: str) -> None:
        name = parse(text)
        if name is None:
            sentence = f'no entry here can have a DN such as "{text}"; write it without invisible characters'
            raise ConfigurationError([Problem("", "directory.dn_template", sentence)])
        self._name = name
        self._default_domain = default_domain
        self._placeholders = {rdn[0].value for rdn in name.rdns} & {"{login}", "{local}", "{domain}"}

    def dn(self, login: str) -> str | None:
        """The canonical DN of a normalised login; None for a login that has none by this template."""
        values = self._values(login)
        # What isn't its own normalised form would be the DN of another login too.
        if values is None or any(normalise_value(value) != value for value in values.values()):
            return None
        filled = [
            tuple(Ava(ava.type, values.get(str(ava.value), ava.value)) for ava in rdn)
            for rdn in self._name.rdns
        ]
        return normalise_dn(str(DistinguishedName(tuple(filled))))

    def login(self, dn: str) -> str | None:
        """The name in a normalised DN, to be judged like one that a client presents; None for other DNs."""
        name = parse(dn)
        found = self._found(name) if name is not None else None
        if found is None or any(
            re.search(r"[@\\/*\s]", found.get(part, "")) for part in ("{local}", "{domain}")
        ):
            return None
        if "{login}" in found:
            return found["{login}"] if not re.search(r"[\\/*\s]", found["{login}"]) else None
        domain = found.get("{domain}", self._default_domain)
        return f"{found['{local}']}@{domain}" if domain else found["{local}"]

    def _values(self, login: str) -> dict[str, str] | None:
        local, _, domain = login.partition("@")
        if "{login}" in self._placeholders:
            return {"{login}": login}
        if "{domain}" in self._placeholders:
            return {"{local}": local, "{domain}": domain} if domain else None
        return {"{local}": local} if domain == self._default_domain else None

    def _found(self, name: DistinguishedName) -> dict[str, str] | None:
        """What stands where the placeholders are, when all the rest is the same."""
        found: dict[str, str] = {}
        if len(name.rdns) != len(self._name.rdns):
            return None
        for wanted, rdn in zip(self._name.rdns, name.rdns, strict=True):
            if wanted[0].value in self._placeholders and len(rdn) == 1 and rdn[0].type == wanted[0].type:
                found[str(wanted[0].value)] = str(rdn[0].value)
            elif wanted != rdn:
                return None
        return found

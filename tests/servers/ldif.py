"""LDIF (RFC 2849), in which OpenLDAP's tools are told what to write."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence

Attributes = Mapping[str, Sequence[str | bytes]]


def entry(dn: str, attributes: Attributes) -> str:
    """A whole entry, to be added."""
    return _record(dn, (_line(name, value) for name, values in attributes.items() for value in values))


def replacement(dn: str, attributes: Attributes) -> str:
    """A change that puts these values in the place of all that were there; of none, the attribute goes."""
    return _record(dn, _replacing(attributes))


def deletion(dn: str) -> str:
    return _record(dn, ["changetype: delete"])


def _replacing(attributes: Attributes) -> Iterator[str]:
    yield "changetype: modify"
    for name, values in attributes.items():
        yield f"replace: {name}"
        yield from (_line(name, value) for value in values)
        yield "-"


def _record(dn: str, lines: Iterable[str]) -> str:
    return "\n".join([_line("dn", dn), *lines, "", ""])


def _line(name: str, value: str | bytes) -> str:
    """In base64, so that no value needs quoting."""
    return f"{name}:: {b64encode(value.encode() if isinstance(value, str) else value).decode()}"

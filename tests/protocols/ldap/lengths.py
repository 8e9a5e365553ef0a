"""Lengths as Windows writes them: longer than they need be."""


def long_form(data: bytes, width: int) -> bytes:
    """The same element, and all elements in it that are constructed, with lengths of `width` bytes."""
    parts, at = [], 0
    while at < len(data):
        tag, size = data[at], data[at + 1]
        assert size < 0x80
        inner = data[at + 2 : at + 2 + size]
        inner = long_form(inner, width) if tag & 0x20 else inner
        parts.append(bytes((tag, 0x80 + width)) + len(inner).to_bytes(width) + inner)
        at += 2 + size
    return b"".join(parts)

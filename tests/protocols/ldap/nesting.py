"""What an attacker does to a message, at whatever depth."""

from protocols.ldap import ber


def widened(data: bytes, width: int) -> bytes:
    """The same with lengths of `width` bytes: Windows writes four."""
    parts, at = [], 0
    while at < len(data):
        tag, start, at = ber.element(data, at, len(data))
        inner = widened(data[start:at], width) if tag & 0x20 else data[start:at]
        parts.append(bytes((tag, 0x80 + width)) + len(inner).to_bytes(width) + inner)
    return b"".join(parts)


def constructed(data: bytes, at: int, end: int) -> int:
    """How many elements there are that contain others."""
    count = 0
    while at < end:
        tag, start, at = ber.element(data, at, end)
        if tag & 0x20:
            count += 1 + constructed(data, start, at)
    return count


def with_more(data: bytes, which: int, more: bytes) -> bytes:
    """The message with `more` behind the last field of one of its elements, all lengths around it right."""
    count = 0

    def copied(at: int, end: int) -> bytes:
        nonlocal count
        contents = b""
        while at < end:
            tag, start, stop = ber.element(data, at, end)
            inner = data[start:stop]
            if tag & 0x20:
                mine, count = count, count + 1
                inner = copied(start, stop) + (more if mine == which else b"")
            contents += bytes((tag, 0x84)) + len(inner).to_bytes(4) + inner
            at = stop
        return contents

    return copied(0, len(data))

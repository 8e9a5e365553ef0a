"""Texts from strangers, made safe to store and to show on one line."""


def printable(text: str, limit: int) -> str:
    """At most `limit` characters; what doesn't print, such as controls and half surrogates, becomes `?`."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:limit])

"""Which characters a name may have: those that are seen, and are what they look like."""

import unicodedata

# Controls, format, surrogates, private use, unassigned, and the three kinds of separators.
_REFUSED_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"))
# Letters and marks that show nothing: joiner, Hangul fillers, Khmer vowels, variation selectors.
_INVISIBLE_CODES = (
    *(0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
)
_INVISIBLE = frozenset(map(chr, _INVISIBLE_CODES))


def is_plain(text: str, spaces: bool = False) -> bool:
    """Whether every character is visible (`spaces`: or U+0020), and none a compatibility form of others."""
    if unicodedata.normalize("NFKC", text) != unicodedata.normalize("NFC", text):
        return False
    return not any(
        unicodedata.category(letter) in _REFUSED_CATEGORIES or letter in _INVISIBLE
        for letter in (text.replace(" ", "") if spaces else text)
    )


def fold(text: str, spaces: bool = False) -> str | None:
    """The form in which texts compare: NFC and lower case. None for what isn't plain or is empty.

    None also where a second pass would give something else.
    """
    once = _once(text, spaces)
    return once if once and _once(once, spaces) == once else None


def _once(text: str, spaces: bool) -> str | None:
    if not is_plain(text, spaces):
        return None
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())

"""The skeleton of a login name: what is left of it when all is taken away that a mail server may overlook.

A server may take several spellings of a name for one user: without accents (the collation of its database),
without the dots, with a tag behind "+". Two names with one skeleton may be one user there, and are not taken
for two users here (the idea, and the word, are those of UTS #39, section 4).
"""

import unicodedata

# Letters that have no decomposition, and that collations take for plain ones all the same.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",
        "ŧ": "t",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
    }
)


def skeleton(name: str) -> tuple[str, str]:
    """The skeleton of the local part of a normalised name, and its domain, empty where it has none."""
    local, _, domain = name.partition("@")
    return _letters(local.partition("+")[0]) or _letters(local) or local, domain


def _letters(text: str) -> str:
    """Letters and digits alone, in one case and without accents."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = unicodedata.normalize("NFKD", apart).translate(_PLAIN)
    return "".join(letter for letter in plain if letter.isalnum())

"""Templates stay plain English: their sentences are found here, and marked for translation as they are read.

A sentence is what stands between two tags, with the values and the emphasis in it. So none can be forgotten,
and the templates are as easy to read as the pages.
"""

import re

from jinja2.ext import Extension

# A block, a comment or a value of Jinja's, or a tag with whatever of those is in it.
_TOKEN = re.compile(
    r"(\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}|<[!/a-zA-Z](?:\{\{.*?\}\}|\{%.*?%\}|[^>])*>)", re.DOTALL
)
_INLINE = re.compile(r"</?(?:strong|em|code)>")
_VALUE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
# What stands around a sentence and belongs to none.
_BEFORE = re.compile(r"(?:\s|[,;:.(/\u2013\u2192·])+")
_SPOKEN_ATTRIBUTES = re.compile(
    r'(?<=\s)(aria-label|placeholder|data-(?:title|stopped|known|failed|unknown|word-copied|word-kept))="((?:\{\{.*?\}\}|[^"])*)"'
)


class Sentences(Extension):
    """Wraps each sentence into a trans block of Jinja's i18n extension."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source with its sentences marked."""
        made: list[str] = []
        run: list[str] = []
        for index, piece in enumerate(_TOKEN.split(source)):
            is_token = index % 2 == 1
            if not is_token or piece.startswith("{{") or _INLINE.fullmatch(piece):
                run.append(piece)
                continue
            made += [_marked("".join(run)), _with_attributes(piece) if piece.startswith("<") else piece]
            run.clear()
        return "".join([*made, _marked("".join(run))])


def _with_attributes(tag: str) -> str:
    return _SPOKEN_ATTRIBUTES.sub(lambda found: f'{found[1]}="{_marked(found[2])}"', tag)


def _marked(text: str) -> str:
    """The same text, with its sentence, if there is one, in a block."""
    if not _WORD.search(_INLINE.sub("", _VALUE.sub("", text))):
        return text
    before, sentence, after = _inner(text)
    values: dict[str, str] = {}
    body = _VALUE.sub(lambda found: "{{ " + _name(found[1], values) + " }}", sentence)
    assigned = ", ".join(f"{name}={value}" for name, value in values.items())
    return f"{before}{{% trans {assigned} %}}{' '.join(body.split())}{{% endtrans %}}{after}"


def _inner(text: str) -> tuple[str, str, str]:
    """What stands before the sentence, the sentence, and what stands behind it."""
    begin, end = 0, len(text.rstrip())
    while True:
        found = _BEFORE.match(text, begin, end)
        tag = _INLINE.match(text, begin, end)
        if found is not None:
            begin = found.end()
        elif tag is not None and not tag[0].startswith("</"):
            closing = tag[0].replace("<", "</")
            rest = text[tag.end() : end]
            if rest.endswith(closing) and rest.count(closing) == 1:
                begin, end = tag.end(), end - len(closing)
            elif closing not in rest:
                begin = tag.end()
            else:
                break
        elif tag is not None:
            begin = tag.end()
        else:
            break
    return text[:begin], text[begin:end], text[end:]


def _name(value: str, values: dict[str, str]) -> str:
    """A name for translators: the last word before a filter, and a number where two are called the same."""
    words = re.findall(r"\b(?!(?:or|if|else|say)\b)[a-z]\w*", value.partition("|")[0].partition("(")[0])
    name = words[-1] if words else "value"
    for candidate in (name, *(f"{name}{number}" for number in range(2, 10))):
        if values.get(candidate, value) == value:
            values[candidate] = value
            return candidate
    raise ValueError(f"a sentence with very many values: {value}")

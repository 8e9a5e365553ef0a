"""Reads an Autodiscover request: two texts out of a small XML document from a stranger.

Document types are refused, and with them all entities: nothing is fetched and nothing grows (CWE-611, 776).
"""

from dataclasses import dataclass
from xml.parsers import expat

_REQUEST_SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
RESPONSE_SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_AROUND = ("Autodiscover", "Request")
_WANTED = ("EMailAddress", "AcceptableResponseSchema")
_DEEPEST = 8
_LONGEST_TEXT = 512


@dataclass(frozen=True, slots=True)
class PoxRequest:
    """For which address settings are asked, and in which schema."""

    address: str
    schema: str


class NoRequest(Exception):
    """This is no Autodiscover request."""


def read_request(body: bytes) -> PoxRequest:
    """Raises `NoRequest`."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NoRequest(str(error)) from None
    address, schema = (reader.texts.get(name, "").strip() for name in _WANTED)
    return PoxRequest(address, schema)


class _Reader:
    """Follows the parser: Autodiscover, Request, and the texts in it."""

    __slots__ = ("_open", "texts")

    def __init__(self) -> None:
        self._open: list[str] = []
        self.texts: dict[str, str] = {}

    def start(self, name: str, _: dict[str, str]) -> None:
        namespace, _separator, local = name.rpartition(" ")
        depth = len(self._open)
        if depth >= _DEEPEST:
            raise NoRequest("the elements are too deep")
        if depth < len(_AROUND) and (namespace, local) != (_REQUEST_SCHEMA, _AROUND[depth]):
            raise NoRequest("the elements aren't those of a request")
        self._open.append(local)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        if len(self._open) == 3 and self._open[-1] in _WANTED:
            text = self.texts.get(self._open[-1], "") + data
            if len(text) > _LONGEST_TEXT:
                raise NoRequest("a text is too long")
            self.texts[self._open[-1]] = text


def _refuse(*_: object) -> None:
    raise NoRequest("a document type isn't allowed")

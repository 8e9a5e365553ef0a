"""LDAP's requests, from the words of a transcript and back: by ldap3's definitions, not by our own codec."""

from collections.abc import Callable
from typing import Any

from ldap3.operation import search as ldap3_search
from ldap3.protocol import rfc4511

Words = list[bytes]

_SCOPES = (b"base", b"one", b"sub")
_CHANGES = (b"add", b"delete", b"replace")
_SICILY = {
    b"discovery": "sicilyPackageDiscovery",
    b"negotiate": "sicilyNegotiate",
    b"response": "sicilyResponse",
}
_TYPES_ONLY = b"types-only"
# Well-known names for what would be numbers in a transcript.
OIDS = {
    b"StartTLS": b"1.3.6.1.4.1.1466.20037",
    b"WhoAmI": b"1.3.6.1.4.1.4203.1.11.3",
    b"PasswordModify": b"1.3.6.1.4.1.4203.1.11.1",
    b"Cancel": b"1.3.6.1.1.8",
    b"Turn": b"1.3.6.1.1.19",
    b"StartTransaction": b"1.3.6.1.1.21.1",
    b"FastBind": b"1.2.840.113556.1.4.1781",
    b"ProxiedAuthorization": b"2.16.840.1.113730.3.4.18",
    b"ProxiedAuthorizationV1": b"2.16.840.1.113730.3.4.12",
    b"SessionTracking": b"1.3.6.1.4.1.21008.108.63.1",
    b"ManageDsaIT": b"2.16.840.1.113730.3.4.2",
    b"PagedResults": b"1.2.840.113556.1.4.319",
}
_NAMES = {number: name for name, number in OIDS.items()}


def oid(word: bytes) -> bytes:
    return OIDS.get(word, word)


def oid_name(number: bytes) -> bytes:
    return _NAMES.get(number, number)


def search_filter(text: str) -> Any:
    """A filter as ldap3 compiles it from its string (RFC 4515)."""
    parsed = ldap3_search.parse_filter(text, None, True, False, None, False)
    return ldap3_search.compile_filter(parsed.elements[0])


def _bind(words: Words) -> tuple[str, Any]:
    """NAME PASSWORD, and the version where it isn't 3."""
    name, secret, *version = words
    request = rfc4511.BindRequest()
    request["version"] = int(version[0]) if version else 3
    request["name"] = name
    request["authentication"]["simple"] = secret
    return "bindRequest", request


def _sasl(words: Words) -> tuple[str, Any]:
    """NAME MECHANISM [CREDENTIALS]"""
    name, mechanism, *credentials = words
    request = rfc4511.BindRequest()
    request["version"], request["name"] = 3, name
    sasl = rfc4511.SaslCredentials()
    sasl["mechanism"] = mechanism
    if credentials:
        sasl["credentials"] = credentials[0]
    request["authentication"]["sasl"] = sasl
    return "bindRequest", request


def _sicily(words: Words) -> tuple[str, Any]:
    """NAME STEP TOKEN: how Windows logged in before it spoke SASL."""
    name, method, token = words
    request = rfc4511.BindRequest()
    request["version"], request["name"] = 3, name
    request["authentication"][_SICILY[method]] = token
    return "bindRequest", request


def _unbind(words: Words) -> tuple[str, Any]:
    return "unbindRequest", rfc4511.UnbindRequest("")


def _search(words: Words) -> tuple[str, Any]:
    """BASE SCOPE FILTER ATTRIBUTE…, and `types-only` behind it."""
    base, scope, text, *attributes = words
    request = rfc4511.SearchRequest()
    request["baseObject"], request["scope"] = base, _SCOPES.index(scope)
    request["derefAliases"] = request["sizeLimit"] = request["timeLimit"] = 0
    request["typesOnly"] = attributes[-1:] == [_TYPES_ONLY]
    request["filter"] = search_filter(text.decode())
    request["attributes"] = rfc4511.AttributeSelection().clear()
    request["attributes"].extend([name for name in attributes if name != _TYPES_ONLY])
    return "searchRequest", request


def _modify(words: Words) -> tuple[str, Any]:
    """DN CHANGE:ATTRIBUTE=VALUE…"""
    request = rfc4511.ModifyRequest()
    request["object"] = words[0]
    for at, word in enumerate(words[1:]):
        kind, _, told = word.partition(b":")
        change = rfc4511.Change()
        change["operation"] = _CHANGES.index(kind)
        _attribute(change["modification"], told)
        request["changes"][at] = change
    return "modifyRequest", request


def _add(words: Words) -> tuple[str, Any]:
    """DN ATTRIBUTE=VALUE…"""
    request = rfc4511.AddRequest()
    request["entry"] = words[0]
    for at, word in enumerate(words[1:]):
        _attribute(request["attributes"][at], word)
    return "addRequest", request


def _attribute(attribute: Any, word: bytes) -> None:
    name, _, value = word.partition(b"=")
    attribute["type"] = name
    attribute["vals"][0] = value


def _delete(words: Words) -> tuple[str, Any]:
    return "delRequest", rfc4511.DelRequest(words[0])


def _rename(words: Words) -> tuple[str, Any]:
    """DN NEW-RDN [NEW-SUPERIOR]"""
    request = rfc4511.ModifyDNRequest()
    request["entry"], request["newrdn"], request["deleteoldrdn"] = words[0], words[1], False
    if words[2:]:
        request["newSuperior"] = words[2]
    return "modDNRequest", request


def _compare(words: Words) -> tuple[str, Any]:
    """DN ATTRIBUTE=VALUE"""
    request = rfc4511.CompareRequest()
    request["entry"] = words[0]
    request["ava"]["attributeDesc"], _, request["ava"]["assertionValue"] = words[1].partition(b"=")
    return "compareRequest", request


def _abandon(words: Words) -> tuple[str, Any]:
    return "abandonRequest", rfc4511.AbandonRequest(int(words[0]))


def _extended(words: Words) -> tuple[str, Any]:
    """OID [VALUE]"""
    request = rfc4511.ExtendedRequest()
    request["requestName"] = oid(words[0])
    if words[1:]:
        request["requestValue"] = words[1]
    return "extendedReq", request


ENCODERS: dict[str, Callable[[Words], tuple[str, Any]]] = {
    "bind": _bind,
    "bind-sasl": _sasl,
    "bind-sicily": _sicily,
    "unbind": _unbind,
    "search": _search,
    "modify": _modify,
    "add": _add,
    "delete": _delete,
    "rename": _rename,
    "compare": _compare,
    "abandon": _abandon,
    "extended": _extended,
}


def words_of(name: str, request: Any) -> tuple[str, Words]:
    """The same backwards, for the requests that the gateway makes itself."""
    if name == "bindRequest":
        words = [bytes(request["name"]), bytes(request["authentication"]["simple"])]
        return "bind", words if request["version"] == 3 else [*words, b"%d" % request["version"]]
    if name == "extendedReq":
        return "extended", [oid_name(bytes(request["requestName"]))]
    if name == "searchRequest":
        text = ldap3_search.filter_to_string(request["filter"]).encode()
        asked = [bytes(word) for word in request["attributes"]]
        return "search", [bytes(request["baseObject"]), _SCOPES[int(request["scope"])], text, *asked]
    assert name == "unbindRequest", "the gateway asks for nothing else"
    return "unbind", []

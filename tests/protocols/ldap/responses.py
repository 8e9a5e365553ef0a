"""LDAP's responses, from the words of a transcript and back: by ldap3's definitions, not by our own codec."""

from typing import Any

from ldap3.protocol import rfc4511

from tests.protocols.ldap.requests import Words, oid, oid_name

# Those that are results and nothing else. Their words: CODE [TEXT], then what follows an @ sign.
_RESULTS = {
    "bind-response": ("bindResponse", rfc4511.BindResponse),
    "search-done": ("searchResDone", rfc4511.SearchResultDone),
    "modify-response": ("modifyResponse", rfc4511.ModifyResponse),
    "add-response": ("addResponse", rfc4511.AddResponse),
    "delete-response": ("delResponse", rfc4511.DelResponse),
    "rename-response": ("modDNResponse", rfc4511.ModifyDNResponse),
    "compare-response": ("compareResponse", rfc4511.CompareResponse),
    "extended-response": ("extendedResp", rfc4511.ExtendedResponse),
}
_KINDS = {name: kind for kind, (name, _) in _RESULTS.items()}
# What may stand behind code and text, each as `@NAME=VALUE`.
_OPTIONAL = {
    b"@matched": "matchedDN",
    b"@referral": "referral",
    b"@name": "responseName",
    b"@value": "responseValue",
}
KINDS = (*_RESULTS, "entry", "reference", "intermediate")


def encoded(kind: str, words: Words) -> tuple[str, Any]:
    if kind in _RESULTS:
        return _result(kind, words)
    if kind == "entry":
        return _entry(words)
    if kind == "reference":
        response = rfc4511.SearchResultReference()
        response.extend(words)
        return "searchResRef", response
    response = rfc4511.IntermediateResponse()
    response["responseName"] = words[0]
    return "intermediateResponse", response


def _result(kind: str, words: Words) -> tuple[str, Any]:
    name, make = _RESULTS[kind]
    response = make()
    plain = [word for word in words if not word.startswith(b"@")]
    response["resultCode"] = int(plain[0])
    response["matchedDN"] = b""
    response["diagnosticMessage"] = plain[1] if plain[1:] else b""
    for word in words[len(plain) :]:
        option, _, value = word.partition(b"=")
        field = _OPTIONAL[option]
        if field == "referral":
            response[field] = rfc4511.Referral()
            response[field].append(value)
        else:
            response[field] = oid(value) if field == "responseName" else value
    return name, response


def _entry(words: Words) -> tuple[str, Any]:
    """DN ATTRIBUTE=VALUE…; several of one attribute stand together; without `=` it has no value."""
    response = rfc4511.SearchResultEntry()
    response["object"] = words[0]
    attributes = response["attributes"].clear()
    for word in words[1:]:
        name, equals, value = word.partition(b"=")
        if not len(attributes) or bytes(attributes[-1]["type"]) != name:
            attributes[len(attributes)]["type"] = name
            attributes[-1]["vals"].clear()
        if equals:
            attributes[-1]["vals"].append(value)
    return "searchResEntry", response


def words_of(name: str, response: Any) -> tuple[str, Words]:
    """The kind of a response, and its words."""
    if name == "searchResEntry":
        return "entry", [bytes(response["object"]), *_attributes(response["attributes"])]
    assert name in _KINDS, "the gateway answers nothing else by itself"
    words = [b"%d" % int(response["resultCode"]), bytes(response["diagnosticMessage"])]
    for option, field in _OPTIONAL.items():
        if field not in response or not response[field].hasValue() or not response[field]:
            continue
        value = bytes(response[field][0] if field == "referral" else response[field])
        words.append(option + b"=" + (oid_name(value) if field == "responseName" else value))
    return _KINDS[name], words


def _attributes(attributes: Any) -> Words:
    words = []
    for attribute in attributes:
        name, values = bytes(attribute["type"]), [bytes(value) for value in attribute["vals"]]
        words += [name + b"=" + value for value in values] or [name]
    return words

"""Microsoft's Autodiscover as Outlook 2007 to 2016 ask for it ("POX"): one XML document for another.

The answer is the same whoever is asked about: it tells nobody who exists. Programs send the password along
with it; nothing here looks at that.
"""

import re
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.responses import PlainTextResponse, Response

from config import ClientSettings
from portal.setup.pox_request import RESPONSE_SCHEMA, NoRequest, read_request
from portal.setup.servers import servers
from portal.visit import Visit

_AROUND = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")
_INVALID, _NO_PROVIDER = "600", "601"


def answer(visit: Visit) -> Response:
    """The servers for the address in the request, or Autodiscover's own error."""
    try:
        asked = read_request(visit.body)
    except NoRequest:
        return _error(_INVALID, "Invalid Request")
    if not _ADDRESS.fullmatch(asked.address) or not asked.address.isprintable():
        return _error(_INVALID, "Invalid Request")
    if asked.schema != RESPONSE_SCHEMA:  # such as that of phones with ActiveSync
        return _error(_NO_PROVIDER, "Provider is not available")
    found = servers(visit.state.settings, ("imap", "pop3", "smtp"))
    if found.incoming is None or found.outgoing is None:
        return PlainTextResponse("There is nothing to set up here.", 404)
    root = Element("Autodiscover", xmlns=_AROUND)
    response = SubElement(root, "Response", xmlns=RESPONSE_SCHEMA)
    SubElement(SubElement(response, "User"), "DisplayName").text = asked.address
    account = SubElement(response, "Account")
    SubElement(account, "AccountType").text = "email"
    SubElement(account, "Action").text = "settings"
    for protocol in ("imap", "pop3", "smtp"):
        if protocol in found.by_protocol:
            _protocol(account, found.by_protocol[protocol], asked.address)
    return _xml(root)


def _protocol(account: Element, one: ClientSettings, address: str) -> None:
    element = SubElement(account, "Protocol")
    implicit = one.security == "tls"
    fields = {
        "Type": one.protocol.upper(),
        "Server": one.host,
        "Port": str(one.port),
        "LoginName": address,
        "DomainRequired": "off",
        "SPA": "off",  # it is on unless said otherwise, and no app password gets through it
        "SSL": "on" if implicit else "off",
        "Encryption": "SSL" if implicit else "TLS",  # TLS is what others call STARTTLS
        "AuthRequired": "on",
    }
    if one.protocol == "smtp":
        fields |= {"UsePOPAuth": "on", "SMTPLast": "off"}
    for name, text in fields.items():
        SubElement(element, name).text = text


def _error(code: str, message: str) -> Response:
    root = Element("Autodiscover", xmlns=_AROUND)
    now = f"{datetime.now(UTC):%H:%M:%S.%f}"
    error = SubElement(SubElement(root, "Response"), "Error", Time=now, Id="1")
    SubElement(error, "ErrorCode").text = code
    SubElement(error, "Message").text = message
    SubElement(error, "DebugData")
    return _xml(root)


def _xml(root: Element) -> Response:
    return Response(tostring(root, "utf-8", xml_declaration=True), media_type="text/xml")

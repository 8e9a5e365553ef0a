"""What Thunderbird and others ask for before they ask their user: draft-ietf-mailmaint-autoconfig.

It holds nothing that depends on a user, so it tells nobody who exists.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.responses import PlainTextResponse, Response

from config import ClientSettings, Settings, public_host
from portal.setup.servers import servers
from portal.visit import Visit

_SOCKETS = {"tls": "SSL", "starttls": "STARTTLS"}


def answer(visit: Visit) -> Response:
    """The document, or 404 where people can't read and send."""
    settings = visit.state.settings
    found = servers(settings, ("imap", "pop3", "smtp"))
    if found.incoming is None or found.outgoing is None:
        return PlainTextResponse("There is nothing to set up here.", 404)
    root = Element("clientConfig", version="1.1")
    provider = SubElement(root, "emailProvider", id=public_host(settings))
    for domain in _domains(settings):
        SubElement(provider, "domain").text = domain
    name = settings.portal.organisation or public_host(settings)
    SubElement(provider, "displayName").text = name
    SubElement(provider, "displayShortName").text = name
    for protocol in ("imap", "pop3"):
        if protocol in found.by_protocol:
            _server(provider, "incomingServer", found.by_protocol[protocol])
    _server(provider, "outgoingServer", found.outgoing)
    where = SubElement(
        provider, "documentation", url=f"{visit.state.place.origin}{visit.path('/app-passwords')}"
    )
    SubElement(where, "descr", lang="en").text = "With two-step verification, create an app password here."
    return Response(tostring(root, "utf-8", xml_declaration=True), media_type="text/xml")


def _server(provider: Element, tag: str, one: ClientSettings) -> None:
    server = SubElement(provider, tag, type=one.protocol)
    SubElement(server, "hostname").text = one.host
    SubElement(server, "port").text = str(one.port)
    SubElement(server, "socketType").text = _SOCKETS[one.security]
    SubElement(server, "authentication").text = "password-cleartext"  # over TLS, as all of these are
    SubElement(server, "username").text = "%EMAILADDRESS%"


def _domains(settings: Settings) -> list[str]:
    """The mail domains that the configuration names; where it names none, the host's own."""
    host = public_host(settings)
    named = [settings.login.default_domain, *settings.login.domains.values()]
    parent = host.partition(".")[2]
    return list(dict.fromkeys(filter(None, named))) or [parent if "." in parent else host]

"""An LDAP client that says what it is told to, and shows what it hears: ldap3, one operation at a time."""

import ssl
from contextlib import suppress

import ldap3
from ldap3.protocol.convert import build_controls_list
from ldap3.protocol.rfc4511 import (
    AuthenticationChoice,
    BindRequest,
    LDAPMessage,
    MessageID,
    ProtocolOp,
    Simple,
    Version,
)
from pyasn1.codec.ber import encoder

BASE = "dc=example,dc=test"
PEOPLE = f"ou=people,{BASE}"
SERVICE = f"cn=wicketgate,ou=services,{BASE}"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"
PROXIED = "2.16.840.1.113730.3.4.18"
_SECONDS = 45


def dn(uid):
    return f"uid={uid},{PEOPLE}"


def encoded(number, kind, request, controls=()):
    """A message as ldap3 and pyasn1 write it."""
    message = LDAPMessage()
    message["messageID"] = MessageID(number)
    message["protocolOp"] = ProtocolOp().setComponentByName(kind, request)
    if controls:
        message["controls"] = build_controls_list(controls)
    return encoder.encode(message)


def bind_request(name, password, version=3):
    """Any simple bind: ldap3's own function refuses some by itself."""
    request = BindRequest()
    request["version"] = Version(version)
    request["name"] = name
    request["authentication"] = AuthenticationChoice().setComponentByName("simple", Simple(password))
    return request


class DirectoryClient:
    """Without `ca_file` in clear; with it in TLS from the first byte, or later."""

    def __init__(self, port, ca_file=None, starttls=False):
        tls = None
        if ca_file is not None:
            tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=ca_file, valid_names=["localhost"])
        server = ldap3.Server(
            "localhost",
            port,
            use_ssl=tls is not None and not starttls,
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=_SECONDS,
        )
        self.ldap3 = ldap3.Connection(
            server,
            receive_timeout=_SECONDS,
            check_names=False,
            auto_range=False,
            return_empty_attributes=False,  # it would add what was asked for and isn't there
        )
        self.ldap3.open()
        if starttls:
            assert self.ldap3.start_tls()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ldap3.unbind()

    def bind(self, name, password, **more):
        """The result code and the text of a simple bind."""
        sent = self.ldap3.send("bindRequest", bind_request(name, password), **more)
        _, result = self.ldap3.get_response(sent)
        return result["result"], result["message"]

    def search(self, base, filter="(objectClass=*)", attributes=ldap3.ALL_ATTRIBUTES, **more):
        """The attributes of each entry found, by DN. `code` tells how it ended."""
        self.ldap3.search(base, filter, attributes=attributes, **more)
        found = [one for one in self.ldap3.response or () if one["type"] == "searchResEntry"]
        return {one["dn"]: dict(one["attributes"]) for one in found}

    def ask(self, operation, *arguments, **more):
        """The result code of an operation of ldap3: compare, modify and so on."""
        getattr(self.ldap3, operation)(*arguments, **more)
        return self.code

    @property
    def code(self):
        """The result code of the last operation."""
        return self.ldap3.result["result"]

    def who_am_i(self, **more):
        """The authorization identity (RFC 4532)."""
        self.ldap3.extended(WHO_AM_I, **more)
        assert self.code == 0, self.ldap3.result
        return (self.ldap3.result["responseValue"] or b"").decode()

    def until_cut(self):
        """Returns once the server has ended the connection."""
        self.ldap3.socket.settimeout(_SECONDS)
        with suppress(ConnectionError, ssl.SSLEOFError):
            while self.ldap3.socket.recv(65536):
                pass

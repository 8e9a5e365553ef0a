"""What a directory says of itself, as our probe has learned it, and the searches for it."""

from ldap3.protocol import rfc4511
from ldap3.utils.asn1 import encode

from protocols import ldap
from protocols.terms import FrontTerms
from tests.protocols.ldap import notation
from tests.protocols.play import play

OPENLDAP = {
    "structuralObjectClass": ["OpenLDAProotDSE"],
    "namingContexts": ["dc=example,dc=test"],
    "supportedControl": ["2.16.840.1.113730.3.4.18", "1.2.840.113556.1.4.319"],
    "supportedExtension": ["1.3.6.1.4.1.1466.20037", "1.3.6.1.4.1.4203.1.11.1", "1.3.6.1.1.19"],
    "supportedSASLMechanisms": ["GSSAPI", "DIGEST-MD5", "EXTERNAL"],
    "altServer": ["ldap://elsewhere.test/"],
    "supportedLDAPVersion": ["2", "3"],
    "vendorName": ["A directory"],
}


def learned(attributes: dict[str, list[str]]) -> tuple[bytes, ...]:
    """Each as ldap3 encodes it."""
    encoded = []
    for name, values in attributes.items():
        attribute = rfc4511.PartialAttribute()
        attribute["type"] = name
        attribute["vals"].clear()
        attribute["vals"].extend(values)
        encoded.append(encode(attribute))
    return tuple(encoded)


def offering(transcript: str, attributes: dict[str, list[str]], **terms: object) -> None:
    """Played by a front whose directory says this of itself. TLS is there, unless the terms say otherwise."""
    front = FrontTerms(**{"offered": learned(attributes), **terms})
    play(lambda: ldap.front(front), transcript, notation=notation)

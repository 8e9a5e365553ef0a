"""Filters as ldap3 and pyasn1 write them: another's reading of RFC 4515 and RFC 4511."""

from ldap3.operation.search import compile_filter, parse_filter
from pyasn1.codec.ber import encoder


def encoded_filter(text):
    """The octets of a filter that is written as in RFC 4515."""
    tree = parse_filter(text, None, auto_escape=False, auto_encode=False, validator=None, check_names=False)
    return encoder.encode(compile_filter(tree.elements[0]))


def escaped(value):
    """Each octet of a value as RFC 4515 lets it be written, whatever it means there."""
    return "".join(f"\\{octet:02x}" for octet in value.encode())

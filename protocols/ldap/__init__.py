"""LDAP (RFC 4511): binds are understood, again and again; all else passes as bytes, one message at a time."""

from protocols.ldap.back import back, probe
from protocols.ldap.exchange import Exchange
from protocols.ldap.front import front
from protocols.ldap.notice import GOODBYE

__all__ = ["GOODBYE", "Exchange", "back", "front", "probe"]

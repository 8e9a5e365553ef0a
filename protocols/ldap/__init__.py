"""LDAP (RFC 4511): binds are answered, again and again; all else is read whole, judged, and written anew.

Nothing of a client's octets reaches a directory but as a value that was understood: `decoding` takes a
request apart, `permission` judges it, `encoding` writes it. A directory's answers pass as they are.
"""

from protocols.ldap.back import back, probe
from protocols.ldap.exchange import Exchange
from protocols.ldap.front import front
from protocols.ldap.notice import GOODBYE

__all__ = ["GOODBYE", "Exchange", "back", "front", "probe"]

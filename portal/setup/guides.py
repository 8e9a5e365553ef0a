"""What to type into which field of which program, for one user's app password."""

from collections.abc import Collection

from config import ProtocolName
from portal.languages import marked
from portal.setup.devices import other, scanner, script
from portal.setup.guide import Guide, Owner
from portal.setup.programs import android, apple, outlook, outlook_2010, thunderbird
from portal.setup.servers import mail_address, servers
from portal.visit import Visit

_PROGRAMS = (outlook_2010, outlook, thunderbird, apple, android)
_ADDRESS = marked("your e-mail address")


def guides(visit: Visit, scopes: Collection[ProtocolName]) -> tuple[Guide, ...]:
    """Those of the programs that can do something with these protocols."""
    found = servers(visit.state.settings, scopes)
    user = Owner(visit.who.user.login, mail_address(visit.who.user) or _ADDRESS)
    made: list[Guide] = []
    incoming, outgoing = found.incoming, found.outgoing
    if incoming is not None:
        made += [program(incoming, outgoing, user) for program in _PROGRAMS]
    if outgoing is not None:
        made.append(scanner(outgoing, user))
    if incoming is not None or outgoing is not None:
        made.append(script(found, user))
    if found.by_protocol:
        made.append(other(found, user))
    return tuple(made)

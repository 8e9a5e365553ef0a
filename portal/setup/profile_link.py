"""A link to a profile with the app password in it: once, for ten minutes, and without signing in.

A phone has no session here, so the link itself is the key: the profile is sealed for it, and neither the
store nor the portal's key alone open it.
"""

from dataclasses import dataclass
from datetime import timedelta

import segno
from markupsafe import Markup

from portal.setup.servers import mail_address, servers
from portal.visit import Visit
from store.model import AppPassword
from store.portal import profiles

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ProfileLink:
    """As an address, and as a picture of it."""

    address: str
    picture: Markup


def profile_link(visit: Visit, app_password: AppPassword, secret: str) -> ProfileLink | None:
    """None where a profile would be of no use: it needs servers to read and to send, and an address."""
    state = visit.state
    found = servers(state.settings, app_password.scopes)
    if found.incoming is None or found.outgoing is None or not mail_address(visit.who.user):
        return None
    token = profiles.put_aside(state.database, state.key, app_password, secret, LASTS)
    address = f"{state.place.origin}{visit.path('/setup/mail.mobileconfig')}?key={token}"
    picture = segno.make(address, error="m").svg_inline(scale=4, border=2, svgclass="qr", lineclass=None)
    return ProfileLink(address, Markup(picture))  # noqa: S704

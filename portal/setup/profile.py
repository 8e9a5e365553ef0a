"""Apple's configuration profile (.mobileconfig): a mail account with its app password, to be installed.

The keys are those of com.apple.mail.managed in Apple's device management reference.
"""

import plistlib
import uuid
from typing import Any

from starlette.responses import Response

from config import ClientSettings
from portal.log import log
from portal.setup.servers import mail_address, servers
from portal.visit import Visit
from store import users
from store.model import Account, AppPassword
from store.portal import profiles

_TYPE = "application/x-apple-aspen-config"
_LONGEST_KEY = 100


def fetch(visit: Visit) -> Response:
    """The profile of the link, which works once. Looking ahead, as browsers do, isn't fetching."""
    if visit.request.method != "GET" or "prefetch" in visit.request.headers.get("sec-purpose", ""):
        return Response(status_code=204)
    made = _profile(visit, visit.request.query_params.get("key", ""))
    if made is None:
        return visit.show("profile_gone.html", 404)
    headers = {"Content-Disposition": 'attachment; filename="mail.mobileconfig"'}
    return Response(made, media_type=_TYPE, headers=headers)


def _profile(visit: Visit, token: str) -> bytes | None:
    state = visit.state
    if not 0 < len(token) <= _LONGEST_KEY:
        return None
    taken = profiles.take(state.database, state.key, token)
    account = users.account_by_id(state.database, taken.user_id) if taken is not None else None
    if taken is None or account is None or account.user.blocked or account.user.disabled:
        return None
    app_password = next((one for one in account.app_passwords if one.id == taken.app_password_id), None)
    if app_password is None or app_password.deleted_at is not None:
        return None
    found = servers(state.settings, app_password.scopes)
    if found.incoming is None or found.outgoing is None:
        return None
    login = account.user.login
    log.info("profile fetched", user=login, app_password_id=app_password.id, address=visit.address)
    name = state.settings.portal.organisation or state.place.host
    mail = _mail(account, app_password, found.incoming, found.outgoing, taken.secret, name)
    return plistlib.dumps(_around(mail, name))


def _mail(
    account: Account,
    app_password: AppPassword,
    incoming: ClientSettings,
    outgoing: ClientSettings,
    secret: str,
    name: str,
) -> dict[str, Any]:
    login, address = account.user.login, mail_address(account.user)
    return {
        **_payload("com.apple.mail.managed", f"mail.{app_password.id}", name),
        "EmailAccountType": "EmailTypeIMAP" if incoming.protocol == "imap" else "EmailTypePOP",
        "EmailAccountDescription": name,
        "EmailAccountName": address,
        "EmailAddress": address,
        **_server("Incoming", incoming, login),
        "IncomingPassword": secret,
        **_server("Outgoing", outgoing, login),
        "OutgoingPasswordSameAsIncomingPassword": True,
    }


def _server(side: str, one: ClientSettings, login: str) -> dict[str, Any]:
    return {
        f"{side}MailServerAuthentication": "EmailAuthPassword",
        f"{side}MailServerHostName": one.host,
        f"{side}MailServerPortNumber": one.port,
        f"{side}MailServerUseSSL": True,
        f"{side}MailServerUsername": login,
    }


def _around(mail: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        **_payload("Configuration", mail["PayloadIdentifier"] + ".profile", f"{name} mail"),
        "PayloadOrganization": name,
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [mail],
    }


def _payload(kind: str, identifier: str, name: str) -> dict[str, Any]:
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"wicketgate.{identifier}",
        "PayloadUUID": str(uuid.uuid4()).upper(),
        "PayloadDisplayName": name,
    }

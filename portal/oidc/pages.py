"""To the provider and back. What was asked is kept in the browser, sealed, for ten minutes and one answer."""

import base64
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass

from starlette.responses import RedirectResponse, Response

from portal.gate import account_of
from portal.languages import marked
from portal.log import log
from portal.oidc.documents import ProviderUnavailable
from portal.oidc.identity import Asked, Identity, NotTaken, identity
from portal.oidc.provider import Provider, is_outage
from portal.sign_in.sign_in import signed_in
from portal.visit import Visit
from store.names import normalise_login
from store.portal import provider_accounts
from store.portal.provider_accounts import Pinned, pin
from store.portal.sessions import Stage
from store.printable import printable

COOKIE = "__Host-wicketgate-oidc"
CALLBACK = "/sign-in/oidc/callback"
_BOUND_TO = "sign-in at the provider"
_LASTS = 600
_LONGEST = 4000
_REFUSED = marked("Your organisation's sign-in wasn't accepted here. Try again, or ask your help desk.")


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the answer is compared with."""

    state: str
    nonce: str
    verifier: str
    to: str
    fresh: bool
    until: int


def begin(visit: Visit) -> Response:
    """To the provider. Whose second step is too old there shows it anew."""
    provider = visit.state.provider
    if provider is None:
        return visit.not_found()
    begun = _Begun(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        to=visit.destination,
        fresh=visit.request.query_params.get("fresh") == "1",
        until=int(time.time()) + _LASTS,
    )
    more = {"state": begun.state, "nonce": begun.nonce}
    if begun.fresh:
        more["max_age"] = "0"
    try:
        url = provider.authorization_url(_callback(visit), begun.verifier, **more)
    except ProviderUnavailable as error:
        return _unavailable(visit, error)
    response = RedirectResponse(url, 303)
    sealed = visit.state.key.seal(json.dumps(asdict(begun)).encode(), _BOUND_TO)
    value = base64.urlsafe_b64encode(sealed).decode()
    # It has to come along from the provider's page, which is another site: Lax, for a GET (RFC 6265bis, 5.5).
    response.set_cookie(COOKIE, value, max_age=_LASTS, secure=True, httponly=True, samesite="lax", path="/")
    return response


def end(visit: Visit) -> Response:
    """Back from the provider."""
    provider, begun = visit.state.provider, _begun(visit)
    if provider is None:
        return visit.not_found()
    try:
        found = _identity(visit, provider, begun)
    except ProviderUnavailable as error:
        return _unavailable(visit, error)
    if isinstance(found, NotTaken):
        response = _refused(visit, found)
    else:
        response = _let_in(visit, provider.settings.issuer, *found)
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax", path="/")
    return response


def _identity(visit: Visit, provider: Provider, begun: _Begun | None) -> tuple[Identity, _Begun] | NotTaken:
    answer = visit.request.query_params
    # Another provider's answer, or one to a question that this browser hasn't asked (RFC 9207, RFC 9700).
    if begun is None or not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        return NotTaken("this browser has asked nothing, or more than ten minutes ago, or something else")
    missing = "" if provider.endpoints().names_itself else provider.settings.issuer
    if answer.get("iss", missing) != provider.settings.issuer:
        return NotTaken("it is another provider's answer: iss")
    if error := answer.get("error", ""):
        told = f"it says {printable(error, 100)}"
        if is_outage(error):
            raise ProviderUnavailable(told)
        return NotTaken(told)
    token = provider.id_token(answer.get("code", ""), _callback(visit), begun.verifier)
    if token is None:
        return NotTaken("it has no ID token for this code")
    fresh = int(visit.state.fresh.total_seconds()) if begun.fresh else None
    found = identity(provider, token, Asked(begun.nonce, fresh))
    return found if isinstance(found, NotTaken) else (found, begun)


def _let_in(visit: Visit, issuer: str, found: Identity, begun: _Begun) -> Response:
    login = _login(found.name)
    account = account_of(visit, login) if login is not None else None
    if account is None:
        return _refused(visit, NotTaken("there is no such user here, or they are blocked"), found.name)
    # From the first sign-in on, no other account there is the user's.
    user, actor = account.user, f"portal:{account.user.login}"
    pinned = pin(visit.state.database, user.id, issuer, found.subject, actor=actor)
    if pinned is not Pinned.MINE:
        holder = provider_accounts.owner(visit.state.database, issuer, found.subject)
        return _other_account(visit, user.login, pinned, holder)
    # Signed in there is no second step done here: it's as fresh as it was there (ASVS 6.8.4, 7.5.1).
    stage = Stage.SECOND_STEP if found.second_step else Stage.PASSWORD
    return signed_in(visit, account, stage, begun.to, found.seen_at)


def _login(name: str) -> str | None:
    """The claim as it is: the full login, in any case. No domain is added to it or found in it otherwise."""
    try:
        octets = name.encode()
    except UnicodeEncodeError:
        return None
    return normalise_login(octets, "", {}) if name == name.strip() else None


def _other_account(visit: Visit, login: str, pinned: Pinned, holder: str) -> Response:
    """The log names the user whose account is to be forgotten; the page tells nothing of others."""
    is_others = pinned is Pinned.OTHER_USER
    whose = holder if is_others else login
    why = f"this account at the provider is {whose}'s" if is_others else "the user has another account there"
    _log_refusal(visit, f"{why}; the help desk or `wicketgate user unpin {whose}` forgets it", login)
    return visit.show("oidc_other_account.html", 403, login=login, is_another_users=is_others)


def _begun(visit: Visit) -> _Begun | None:
    try:
        sealed = base64.urlsafe_b64decode(visit.request.cookies.get(COOKIE, "")[:_LONGEST])
        opened = visit.state.key.unseal(sealed, _BOUND_TO)
        begun = _Begun(**json.loads(opened)) if opened is not None else None
    except (ValueError, TypeError):
        return None
    return begun if begun is not None and begun.until >= time.time() else None


def _callback(visit: Visit) -> str:
    """As it's registered there, whatever host a request names."""
    return f"{visit.state.place.origin}{visit.state.place.path}{CALLBACK}"


def _refused(visit: Visit, why: NotTaken, name: str = "") -> Response:
    _log_refusal(visit, why.because, name)
    return visit.show("sign_in.html", 403, to=visit.destination, login="", error=_REFUSED)


def _log_refusal(visit: Visit, because: str, name: str) -> None:
    log.info(
        "portal sign-in",
        user=printable(name, 255),
        address=visit.address,
        verdict="refused",
        by="oidc",
        because=because,
    )


def _unavailable(visit: Visit, error: ProviderUnavailable) -> Response:
    log.error("the OpenID Connect provider can't be asked", error=str(error))
    return visit.show("unavailable.html", 503)

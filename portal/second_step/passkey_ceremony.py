"""Asking a browser to create or to show a passkey, and taking its answer.

The challenge is put aside in the session, sealed, and one answer takes it, right or wrong.
"""

from collections.abc import Iterable
from datetime import timedelta

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.second_step import passkey_answers
from portal.second_step.passkey_answers import Asked, asked, rp_id
from portal.second_step.passkey_keys import OFFERED
from portal.visit import Visit
from store.portal import passkeys, pending
from store.portal.passkeys import NewPasskey, Passkey

_CREATE = "passkey to create"
_SHOW = "passkey to show"
_LASTS = timedelta(minutes=15)
_MILLISECONDS = 300_000  # section 15.1: five minutes where the user is verified
_REQUIRED = UserVerificationRequirement.REQUIRED


def ask_to_create(visit: Visit) -> str:
    """The options of navigator.credentials.create, as JSON."""
    state, user = visit.state, visit.who.user
    name = rp_id(state.place)
    options = webauthn.generate_registration_options(
        rp_id=name,
        rp_name=state.settings.portal.organisation or name,
        user_name=user.login,
        user_id=_handle(visit),
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_REQUIRED
        ),
        supported_pub_key_algs=OFFERED,
        exclude_credentials=_descriptors(passkeys.of_user(state.database, user.id)),
    )
    _put_aside(visit, _CREATE, options.challenge)
    return webauthn.options_to_json(options)


def ask_to_show(visit: Visit) -> str:
    """The options of navigator.credentials.get, as JSON; empty for a user without a passkey."""
    known = passkeys.of_user(visit.state.database, visit.who.user.id)
    if not known:
        return ""
    options = webauthn.generate_authentication_options(
        rp_id=rp_id(visit.state.place),
        timeout=_MILLISECONDS,
        allow_credentials=_descriptors(known),
        user_verification=_REQUIRED,
    )
    _put_aside(visit, _SHOW, options.challenge)
    return webauthn.options_to_json(options)


def created(visit: Visit, answer: str) -> NewPasskey | None:
    """The passkey that was just made for us."""
    awaited = _take(visit, _CREATE)
    return passkey_answers.created(answer, awaited) if awaited is not None else None


def was_shown(visit: Visit, answer: str) -> bool:
    """Whether a passkey of this very user signed our challenge, and is no copy of one that did.

    It's looked up among the user's own: a stranger's passkey with a right signature proves nothing.
    """
    awaited, claim = _take(visit, _SHOW), passkey_answers.claim(answer)
    if awaited is None or claim is None or claim.user_handle not in (None, _handle(visit)):
        return False
    database = visit.state.database
    passkey = passkeys.find(database, visit.who.user.id, claim.credential_id)
    shown = passkey_answers.shown(answer, awaited, passkey) if passkey is not None else None
    if passkey is None or shown is None:
        return False
    return passkeys.use(database, passkey, shown.sign_count, shown.backed_up)


def _handle(visit: Visit) -> bytes:
    """What stands for the user in passkeys: always the same, and it tells nothing (section 14.6.1)."""
    return visit.state.key.digest(f"passkeys of {visit.who.user.id}")


def _put_aside(visit: Visit, what: str, challenge: bytes) -> None:
    state, value = visit.state, {"challenge": bytes_to_base64url(challenge)}
    pending.put_aside(state.database, state.key, visit.here, what, value, _LASTS)


def _take(visit: Visit, what: str) -> Asked | None:
    state = visit.state
    value = pending.take(state.database, state.key, visit.here, what)
    if value is None:
        return None
    return asked(base64url_to_bytes(str(value["challenge"])), state.place)


def _descriptors(known: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=one.made.credential_id,
            transports=[AuthenticatorTransport(way) for way in one.made.transports] or None,
        )
        for one in known
    ]

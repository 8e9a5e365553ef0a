"""Whether what a browser says of a passkey is true (WebAuthn, level 3, sections 7.1 and 7.2).

The library is handed a stranger's bytes here, so whatever it trips over, the answer is no.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import webauthn
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)

from portal.log import log
from portal.second_step.passkey_keys import OFFERED, is_fit
from portal.state import Place
from store.portal.passkeys import NewPasskey, Passkey
from store.printable import printable

_LONGEST_ID = 1023  # section 7.1, step 25

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom an answer must be: our challenge, and the host (rp_id) and the origin of our pages."""

    challenge: bytes
    rp_id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Which passkey an answer says it is from, before anything is proved. The user may be left out."""

    credential_id: bytes
    user_handle: bytes | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a passkey says of itself with a signature that is right."""

    sign_count: int
    backed_up: bool


def asked(challenge: bytes, place: Place) -> Asked:
    """The host without its port is whom passkeys are bound to (section 5.1.2)."""
    return Asked(challenge, rp_id(place), place.origin)


def rp_id(place: Place) -> str:
    """The name that passkeys know us by."""
    return place.host.rpartition(":")[0] or place.host


def created(answer: str, asked: Asked) -> NewPasskey | None:
    """A new passkey, whose authenticator made sure that it was its user."""
    return _or_no(lambda: _created(answer, asked))


def claim(answer: str) -> Claim | None:
    """Whose passkey to look for."""
    return _or_no(lambda: _claim(answer))


def shown(answer: str, asked: Asked, passkey: Passkey) -> Shown | None:
    """A signature of this passkey, made for us and just now, by an authenticator that knew its user."""
    return _or_no(lambda: _shown(answer, asked, passkey))


def _created(answer: str, asked: Asked) -> NewPasskey | None:
    credential = parse_registration_credential_json(answer)
    made = webauthn.verify_registration_response(
        credential=credential,
        expected_challenge=asked.challenge,
        expected_rp_id=asked.rp_id,
        expected_origin=asked.origin,
        require_user_verification=True,
        supported_pub_key_algs=OFFERED,
    )
    # The library reads the id from two places; what is stored is what the authenticator's own data say.
    if made.credential_id != credential.raw_id or len(made.credential_id) > _LONGEST_ID:
        return None
    if not is_fit(made.credential_public_key) or _is_framed(credential.response.client_data_json):
        return None
    transports = tuple(sorted({one.value for one in credential.response.transports or ()}))
    return NewPasskey(
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        made.credential_backed_up,
        transports,
    )


def _claim(answer: str) -> Claim:
    credential = parse_authentication_credential_json(answer)
    return Claim(credential.raw_id, credential.response.user_handle or None)


def _shown(answer: str, asked: Asked, passkey: Passkey) -> Shown | None:
    credential = parse_authentication_credential_json(answer)
    verified = webauthn.verify_authentication_response(
        credential=credential,
        expected_challenge=asked.challenge,
        expected_rp_id=asked.rp_id,
        expected_origin=asked.origin,
        credential_public_key=passkey.made.public_key,
        credential_current_sign_count=passkey.made.sign_count,
        require_user_verification=True,
    )
    if verified.credential_id != passkey.made.credential_id:
        return None
    if _is_framed(credential.response.client_data_json):
        return None
    return Shown(verified.new_sign_count, verified.credential_backed_up)


def _is_framed(client_data: bytes) -> bool:
    """Whether another site had our page in a frame, which our headers forbid."""
    return bool(parse_client_data_json(client_data).cross_origin)


def _or_no(read: Callable[[], _Found | None]) -> _Found | None:
    try:
        return read()
    except Exception as error:
        said = printable(str(error), 200)
        log.info("an answer of a passkey is refused", error=said, kind=type(error).__name__)
        return None

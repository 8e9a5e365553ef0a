"""Passkeys that lie, are stolen or belong to somebody else, by HTTP (WebAuthn, level 3, section 7)."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import users
from store.portal import passkeys
from store.portal.schema import portal_pending, portal_sessions
from tests.portal.caller import SESSION, calling
from tests.portal.passkey_caller import REGISTER, SHOW, asked, create, is_in, send, show
from tests.portal.soft_passkey import PRESENT, SYNCED, VERIFIED, Lies, SoftPasskey, unb64

STRANGE = [
    Lies(origin="https://localhost"),
    Lies(origin="https://evil.test"),
    Lies(origin="http://localhost:1"),
    Lies(rp_id="evil.test"),
    Lies(rp_id="example.test"),
    Lies(challenge="AAAA"),
    Lies(challenge=""),
    Lies(framed=True),
]


@pytest.fixture
def caller(site):
    with calling(site) as caller:
        yield caller


@pytest.fixture
def passkey(site):
    return SoftPasskey(site.portal.origin)


@pytest.fixture
def victim(site, caller, login, passkey):
    """A user with one passkey, whose password the caller knows."""
    with calling(site) as owner:
        owner.sign_in(login)
        assert create(owner, passkey).status_code == 200
        assert is_in(owner)
    caller.sign_in(login)
    return login


def stored(site, login):
    return passkeys.of_user(site.people.database, users.find(site.people.database, login).id)


def test_an_honest_passkey_is_registered_and_gets_its_user_in(site, caller, victim, passkey):
    assert not is_in(caller)
    answer = show(caller, passkey)
    assert (answer.status_code, caller.place(answer), is_in(caller)) == (303, "/", True)
    assert stored(site, victim)[0].last_used_at is not None


@pytest.mark.parametrize("lies", [*STRANGE, Lies(type="webauthn.create")])
def test_wa_01_an_answer_for_somebody_else_is_refused(caller, victim, passkey, lies):
    assert (show(caller, passkey, lies).status_code, is_in(caller)) == (403, False)


@pytest.mark.parametrize("lies", [*STRANGE, Lies(type="webauthn.get")])
def test_wa_01_a_passkey_made_for_somebody_else_is_not_registered(site, caller, login, passkey, lies):
    caller.sign_in(login)
    assert create(caller, passkey, lies).status_code == 403
    assert stored(site, login) == []


def test_wa_01_a_challenge_is_answered_once(site, victim, passkey):
    with calling(site) as first:
        first.sign_in(victim)
        page = asked(first, SHOW)
        answer = passkey.get(page.options)
        assert send(first, SHOW, page, answer).status_code == 303
        again = {"token": first.token("/methods"), "answer": answer}
        assert first.post(SHOW, again).status_code == 403


def test_wa_01_a_wrong_answer_uses_the_challenge_up(caller, victim, passkey):
    page = asked(caller, SHOW)
    assert send(caller, SHOW, page, passkey.get(page.options, Lies(rp_id="evil.test"))).status_code == 403
    assert send(caller, SHOW, page, passkey.get(page.options)).status_code == 403
    assert not is_in(caller)


@pytest.mark.parametrize("path", [SHOW, REGISTER])
def test_wa_01_an_old_challenge_is_refused(site, caller, login, passkey, path):
    caller.sign_in(login)
    if path == SHOW:
        create(caller, passkey)
    page = asked(caller, path)
    with site.people.database.write() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(portal_pending).values(expires_at=past))
    answer = passkey.get(page.options) if path == SHOW else passkey.create(page.options)
    assert send(caller, path, page, answer).status_code == 403


def test_wa_01_the_challenge_of_another_session_is_refused(site, caller, victim, passkey):
    with calling(site) as other:
        other.sign_in(victim)
        theirs = asked(other, SHOW)
    mine = asked(caller, SHOW)
    assert send(caller, SHOW, mine, passkey.get(theirs.options)).status_code == 403


def test_wa_01_the_challenge_of_a_registration_gets_nobody_in(site, caller, login, passkey):
    caller.sign_in(login)
    create(caller, passkey)
    made = asked(caller, REGISTER)
    answer = passkey.get({"challenge": made.options["challenge"], "rpId": "localhost"})
    assert send(caller, SHOW, made, answer).status_code == 403


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"id": 1}', "\0", "[" * 9000, "é"])
@pytest.mark.parametrize("path", [SHOW, REGISTER])
def test_wa_01_what_is_no_answer_at_all_is_refused(caller, login, passkey, path, answer):
    caller.sign_in(login)
    if path == SHOW:
        create(caller, passkey)
    assert send(caller, path, asked(caller, path), answer).status_code == 403


@pytest.fixture
def thief(site, _numbers):
    """The passkey of somebody else, who has an account here as well, and how that account is called in it."""
    own = SoftPasskey(site.portal.origin)
    with calling(site) as owner:
        owner.sign_in(site.add(f"{next(_numbers)}@example.test"))
        page = asked(owner, REGISTER)
        assert send(owner, REGISTER, page, own.create(page.options)).status_code == 200
        yield own, unb64(page.options["user"]["id"])


def test_wa_02_a_passkey_of_another_account_gets_nobody_into_this_one(caller, victim, passkey, thief):
    own, handle = thief
    stolen_name = SoftPasskey(own.origin, passkey.id)
    for one, lies in ((own, Lies()), (own, Lies(user_handle=handle)), (stolen_name, Lies(count=9))):
        assert (show(caller, one, lies).status_code, is_in(caller)) == (403, False)


def test_wa_02_the_owners_passkey_that_names_another_account_is_refused(caller, victim, passkey, thief):
    _, handle = thief
    assert show(caller, passkey, Lies(user_handle=handle)).status_code == 403
    assert show(caller, passkey, Lies(user_handle=b"x" * 32)).status_code == 403


def test_wa_02_a_victim_without_passkeys_has_none_to_attack(site, caller, login, thief):
    own, handle = thief
    with calling(site) as owner:
        owner.sign_up(login)
    caller.sign_in(login)
    assert "data-options" not in caller.get("/second-step").text
    answer = own.get({"challenge": "AAAA", "rpId": "localhost"}, Lies(user_handle=handle))
    token = caller.token("/second-step")
    assert caller.post(SHOW, {"token": token, "answer": answer}).status_code == 403
    assert not is_in(caller)


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED, PRESENT | VERIFIED | SYNCED])
def test_wa_03_a_passkey_that_did_not_make_sure_of_its_user_is_refused(site, caller, victim, passkey, flags):
    assert (show(caller, passkey, Lies(flags=flags)).status_code, is_in(caller)) == (403, False)
    assert show(caller, passkey).status_code == 303
    other = SoftPasskey(passkey.origin)
    assert create(caller, other, Lies(flags=flags)).status_code == 403
    assert len(stored(site, victim)) == 1


def test_wa_03_verification_is_asked_for(caller, victim, passkey):
    assert asked(caller, SHOW).options["userVerification"] == "required"
    show(caller, passkey)
    assert asked(caller, REGISTER).options["authenticatorSelection"]["userVerification"] == "required"


def test_wa_04_a_count_that_does_not_rise_is_refused(site, caller, victim, passkey):
    highest = 2**32 - 1
    for count, status in ((7, 303), (7, 403), (6, 403), (0, 403), (8, 303), (highest, 303), (9, 403)):
        assert (count, show(caller, passkey, Lies(count=count)).status_code) == (count, status)
    assert stored(site, victim)[0].made.sign_count == highest


def test_wa_04_a_passkey_that_never_counts_may_come_again(caller, login, site):
    uncounted = SoftPasskey(site.portal.origin, counts=False)
    caller.sign_in(login)
    create(caller, uncounted)
    assert [show(caller, uncounted).status_code for _ in range(2)] == [303, 303]


def test_wa_05_a_passkey_belongs_to_one_account(site, caller, login, thief):
    own, _ = thief
    caller.sign_in(login)
    assert create(caller, own).status_code == 403
    assert create(caller, SoftPasskey(own.origin, own.id)).status_code == 403
    assert stored(site, login) == []


@pytest.mark.parametrize(
    "lies",
    [
        Lies(algorithm=-65535),  # RS1
        Lies(algorithm=-36),  # ES512, which we don't offer
        Lies(algorithm=-257),  # RS256, with a key of another kind
        Lies(algorithm=-8),
        Lies(algorithm=0),
        Lies(statement={"alg": -7, "sig": b"x"}),
        Lies(format="packed"),
        Lies(format="packed", statement={"alg": -7, "sig": b"x"}),
        Lies(format="packed", statement={"alg": 0, "sig": b""}),
        Lies(format="tpm", statement={"ver": "2.0"}),
        Lies(format="android-safetynet", statement={"ver": "1", "response": b"a.b.c"}),
        Lies(format="apple"),
        Lies(format="strange"),
    ],
)
def test_wa_05_other_algorithms_and_statements_that_are_not_true_are_refused(
    site, caller, login, passkey, lies
):
    caller.sign_in(login)
    assert (create(caller, passkey, lies).status_code, stored(site, login)) == (403, [])


def test_wa_05_an_id_that_is_too_long_is_refused(site, caller, login):
    caller.sign_in(login)
    assert create(caller, SoftPasskey(site.portal.origin, b"x" * 1024)).status_code == 403
    assert create(caller, SoftPasskey(site.portal.origin, secrets.token_bytes(1023))).status_code == 200


def test_wa_06_the_password_alone_registers_no_second_passkey(site, caller, victim, passkey):
    """Neither does a challenge that is taken from another page."""
    other = SoftPasskey(passkey.origin)
    assert caller.place(caller.get(REGISTER)) == "/second-step?to=/register"
    page = asked(caller, SHOW)
    answer = other.create({"challenge": page.options["challenge"], "rp": {"id": "localhost"}})
    assert caller.place(send(caller, REGISTER, page, answer)) == "/second-step?to=/register"
    assert len(stored(site, victim)) == 1


def test_wa_06_two_who_know_the_password_cannot_both_register(site, caller, login, passkey):
    caller.sign_in(login)
    page = asked(caller, REGISTER)
    with calling(site) as owner:
        owner.sign_in(login)
        assert create(owner, passkey).status_code == 200
    answer = send(caller, REGISTER, page, SoftPasskey(passkey.origin).create(page.options))
    assert (answer.status_code, caller.place(answer)) == (303, "/sign-in?to=/")
    assert len(stored(site, login)) == 1


def test_wa_06_a_second_step_of_long_ago_registers_nothing(site, caller, victim, passkey):
    show(caller, passkey)
    page = asked(caller, REGISTER)
    with site.people.database.write() as connection:
        long_ago = datetime.now(UTC) - timedelta(minutes=11)
        connection.execute(update(portal_sessions).values(second_at=long_ago))
    answer = send(caller, REGISTER, page, SoftPasskey(passkey.origin).create(page.options))
    assert caller.place(answer) == "/second-step?to=/register"
    assert len(stored(site, victim)) == 1


def test_web_05_the_session_goes_on_under_another_token(site, caller, login, passkey):
    caller.sign_in(login)
    tokens = [caller.cookie]
    create(caller, passkey)
    tokens.append(caller.cookie)
    show(caller, passkey)
    tokens.append(caller.cookie)
    assert len(set(tokens)) == 3
    for old in tokens[:2]:
        with calling(site) as thief:
            answer = thief.get("/app-passwords", Cookie=f"{SESSION}={old}")
            assert thief.place(answer) == "/sign-in?to=/app-passwords"


def test_web_05_a_new_passkey_ends_the_other_sessions(site, caller, victim, passkey):
    show(caller, passkey)
    with calling(site) as elsewhere:
        elsewhere.sign_in(victim)
        show(elsewhere, passkey)
        assert create(caller, SoftPasskey(passkey.origin)).status_code == 303
        assert (is_in(caller), is_in(elsewhere)) == (True, False)

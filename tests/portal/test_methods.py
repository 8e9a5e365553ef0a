"""The page with a user's second steps: named, renamed, removed."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from store import audit, users
from store.model import MfaState
from store.portal import methods
from store.portal.schema import portal_sessions
from tests.portal.caller import calling
from tests.portal.passkey import VirtualPasskey
from tests.portal.passkey_caller import SHOW, create, is_in, show
from tests.portal.site import visitor
from tests.portal.soft_passkey import ELIGIBLE, PRESENT, SYNCED, VERIFIED, Lies, SoftPasskey

both_sizes = pytest.mark.parametrize("anna", ["phone", "desktop"], indirect=True)


def known(site, login):
    return methods.of_user(site.people.database, users.find(site.people.database, login).id)


def add_passkey(anna, name):
    anna.go("/register/passkey")
    anna.page.get_by_label("Name").fill(name)
    anna.page.get_by_role("button", name="Create a passkey").click()
    anna.page.wait_for_url("**/methods")


@both_sizes
def test_a_second_one_is_added_renamed_and_removed(site, anna, login):
    VirtualPasskey(anna, synced=True)
    anna.sign_up(login)
    anna.go()
    anna.page.get_by_role("link", name="Manage").click()
    anna.page.get_by_role("link", name="Add another").click()
    anna.page.get_by_role("link", name="Passkey").click()
    anna.page.get_by_label("Name").fill("My lap")
    anna.page.get_by_role("button", name="Create a passkey").click()
    expect(anna.page.get_by_role("row", name="My lap")).to_contain_text("synced between your devices")
    anna.page.get_by_role("link", name="Rename My lap").click()
    anna.page.get_by_label("Name").fill("My laptop")
    anna.page.get_by_role("button", name="Save").click()
    anna.page.get_by_role("link", name="Remove My laptop").click()
    anna.page.get_by_role("link", name="No", exact=True).click()
    expect(anna.page.get_by_role("row", name="My laptop")).to_be_visible()
    anna.page.get_by_role("link", name="Remove My laptop").click()
    anna.page.get_by_role("button", name="Yes, remove it").click()
    expect(anna.page.get_by_role("rowheader")).to_have_text(["Authenticator app"])


def test_the_page_says_when_each_was_used(anna, login):
    VirtualPasskey(anna)
    anna.sign_up(login)
    add_passkey(anna, "Key ring")
    row = anna.page.get_by_role("row", name="Key ring")
    expect(row).to_contain_text("on one device only")
    expect(row).to_contain_text("never")
    anna.go("/second-step")
    anna.page.get_by_role("button", name="Use my passkey").click()
    anna.page.wait_for_url("**/security/")
    anna.go("/methods")
    expect(row).to_contain_text("just now")


def test_the_last_one_stays_while_it_is_needed(site, browser, login):
    with visitor(site, browser, scripts=False) as bert:
        bert.sign_up(login)
        bert.go("/methods")
        bert.page.get_by_role("link", name="Remove Authenticator app").click()
        expect(bert.page.get_by_role("heading", level=1)).to_contain_text("is your only second step")
        bert.page.get_by_role("link", name="Add another").click()
        assert bert.path() == "/register"


def test_a_name_is_text_and_nothing_else(anna, login):
    VirtualPasskey(anna)
    anna.sign_up(login)
    name = "<script>alert(1)</script>\"'{{7*7}}"
    add_passkey(anna, name)
    expect(anna.page.get_by_role("rowheader", name=name)).to_be_visible()


@pytest.fixture
def caller(site):
    with calling(site) as caller:
        yield caller


@pytest.fixture
def owner(site, caller, login):
    """Somebody with an authenticator app and a passkey, signed in."""
    caller.sign_up(login)
    create(caller, SoftPasskey(site.portal.origin))
    return caller


@pytest.fixture
def stranger(site, _numbers):
    """The login of another user."""
    return site.add(f"{next(_numbers)}@example.test")


def passkey_of(site, login):
    return next(one for one in known(site, login) if one.kind is methods.Kind.PASSKEY)


def test_whether_it_is_synced_is_noted_with_each_use(site, caller, login):
    passkey = SoftPasskey(site.portal.origin)
    caller.sign_in(login)
    create(caller, passkey, Lies(flags=PRESENT | VERIFIED | ELIGIBLE))
    assert not passkey_of(site, login).backed_up
    show(caller, passkey, Lies(flags=PRESENT | VERIFIED | ELIGIBLE | SYNCED))
    assert passkey_of(site, login).backed_up


def test_web_05_removing_one_ends_the_other_sessions(site, owner, login):
    with calling(site) as elsewhere:
        elsewhere.sign_in(login)
        elsewhere.second_step(owner.codes[0])
        assert is_in(elsewhere)
        answer = owner.submit("/methods/remove", {"id": passkey_of(site, login).id}, page="/methods")
        assert owner.place(answer) == "/methods"
        assert (is_in(owner), is_in(elsewhere)) == (True, False)


def test_the_last_one_may_go_where_none_is_needed_and_takes_the_codes_along(site, caller, login):
    caller.sign_up(login)
    users.set_mfa(site.people.database, login, MfaState.DISABLED, actor="test")
    (app,) = known(site, login)
    caller.submit("/methods/remove", {"id": app.id}, page="/methods")
    assert known(site, login) == []
    caller.sign_in(login)
    assert caller.place(caller.get("/app-passwords")) == "/register"
    caller.register()
    assert len(caller.codes) == 10


def test_the_last_one_is_not_removed_by_a_form_that_is_sent_all_the_same(site, caller, login):
    caller.sign_up(login)
    (app,) = known(site, login)
    assert caller.submit("/methods/remove", {"id": app.id}, page="/methods").status_code == 409
    assert known(site, login) == [app]


def test_changes_are_in_the_audit_trail(site, owner, login):
    id = passkey_of(site, login).id
    owner.submit("/methods/rename", {"id": id, "name": "Key ring"}, page="/methods")
    owner.submit("/methods/remove", {"id": id}, page="/methods")
    entries = audit.entries(site.people.database, login, 3)
    assert {entry.actor for entry in entries} == {f"portal:{login}"}
    assert [(entry.action, entry.detail) for entry in reversed(entries)] == [
        ("second-step-added", "passkey Passkey"),
        ("second-step-renamed", "passkey Passkey, now Key ring"),
        ("second-step-removed", "passkey Key ring"),
    ]


@pytest.mark.parametrize("name", ["", "  ", "\0\0"])
def test_a_name_without_letters_changes_nothing_or_is_made_visible(site, owner, login, name):
    owner.submit("/methods/rename", {"id": passkey_of(site, login).id, "name": name}, page="/methods")
    assert passkey_of(site, login).name in ("Passkey", "??")


CHANGES = [("/methods/rename", {"name": "Mine"}), ("/methods/remove", {})]


@pytest.mark.parametrize(("path", "fields"), CHANGES)
def test_web_04_methods_are_not_changed_with_the_password_alone(site, owner, login, path, fields):
    before = known(site, login)
    with calling(site) as thief:
        thief.sign_in(login)
        answer = thief.submit(path, {"id": before[0].id, **fields}, page="/second-step")
        assert thief.place(answer).startswith("/second-step")
        assert thief.place(thief.get(path)).startswith("/second-step")
    assert known(site, login) == before


@pytest.mark.parametrize(("path", "fields"), CHANGES)
def test_web_04_methods_are_not_changed_after_a_second_step_of_long_ago(site, owner, login, path, fields):
    before = known(site, login)
    long_ago = datetime.now(UTC) - timedelta(minutes=11)
    with site.people.database.write() as connection:
        connection.execute(update(portal_sessions).values(second_at=long_ago))
    for page in ("/methods", path):
        assert owner.place(owner.get(page)) == f"/second-step?to={page}"
    answer = owner.submit(path, {"id": before[0].id, **fields}, page="/app-passwords")
    assert owner.place(answer).startswith("/second-step")
    assert known(site, login) == before


@pytest.mark.parametrize(("path", "fields"), CHANGES)
def test_web_08_methods_of_others_are_not_there(site, owner, login, path, fields, stranger):
    before = known(site, login)
    with calling(site) as other:
        other.sign_up(stranger)
        create(other, SoftPasskey(site.portal.origin))
        for one in before:
            assert other.place(other.get(f"{path}?id={one.id}")) == "/methods"
            answer = other.submit(path, {"id": one.id, **fields}, page="/methods")
            assert other.place(answer) == "/methods"
    assert known(site, login) == before


@pytest.mark.parametrize("path", [SHOW, "/register/passkey", *(path for path, _ in CHANGES)])
def test_web_06_forms_of_others_are_refused(site, owner, login, path):
    before = known(site, login)
    fields = {"id": before[0].id, "name": "Mine", "answer": "{}", "token": "x" * 43}
    token = owner.token("/methods")
    assert owner.post(path, fields).status_code == 403
    for header in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert owner.post(path, {**fields, "token": token}, header).status_code == 403
    assert known(site, login) == before


def test_there_is_an_end_to_how_many_one_can_have(site, caller, login):
    caller.sign_up(login)
    for _ in range(19):
        assert create(caller, SoftPasskey(site.portal.origin)).status_code == 303
    for path in ("/register", "/register/passkey", "/register/authenticator"):
        answer = caller.get(path)
        assert (answer.status_code, "Remove one that you don't use" in html.unescape(answer.text)) == (
            409,
            True,
        )

"""The main password is checked by a bind at a real directory, over TLS that is verified."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from config import Backend, Directory, LoginNames, Settings
from portal.sign_in.by_ldap import ByLdap
from portal.state import CannotCheck
from store.directory import Lookup
from store.distinguished_name import Template
from store.model import MfaState, User
from tests.servers.certificates import Authority
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Person, person_dn
from tests.servers.slapd import Options, Slapd

PASSWORD = "pässwörd of 2026"
ANNA = "anna@example.test"


@pytest.fixture(scope="module")
def slapd():
    people = [Person(name, PASSWORD) for name in ("anna", "bert", "a,b", "locked")]
    with Slapd(people, options=Options(require_tls=True)) as slapd:
        slapd.modify(person_dn("locked"), {"pwdAccountLockedTime": ["000001010000Z"]})
        yield slapd


@pytest.fixture
def backend(slapd, tmp_path):
    """Makes a [[backend]]: at the directory, with what a test says otherwise."""
    secret = tmp_path / "service"
    secret.touch(0o600)
    secret.write_text(SERVICE_PASSWORD)

    def make(**other):
        usual = {
            "protocol": "ldap",
            "address": f"localhost:{slapd.port}",
            "tls": "starttls",
            "ca_file": slapd.ca_file,
            "login": "service",
            "service_dn": SERVICE_DN,
            "service_password_file": secret,
        }
        return Backend(**(usual | other))

    return make


def by_template(backend):
    return ByLdap(backend, Template(f"uid={{local}},{PEOPLE}", "example.test"), None, 5.0)


def user(login, dn=None):
    now = datetime.now(UTC)
    return User(1, login, (), MfaState.ENABLED, None, False, None, dn, 1, now, None, False)


def test_the_right_password_is_right_and_others_are_not(backend):
    check = by_template(backend())
    assert check.are_right(ANNA, None, PASSWORD)
    assert check.are_right("a,b@example.test", None, PASSWORD)
    for wrong in ("passwort", PASSWORD + "x", PASSWORD.upper(), PASSWORD.encode().decode("latin-1"), "*"):
        assert not check.are_right(ANNA, None, wrong)


@pytest.mark.parametrize(
    "name", ["nobody@example.test", "anna@elsewhere.test", "*@example.test", "locked@example.test"]
)
def test_who_is_unknown_elsewhere_or_locked_is_refused(backend, name):
    assert not by_template(backend()).are_right(name, None, PASSWORD)


def test_a_bind_without_a_password_lets_nobody_in(backend):
    """RFC 4513, section 5.1.2: the directory would answer it with success."""
    check = by_template(backend())
    assert not check.are_right(ANNA, None, "")


def test_the_entry_is_the_users_own_then_the_templates_then_the_one_that_is_found(backend, slapd):
    settings = Settings(
        backend=(backend(),),
        directory=Directory(search_base=PEOPLE, search_filter="(mail={login})"),
        login=LoginNames(),
    )
    with closing(Lookup(settings)) as lookup:
        found = ByLdap(backend(), None, lookup, 5.0)
        assert found.are_right(ANNA, None, PASSWORD)
        assert not found.are_right("*", None, PASSWORD)
        own = user("somebody@example.test", person_dn("bert"))
        assert found.are_right("somebody@example.test", own, PASSWORD)
        assert not found.are_right("alias", user("nobody@example.test"), PASSWORD)
        assert found.are_right("alias", user(ANNA), PASSWORD)


def test_the_next_address_is_asked_when_one_is_down(backend, slapd):
    check = by_template(backend(address=["localhost:1", f"localhost:{slapd.port}"]))
    assert check.are_right(ANNA, None, PASSWORD)
    assert not check.are_right(ANNA, None, "wrong")


def test_implicit_tls(backend, slapd):
    check = by_template(backend(address=f"localhost:{slapd.tls_port}", tls="implicit"))
    assert check.are_right(ANNA, None, PASSWORD)


def test_a_directory_that_is_down_or_has_a_certificate_that_nobody_trusts_says_neither(backend, tmp_path):
    other = Authority(tmp_path).ca_file
    for wrong in ({"address": "localhost:1"}, {"ca_file": other}, {"server_name": "ldap.example.test"}):
        with pytest.raises(CannotCheck):
            by_template(backend(**wrong)).are_right(ANNA, None, PASSWORD)


def test_no_password_goes_in_clear_to_a_directory_that_wants_tls(backend):
    with pytest.raises(CannotCheck, match="confidentiality"):
        by_template(backend(tls="none")).are_right(ANNA, None, PASSWORD)

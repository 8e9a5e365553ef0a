"""The main password is checked by a login at a real Dovecot, over TLS that is verified."""

from datetime import UTC, datetime

import pytest

from config import Backend
from portal.sign_in.by_imap import ByImap
from portal.state import CannotCheck
from store.model import MfaState, User
from store.portal.schema import main_password_failures
from tests.portal.caller import calling
from tests.portal.site import MAIN
from tests.portal.site import SETTINGS as USUAL
from tests.servers.certificates import Authority

SETTINGS = USUAL.replace('"localhost:PORT"', '["localhost:1", "localhost:2"]')  # where nobody listens
ANNA = "user0@example.test"


@pytest.fixture
def backend(dovecot, tmp_path):
    """Makes a [[backend]]: at Dovecot, with what a test says otherwise."""

    def make(**other):
        usual = {
            "protocol": "imap",
            "address": f"localhost:{dovecot.port('imap', 'implicit')}",
            "tls": "implicit",
            "ca_file": dovecot.ca_file,
            "login": "shared-password",
            "shared_password_file": tmp_path / "unused",
        }
        return ByImap(Backend(**(usual | other)), 5.0)

    return make


def test_the_right_password_is_right_and_others_are_not(backend):
    assert backend().are_right(ANNA, None, MAIN)
    assert not backend().are_right(ANNA, None, MAIN + "x")
    assert not backend().are_right(ANNA + "\0", None, MAIN)
    assert not backend().are_right(ANNA, None, "\0" + MAIN)


def test_a_user_is_asked_about_by_the_name_at_the_backend(backend):
    now = datetime.now(UTC)
    known = User(1, "anna", (), MfaState.ENABLED, None, False, ANNA, None, 1, now, None, False)
    assert backend().are_right("an-alias", known, MAIN)


def test_the_next_address_is_asked_when_one_is_down(backend, dovecot):
    port = dovecot.port("imap", "implicit")
    assert backend(address=["localhost:1", f"localhost:{port}"]).are_right(ANNA, None, MAIN)


def test_starttls(backend, dovecot):
    port = dovecot.port("imap", "starttls")
    assert backend(address=f"localhost:{port}", tls="starttls").are_right(ANNA, None, MAIN)


def test_the_configured_name_has_to_be_in_the_certificate(backend, dovecot):
    port = dovecot.port("imap", "implicit")
    assert backend(address=f"127.0.0.1:{port}", server_name="localhost").are_right(ANNA, None, MAIN)
    with pytest.raises(CannotCheck, match="certificate"):
        backend(server_name="imap.example.test").are_right(ANNA, None, MAIN)


def test_no_password_goes_to_a_server_that_nobody_trusts(backend, dovecot, tmp_path):
    other = Authority(tmp_path).ca_file
    port = dovecot.port("imap", "starttls")
    for more in ({}, {"address": f"localhost:{port}", "tls": "starttls"}):
        with pytest.raises(CannotCheck, match="certificate"):
            backend(ca_file=other, **more).are_right(ANNA, None, MAIN)


def test_where_no_backend_answers_nobody_is_told_that_the_password_is_wrong(site, login):
    with calling(site) as caller:
        for _ in range(12):
            answer = caller.sign_in(login)
            assert answer.status_code == 503
            assert "For the moment it doesn't work" in answer.text
    with site.people.database.read() as connection:
        rows = connection.execute(main_password_failures.select()).all()
    assert [row._mapping["count"] for row in rows] == [0] * len(rows)

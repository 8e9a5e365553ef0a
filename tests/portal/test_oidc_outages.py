"""A provider that is down, slow or set up otherwise: what users and administrators are told."""

import socket
from contextlib import contextmanager

import httpx2
import pytest

from tests.portal.at_provider import OIDC, go, provided, served
from tests.portal.caller import calling
from tests.servers.oidc import CLIENT

BACK = "/sign-in/oidc/callback"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    with provided(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory, dovecot, provider):
    with served(tmp_path_factory.mktemp("oidc"), dovecot, provider) as made:
        yield made


@pytest.fixture
def anna(site, provider, login):
    provider.begin(login)
    with calling(site) as caller:
        yield caller


@contextmanager
def another(folder, dovecot, provider, login, **more):
    """A portal that has asked the provider nothing yet, and somebody there whom the provider knows."""
    with served(folder, dovecot, provider, **more) as made, calling(made) as caller:
        made.add(login)
        provider.begin(login)
        yield caller


def log_of(caller):
    return caller.site.portal.log()


def test_a_provider_that_is_down_is_told_as_that(tmp_path, dovecot, provider):
    with another(tmp_path, dovecot, provider, "user1@example.test", issuer="https://localhost:1/x") as anna:
        assert anna.get("/sign-in/oidc").status_code == 503
        assert "provider can't be asked" in log_of(anna)


def test_many_who_ask_a_provider_that_hangs_keep_nobody_else_waiting(tmp_path, dovecot, provider):
    with socket.create_server(("127.0.0.1", 0), backlog=200) as silent:
        issuer = f"https://localhost:{silent.getsockname()[1]}/x"
        with another(tmp_path, dovecot, provider, "user1@example.test", issuer=issuer) as anna:
            context = anna.site.gateway.client_context()
            request = (
                f"GET /security/sign-in/oidc HTTP/1.1\r\nHost: localhost:{anna.site.portal.port}\r\n\r\n"
            )
            waiting = []
            for _ in range(60):
                plain = socket.create_connection(("127.0.0.1", anna.site.portal.port), timeout=20)
                waiting.append(context.wrap_socket(plain, server_hostname="localhost"))
                waiting[-1].sendall(request.encode())
            with httpx2.Client(verify=context, timeout=5) as client:
                assert client.get(f"{anna.site.url}/sign-in").status_code == 200
            # Who waited is told with the first one, and isn't made to try for ten more seconds.
            for one in waiting:
                assert one.recv(12) == b"HTTP/1.1 503"
                one.close()


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable"])
def test_an_outage_of_the_providers_is_no_refusal(provider, anna, error):
    provider.answer = {"error": error, "code": None}
    assert go(anna, provider).status_code == 503


def test_what_the_provider_refuses_is_in_the_log(provider, anna):
    provider.answer = {"error": "invalid_scope", "code": None}
    assert go(anna, provider).status_code == 403
    assert "invalid_scope" in log_of(anna)


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client"])
def test_a_wrong_client_secret_is_nobodys_wrong_sign_in(provider, anna, error):
    provider.token = {"error": error}, 401
    assert go(anna, provider).status_code == 503
    assert f"says {error}" in log_of(anna)


@pytest.mark.parametrize("answer", [({"x": 1}, 500), ({"x": 1}, 200), ([], 200)], ids=range(3))
def test_a_token_endpoint_that_talks_nonsense_lets_nobody_in(provider, anna, answer):
    provider.token = answer
    assert go(anna, provider).status_code in (403, 503)
    assert anna.cookie is None


@pytest.mark.parametrize("keys", [{"keys": []}, {"keys": [{"kty": "AKP"}]}, {"keys": "x"}, {}], ids=range(4))
def test_keys_that_can_not_be_read_are_an_outage(tmp_path, dovecot, provider, monkeypatch, keys):
    monkeypatch.setattr(provider, "published", keys)
    with another(tmp_path, dovecot, provider, "user1@example.test") as anna:
        assert go(anna, provider).status_code == 503


def test_who_takes_the_secret_in_the_form_alone_gets_it_there(tmp_path, dovecot, provider, monkeypatch):
    monkeypatch.setitem(provider.discovered, "token_endpoint_auth_methods_supported", ["client_secret_post"])
    with another(tmp_path, dovecot, provider, "user1@example.test") as anna:
        assert anna.place(go(anna, provider)) == "/register"


def test_who_says_to_name_itself_has_to(tmp_path, dovecot, provider, monkeypatch):
    """Mix-up (RFC 9207, section 2.4): an answer without a name may be another provider's."""
    monkeypatch.setitem(provider.discovered, "authorization_response_iss_parameter_supported", True)
    with another(tmp_path, dovecot, provider, "user1@example.test") as anna:
        provider.answer = {"iss": None}
        assert go(anna, provider).status_code == 403
        provider.answer = {}
        assert anna.place(go(anna, provider)) == "/register"


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"aud": "another client"}, "aud"),
        ({"email": None}, "no claim email"),
        ({"email": "nobody@example.test"}, "nobody@example.test"),
        ({"email_verified": False}, "email_verified"),
        ({"email_verified": "false"}, "email_verified"),
    ],
    ids=str,
)
def test_administrators_are_told_why_nobody_gets_in(provider, anna, claims, told):
    before = len(log_of(anna))
    provider.claims = claims
    assert go(anna, provider).status_code == 403
    [line] = [one for one in log_of(anna)[before:].splitlines() if "verdict=refused" in one]
    assert told in line


def test_an_address_that_was_not_verified_is_of_no_account_where_it_is_not_the_login(
    tmp_path, dovecot, provider
):
    by_name = OIDC.replace(f'client_id = "{CLIENT}"', f'client_id = "{CLIENT}"\nlogin_claim = "upn"')
    with another(tmp_path, dovecot, provider, "user1@example.test", oidc=by_name) as anna:
        provider.claims = {"upn": "user1@example.test", "email_verified": False}
        assert anna.place(go(anna, provider)) == "/register"

"""Rules between keys and between tables."""

from typing import Any

import pytest

from config import Settings

BACKEND = {"protocol": "imap", "address": "imap:143", "tls": "none"}
MASTER = {"master_user": "m", "master_password_file": "/m"}
SHARED = {"shared_password_file": "/s"}
LISTENER = {"protocol": "imap", "address": "[::1]:143", "tls": "none"}
GOOD = BACKEND | {"login": "master"} | MASTER


def refused(**values: Any) -> str:
    with pytest.raises(ValueError) as raised:
        Settings.model_validate(values)
    return str(raised.value)


@pytest.mark.parametrize(
    ("login", "given"), [("master", MASTER), ("master-separator", MASTER), ("shared-password", SHARED)]
)
def test_each_way_to_log_in_is_accepted_with_what_it_needs(login: str, given: dict[str, str]) -> None:
    settings = Settings.model_validate({"backend": [BACKEND | {"login": login} | given]})
    assert settings.backend[0].login == login


@pytest.mark.parametrize("login", ["master", "master-separator"])
@pytest.mark.parametrize("left_out", list(MASTER))
def test_a_master_login_needs_user_and_password_file(login: str, left_out: str) -> None:
    given = {name: value for name, value in MASTER.items() if name != left_out}
    assert f'it is missing; login = "{login}" needs it' in refused(
        backend=[BACKEND | {"login": login} | given]
    )


def test_a_shared_password_needs_its_file() -> None:
    message = refused(backend=[BACKEND | {"login": "shared-password"}])
    assert 'it is missing; login = "shared-password" needs it' in message


@pytest.mark.parametrize(("login", "given"), [("master", SHARED), ("shared-password", MASTER)])
def test_a_secret_for_another_way_to_log_in_is_refused(login: str, given: dict[str, str]) -> None:
    whole = BACKEND | {"login": login} | MASTER | SHARED
    assert f'it has no meaning with login = "{login}"' in refused(backend=[whole])


@pytest.mark.parametrize(
    ("protocol", "command"),
    [("imap", "XCLIENT"), ("pop3", "AUTH"), ("pop3", "UNAUTHENTICATE"), ("smtp", "UNAUTHENTICATE")],
)
def test_only_commands_of_the_protocol_can_be_trusted(protocol: str, command: str) -> None:
    values = GOOD | {"protocol": protocol, "trusted_commands": [command]}
    assert f'protocol = "{protocol}" has no {command}; remove it' in refused(backend=[values])


@pytest.mark.parametrize("protocol", ["imap", "sieve"])
def test_going_back_to_before_the_login_can_be_trusted(protocol: str) -> None:
    values = GOOD | {"protocol": protocol, "trusted_commands": ["UNAUTHENTICATE"]}
    assert Settings.model_validate({"backend": [values]}).backend[0].trusted_commands == ("UNAUTHENTICATE",)


@pytest.mark.parametrize("protocol", ["imap", "pop3", "sieve"])
def test_only_smtp_backends_have_xclient(protocol: str) -> None:
    values = BACKEND | {"protocol": protocol, "login": "xclient"}
    assert 'only protocol = "smtp" has "xclient"; choose another' in refused(backend=[values])


def test_an_smtp_backend_may_have_them() -> None:
    values = BACKEND | {"protocol": "smtp", "login": "xclient", "trusted_commands": ["XFORWARD", "AUTH"]}
    [backend] = Settings.model_validate({"backend": [values]}).backend
    assert (backend.login, backend.trusted_commands) == ("xclient", ("XFORWARD", "AUTH"))


def test_a_login_by_xclient_needs_the_client_to_be_told() -> None:
    values = BACKEND | {"protocol": "smtp", "login": "xclient", "forward_client": "none"}
    assert 'login = "xclient" needs "auto"; change one of them' in refused(backend=[values])


@pytest.mark.parametrize("given", [MASTER, SHARED])
def test_a_login_by_xclient_has_no_secret(given: dict[str, str]) -> None:
    values = BACKEND | {"protocol": "smtp", "login": "xclient"} | given
    assert 'it has no meaning with login = "xclient"' in refused(backend=[values])


def test_two_backends_of_one_protocol_are_refused() -> None:
    assert "allowed is one for each protocol" in refused(backend=[GOOD, GOOD])


def test_a_listener_needs_a_backend_of_its_protocol() -> None:
    assert 'there is no [[backend]] with protocol = "imap"' in refused(listener=[LISTENER])


def test_what_is_no_protocol_is_refused_by_name() -> None:
    for table in ("listener", "backend"):
        message = refused(**{table: [(LISTENER if table == "listener" else GOOD) | {"protocol": "http"}]})
        assert "'imap', 'pop3', 'smtp', 'sieve' or 'ldap'" in message


@pytest.mark.parametrize("address", ["[::1]:143", "[0:0::0:1]:143"])
def test_two_listeners_on_one_address_are_refused(address: str) -> None:
    listeners = [LISTENER | {"address": "[::1]:143"}, LISTENER | {"address": address}]
    assert "listener[0] listens on [::1]:143 too" in refused(listener=listeners, backend=[GOOD])


@pytest.mark.parametrize("mode", ["implicit", "starttls"])
def test_a_listener_with_tls_needs_certificate_and_key(mode: str) -> None:
    values: dict[str, Any] = {"listener": [LISTENER | {"tls": mode}], "backend": [GOOD]}
    assert f'"{mode}" needs tls.certificate and tls.key; set both' in refused(**values)
    Settings.model_validate(values | {"tls": {"certificate": "/c", "key": "/k"}})


@pytest.mark.parametrize("address", ["[::]:143", "0.0.0.0:143", "192.0.2.1:143", "mail.internal:143"])
def test_a_listener_without_tls_that_any_network_reaches_is_refused(address: str) -> None:
    message = refused(listener=[LISTENER | {"address": address}], backend=[GOOD])
    assert (
        f'"none" on {address} would let passwords go in clear over any network; use "implicit" or "starttls",'
        " or say in sources or proxy_from which networks may connect" in message
    )


@pytest.mark.parametrize(
    "listener",
    [
        {"address": "127.0.0.1:143"},
        {"address": "127.8.8.8:143"},
        {"address": "[::1]:143"},
        {"address": "LOCALHOST:143"},
        {"address": "[::]:143", "sources": ["10.20.0.0/24"]},
        {"address": "[::]:143", "proxy_from": ["10.20.0.1"]},
    ],
)
def test_a_listener_without_tls_is_accepted_where_it_is_known_who_connects(listener: dict[str, Any]) -> None:
    Settings.model_validate({"listener": [LISTENER | listener], "backend": [GOOD]})


def test_names_in_an_override_take_the_form_in_which_logins_are_compared() -> None:
    override = {"users": ["Jose\u0301@EXAMPLE.org"], "domains": ["Example.ORG"], "refuse": True}
    policy = Settings.model_validate({"policy": {"override": [override]}}).policy
    assert policy.override[0].users == ("jos\u00e9@example.org",)
    assert policy.override[0].domains == ("example.org",)
    assert policy.override[0].observe is None


@pytest.mark.parametrize("user", ["CORP\\fritz", "a b", "a*b", "a@b@c", "@x.org", "a@ü.org", "a\nb", "a@"])
def test_a_name_in_an_override_that_could_match_nobody_is_refused(user: str) -> None:
    refused(policy={"override": [{"users": [user], "refuse": True}]})


PASS = {"unknown_users": "pass"}


def test_name_09_unknown_users_pass_only_in_domains_that_are_listed() -> None:
    """A configuration from before, with "pass" alone, is refused and told what to write."""
    said = refused(policy=PASS)
    assert 'write unknown_domains = ["example.org"]' in said
    policy = Settings.model_validate({"policy": PASS | {"unknown_domains": ["Example.ORG", ""]}}).policy
    assert policy.unknown_domains == ("example.org", "")


def test_domains_of_unknown_users_who_are_refused_have_no_meaning() -> None:
    assert "it has no meaning" in refused(policy={"unknown_domains": ["example.org"]})


@pytest.mark.parametrize(
    ("domain", "sentence"),
    [
        ("", "no name is without a domain"),
        ("corp.local", 'login.domains makes "example.org" of "corp.local"'),
    ],
)
def test_a_domain_that_no_login_ends_with_is_refused(domain: str, sentence: str) -> None:
    login = {"default_domain": "example.org", "domains": {"Corp.Local": "example.org"}}
    assert sentence in refused(policy=PASS | {"unknown_domains": ["example.org", domain]}, login=login)


def test_a_domain_stands_for_another_in_one_step() -> None:
    assert "write the last one for both" in refused(login={"domains": {"a": "b.org", "B.org": "c.org"}})
    Settings.model_validate({"login": {"domains": {"example": "example.org", "example.org": "example.org"}}})


@pytest.mark.parametrize("delimiters", ["@", "*", ".", "a", "++++++++-", "\\", "+ "])
def test_a_recipient_delimiter_is_one_of_a_few_characters(delimiters: str) -> None:
    assert "characters" in refused(login={"recipient_delimiter": delimiters})

"""[[backend]] for ldap, [ldap] and [directory]: what is accepted, and what is refused with which words."""

from typing import Any

import pytest

from config import Settings

BACKEND = {"protocol": "ldap", "address": "ldap:636", "tls": "implicit", "login": "service"} | {
    "service_dn": "cn=wicketgate,ou=services,dc=example,dc=org",
    "service_password_file": "/s",
}
BASE = {"search_base": "ou=people,dc=example,dc=org"}


def refused(**values: Any) -> str:
    with pytest.raises(ValueError) as raised:
        Settings.model_validate(values)
    return str(raised.value)


def directory(**values: Any) -> Any:
    return Settings.model_validate({"backend": [BACKEND], "directory": values}).directory


def test_a_backend_for_ldap_keeps_access_rules_and_main_passwords_unless_told_otherwise() -> None:
    [backend] = Settings.model_validate({"backend": [BACKEND]}).backend
    assert backend.proxied_authorization is True
    assert backend.operations == ("search", "compare")
    assert {"userPassword", "unicodePwd"} < set(backend.password_attributes)


@pytest.mark.parametrize("left_out", ["service_dn", "service_password_file"])
def test_a_service_account_needs_name_and_password_file(left_out: str) -> None:
    values = {name: value for name, value in BACKEND.items() if name != left_out}
    assert 'it is missing; login = "service" needs it' in refused(backend=[values])


@pytest.mark.parametrize("name", ["master_password_file", "shared_password_file"])
def test_a_service_account_takes_no_other_secret(name: str) -> None:
    assert 'it has no meaning with login = "service"' in refused(backend=[BACKEND | {name: "/x"}])


@pytest.mark.parametrize("name", ["service_dn", "service_password_file"])
def test_another_login_takes_no_service_account(name: str) -> None:
    values = {"protocol": "imap", "address": "a:1", "tls": "none", "login": "shared-password"}
    message = refused(backend=[values | {"shared_password_file": "/x", name: "cn=x"}])
    assert 'it has no meaning with login = "shared-password"' in message


def test_only_ldap_has_a_service_account_and_ldap_has_nothing_else() -> None:
    assert 'only protocol = "ldap" has "service"' in refused(backend=[BACKEND | {"protocol": "imap"}])
    for login in ("master", "xclient"):
        values = {"protocol": "ldap", "address": "a:1", "tls": "none", "login": login}
        given = {"master_user": "m", "master_password_file": "/m"} if login == "master" else {}
        assert 'protocol = "ldap" has "service" alone; write that' in refused(backend=[values | given])


@pytest.mark.parametrize(
    ("name", "value"),
    [("proxied_authorization", True), ("operations", ["search"]), ("password_attributes", ["userPassword"])],
)
def test_keys_for_ldap_have_no_meaning_elsewhere(name: str, value: object) -> None:
    values = {"protocol": "smtp", "address": "a:1", "tls": "none", "login": "xclient", name: value}
    assert 'it has no meaning with protocol = "smtp"; remove it' in refused(backend=[values])


def test_operations_are_for_the_service_accounts_own_rights_only() -> None:
    assert "it has no meaning with proxied_authorization = true" in refused(
        backend=[BACKEND | {"operations": ["search"]}]
    )
    values = BACKEND | {"operations": ["search", "modify"], "proxied_authorization": False}
    assert Settings.model_validate({"backend": [values]}).backend[0].operations == ("search", "modify")
    assert "search" in refused(backend=[values | {"operations": ["extended"]}])


@pytest.mark.parametrize("name", ["", "user password", "mail;lang-de", "2", "1..2", "ü", "a=b", "a\n"])
def test_what_is_no_attribute_is_refused(name: str) -> None:
    assert "is not the name of an attribute" in refused(backend=[BACKEND | {"password_attributes": [name]}])
    assert "is not the name of an attribute" in refused(directory={"alias_attributes": [name]})


def test_clients_without_a_login_may_read_the_root_dse_unless_told_otherwise() -> None:
    assert Settings().ldap.anonymous == "root-dse"
    assert Settings.model_validate({"ldap": {"anonymous": "pass"}}).ldap.anonymous == "pass"
    assert "'none', 'root-dse', 'bind' or 'pass'" in refused(ldap={"anonymous": "all"})


@pytest.mark.parametrize(
    "template",
    [
        "",
        "uid={local},ou=people,dc=example,dc=org",
        "mail={login},ou=people,dc=example,dc=org",
        "uid={local},ou={domain},dc=example",
        "uid={local},ou=M\u00fcller\\, Kiel,dc=example",
    ],
)
def test_a_template_is_a_dn_with_its_placeholders(template: str) -> None:
    assert directory(dn_template=template).dn_template == template


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{login}", "is not a DN"),
        ("uid={local},", "is not a DN"),
        ("uid={local},ou=a;b", "is not a DN"),
        ("uid={local},ou=#04", "is not a DN"),
        ("uid={local},ou= #04", "is not a DN"),
        ("uid={local},ou=a\u200bb", "is not a DN"),
        ("uid={local},ou=", "is not a DN"),
        ("ou=people,dc=example", "allowed is {login} once"),
        ("uid={domain},dc=example", "allowed is {login} once"),
        ("uid={login},ou={domain}", "allowed is {login} once"),
        ("uid={local},cn={local}", "allowed is {login} once"),
        ("uid=x{local},dc=example", "must be the whole value of an RDN"),
        ("uid={user},dc=example", "must be the whole value of an RDN"),
        ("uid={local,dc=example", "must be the whole value of an RDN"),
        ("uid={local}+o=x,dc=example", "must be the whole value of an RDN"),
    ],
)
def test_what_can_be_no_template_is_refused(template: str, says: str) -> None:
    assert says in refused(directory={"dn_template": template})


@pytest.mark.parametrize(
    "text",
    [
        "(mail={login})",
        "(|(uid={local})(mail={login}))",
        "(&(objectClass=person)(!(uid:dn:caseExactMatch:={local}))(cn=*\\2a*))",
        "(&(userAccountControl:1.2.840.113556.1.4.803:=2)(sAMAccountName={local}))",
    ],
)
def test_a_search_filter_is_a_filter_with_a_name_in_it(text: str) -> None:
    assert directory(search_filter=text, **BASE).search_filter == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a filter"),
        ("mail={login}", "is not a filter"),
        ("(mail={login}", "is not a filter"),
        ("(mail={login}))", "is not a filter"),
        ("(&)(mail={login})", "is not a filter"),
        ("(&(mail={login})", "is not a filter"),
        ("(!(a=1)(mail={login}))", "is not a filter"),
        ("({login}=x)", "is not a filter"),
        ("(mail=\\4{login})", "is not a filter"),
        ("(" + "&(" * 50 + "mail={login}" + "))" * 50, "is not a filter"),
        ("(mail=*)", "it finds the same entries for everybody"),
        ("(dc={domain})", "it finds the same entries for everybody"),
        ("(mail={user})", '"{user}" is no placeholder; allowed are {login}, {local}, {domain}'),
        ("(mail={login)", '"{" is no placeholder'),
    ],
)
def test_what_can_be_no_search_filter_is_refused(text: str, says: str) -> None:
    assert says in refused(directory={"search_filter": text})


def test_what_needs_the_directory_needs_a_backend_for_it() -> None:
    message = refused(directory=BASE | {"sync_seconds": 60.0})
    assert message.count('it needs a [[backend]] with protocol = "ldap", and there is none; add one') == 2
    directory(sync_seconds=60.0, **BASE)
    Settings.model_validate({"directory": {"dn_template": "uid={local},dc=example"}})


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"sync_seconds": 60.0}, "it is missing; sync_seconds needs it"),
        (BASE | {"sync_seconds": 0.5}, "allowed is 0, or 1 to 86400"),
        (BASE | {"sync_seconds": 86401.0}, "less than or equal to 86400"),
        (BASE | {"page_size": 1001}, "less than or equal to 1000"),
        (BASE | {"mfa_group": "staff"}, "is not a DN"),
        (BASE | {"mfa_group": "cn=staff", "mfa_attribute": "mfa"}, "mfa_attribute is set too"),
        (BASE | {"mfa_group_state": "enforced"}, "it has no meaning without mfa_group"),
        (BASE | {"disabled_filter": "x"}, "is not a filter"),
        ({"search_base": "people"}, "is not a DN"),
        ({"search_base": "cn=x," * 210 + "cn=x"}, "is not a DN"),
    ],
)
def test_keys_of_the_directory_have_to_fit_together(values: dict[str, Any], says: str) -> None:
    assert says in refused(backend=[BACKEND], directory=values)

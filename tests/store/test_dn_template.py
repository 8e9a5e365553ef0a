"""The template of DNs, both ways: never two users one DN, and no value adds to what stands around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ConfigurationError
from store.distinguished_name import Template, normalise_dn
from store.names import normalise_login

DOMAIN = "example.test"
TEXTS = {
    "login": "mail={login},ou=people,dc=example",
    "local": "uid={local},ou=people,dc=example",
    "domain": "uid={local},ou={domain},dc=example",
}
logins = st.sampled_from(
    ["fritz", "a,b", "a+uid=b", "#04", "a=b", 'a"b', "ß", "ss", "a;b", "o'brien"]
).flatmap(lambda local: st.sampled_from([local, f"{local}@{DOMAIN}", f"{local}@other.test"]))


def judged(presented: str | None, default_domain: str) -> str | None:
    return normalise_login(presented.encode(), default_domain, {"CORP": DOMAIN}) if presented else None


@pytest.mark.parametrize(
    ("text", "login", "dn"),
    [
        ("login", "fritz@example.test", "mail=fritz@example.test,ou=people,dc=example"),
        ("local", "fritz@example.test", "uid=fritz,ou=people,dc=example"),
        ("domain", "fritz@other.test", "uid=fritz,ou=other.test,dc=example"),
        ("local", "a,b@example.test", "uid=a\\,b,ou=people,dc=example"),
    ],
)
def test_a_login_becomes_a_dn_and_the_dn_that_login(text, login, dn):
    template = Template(TEXTS[text], DOMAIN)
    assert template.dn(login) == dn
    assert template.login(dn) == login


@pytest.mark.parametrize("text", ["uid={local},ou=a\u034fb", "uid={local},cn=a+commonName=b"])
def test_a_template_that_no_dn_can_come_of_is_a_configuration_error(text):
    with pytest.raises(
        ConfigurationError, match=r"directory\.dn_template: no entry here can have a DN such as"
    ):
        Template(text, DOMAIN)


@given(logins | st.text(max_size=30).map(lambda text: judged(text, DOMAIN)), st.sampled_from(list(TEXTS)))
def test_ldap_12_every_dn_that_is_made_leads_back_to_its_login(login, text):
    template = Template(TEXTS[text], DOMAIN)
    dn = template.dn(login) if login else None
    if dn is not None:
        assert normalise_dn(dn) == dn
        assert judged(template.login(dn), DOMAIN) == judged(login, DOMAIN)


@given(logins, logins, st.sampled_from(list(TEXTS)), st.sampled_from([DOMAIN, ""]))
def test_ldap_12_no_two_logins_have_one_dn(one, other, text, default_domain):
    template = Template(TEXTS[text], default_domain)
    assert one == other or template.dn(one) is None or template.dn(one) != template.dn(other)


@pytest.mark.parametrize("login", ["fritz@other.test", "fritz"])
def test_ldap_12_a_local_part_alone_is_for_the_default_domain_only(login):
    assert Template(TEXTS["local"], DOMAIN).dn(login) is None


def test_ldap_12_without_a_default_domain_a_local_part_alone_is_for_bare_names_only():
    template = Template(TEXTS["local"], "")
    assert template.dn("fritz@example.test") is None
    assert template.dn("fritz") == "uid=fritz,ou=people,dc=example"
    assert template.login("uid=fritz,ou=people,dc=example") == "fritz"


@pytest.mark.parametrize(
    ("text", "dn"),
    [
        ("local", "cn=fritz,ou=people,dc=example"),
        ("local", "uid=fritz,ou=others,dc=example"),
        ("local", "uid=fritz,dc=example"),
        ("local", "uid=x,uid=fritz,ou=people,dc=example"),
        ("local", "cn=boss+uid=fritz,ou=people,dc=example"),
        ("local", "uid=fritz@other.test,ou=people,dc=example"),
        ("local", "uid=corp\\\\fritz,ou=people,dc=example"),
        ("local", "uid=corp/fritz,ou=people,dc=example"),
        ("local", "uid=fritz*boss,ou=people,dc=example"),
        ("login", "mail=corp\\\\fritz,ou=people,dc=example"),
        ("domain", "uid=fritz@example.test,ou=other.test,dc=example"),
        ("domain", "uid=fritz,ou=example.test@other.test,dc=example"),
    ],
)
def test_ldap_12_other_dns_are_nobodys(text, dn):
    assert normalise_dn(dn) == dn
    assert Template(TEXTS[text], DOMAIN).login(dn) is None
    assert Template(TEXTS[text], "").login(dn) is None

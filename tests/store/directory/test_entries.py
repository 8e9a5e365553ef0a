"""What entries say of users: OpenLDAP's, Active Directory's and 389 Directory Server's."""

import pytest

from config import Directory, LoginNames
from store.directory.answers import Entry
from store.directory.entries import Nameless, Reader, directory_id, is_locked, mfa_by_attribute
from store.directory.group import Group
from store.model import MfaState

UUID = "a1b2c3d4-0000-1000-8000-00805f9b34fb"
DN = "uid=fritz,ou=people,dc=example,dc=test"


def entry(dn=DN, **attributes):
    usual = {"mail": [b"fritz@example.test"], "entryuuid": [UUID.encode()]}
    return Entry(dn, {**usual, **{name.lower(): values for name, values in attributes.items()}})


def read(found, mfa=lambda entry: None, disabled=lambda key: False, login=None, **directory):
    reader = Reader(Directory(**directory), LoginNames(**(login or {})), mfa, disabled)
    wanted, problems = reader.read(found)
    return wanted, [problem.sentence for problem in problems]


def test_an_entry_becomes_a_user():
    wanted, problems = read(entry(dn="UID=Fritz,ou=People,dc=Example,dc=test"))
    assert (wanted.login, wanted.directory_id, wanted.dn_key) == ("fritz@example.test", UUID, DN)
    assert (wanted.dn, wanted.aliases) == ("UID=Fritz,ou=People,dc=Example,dc=test", None)
    assert (wanted.disabled, wanted.mfa, problems) == (False, None, [])


def test_names_are_those_that_clients_send_normalised():
    found = entry(uid=[b"Fritz"], mail=[b"FRITZ@example.test"], proxy=[b"F.Meier@Example.test", b"fritz"])
    login = {"default_domain": "example.test"}
    wanted, _ = read(found, login=login, login_attribute="uid", alias_attributes=("mail", "proxy"))
    assert (wanted.login, wanted.aliases) == ("fritz@example.test", ("f.meier@example.test",))


@pytest.mark.parametrize(
    "values", [[], [b"a@example.test", b"b@example.test"], [b"a b"], [b"a\x00b"], [b"a*b"]]
)
def test_without_one_login_name_an_entry_is_skipped_with_the_reason(values):
    found, [problem] = read(entry(mail=values))
    assert found == Nameless(UUID, DN, False, None)
    assert problem in (
        "it has no mail, and exactly one is needed",
        "it has 2 mail, and exactly one is needed",
        f'its mail "{(values or [b""])[0].decode().replace(chr(0), "?")}" is no login name',
    )


def test_an_alias_that_is_no_name_is_left_out_and_told():
    wanted, [problem] = read(entry(proxy=[b"a b", b"f@example.test"]), alias_attributes=("proxy",))
    assert wanted.aliases == ("f@example.test",)
    assert problem == '"a b" is no login name, and is left out'


@pytest.mark.parametrize("ids", [[], [b"\xff"], [b"a", b"b"]])
def test_without_an_identity_an_entry_is_skipped(ids):
    wanted, [problem] = read(entry(entryUUID=ids))
    assert wanted is None
    assert "let the service account read it" in problem


def test_a_dn_that_can_be_nobodys_is_skipped():
    found, [problem] = read(entry(dn="uid=fri\u200btz,dc=test"))
    assert isinstance(found, Nameless)
    assert problem == "its DN has characters that no DN here may have"


def test_active_directory_and_389_have_identities_of_their_own():
    guid = bytes.fromhex("d4c3b2a100000010800000805f9b34fb")
    assert directory_id(Entry(DN, {"objectguid": [guid]})) == UUID
    assert directory_id(Entry(DN, {"objectguid": [b"short"]})) is None
    assert directory_id(Entry(DN, {"nsuniqueid": [b"66446001-1dd211b2"]})) == "66446001-1dd211b2"


@pytest.mark.parametrize(
    ("attributes", "locked"),
    [
        ({}, False),
        ({"userAccountControl": [b"512"]}, False),
        ({"userAccountControl": [b"514"]}, True),
        ({"userAccountControl": [b"66050"]}, True),
        ({"userAccountControl": [b"66048"]}, False),
        ({"userAccountControl": [b"-2147483646"]}, True),
        ({"userAccountControl": [b"x"]}, False),
        ({"pwdAccountLockedTime": [b"000001010000Z"]}, True),
        ({"pwdAccountLockedTime": [b"20260101000000Z"]}, False),
        ({"nsAccountLock": [b"true"]}, True),
        ({"nsAccountLock": [b"FALSE"]}, False),
    ],
)
def test_well_known_attributes_disable_a_user(attributes, locked):
    assert is_locked(entry(**attributes)) is locked
    wanted, _ = read(entry(**attributes))
    assert wanted.disabled is locked


def test_who_matches_the_disabled_filter_is_disabled_by_the_normalised_dn():
    wanted, _ = read(entry(dn="UID=Fritz,ou=people,dc=example,dc=test"), disabled={DN}.__contains__)
    assert wanted.disabled


@pytest.mark.parametrize(
    ("values", "state"),
    [([], None), ([b"enabled"], MfaState.ENABLED), ([b" Enforced "], MfaState.ENFORCED)],
)
def test_the_mfa_state_may_be_in_an_attribute(values, state):
    wanted, problems = read(entry(mfaState=values), mfa=mfa_by_attribute("mfaState"))
    assert (wanted.mfa, problems) == (state, [])


@pytest.mark.parametrize("values", [[b"on"], [b"enabled", b"enforced"], [b""]])
def test_another_word_in_that_attribute_leaves_the_state_and_is_told(values):
    wanted, [problem] = read(entry(mfaState=values), mfa=mfa_by_attribute("mfaState"))
    assert wanted.mfa is None
    assert problem.endswith("is not one of disabled, enabled, enforced")


def test_a_group_knows_its_members_by_dn_or_by_uid():
    by_dn = Group(frozenset([DN]), frozenset())
    assert by_dn.has("UID=Fritz,OU=people,dc=example,dc=test") is True
    assert by_dn.has("uid=dora,ou=people,dc=example,dc=test") is False
    by_uid = Group(frozenset(), frozenset(["fritz"]))
    assert by_uid.has(DN) is True
    assert by_uid.has("uid=dora,dc=test") is False
    assert by_uid.has("cn=Fritz Meier,dc=test", ["Fritz"]) is True
    # Whether this one is fritz, the name alone doesn't say; so nothing is concluded from it.
    assert by_uid.has("cn=Fritz Meier,dc=test") is None

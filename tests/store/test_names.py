"""One form for each name, and no two names that collapse unexpectedly (SASL-10)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.names import normalise_login

DOMAINS = {"CORP": "example.test"}
presented_names = (
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.binary(max_size=80)
    | st.text("aAbB.+-_@\\/* é\u0301ßİ\u0131\u017f\uff21\uff11\u00aa", max_size=20).map(str.encode)
    | st.emails().map(str.encode)
    | st.text(min_size=1, max_size=12).map(lambda domain: f"dora@{domain}.test".encode("utf-8", "replace"))
)


def normalise(presented: str | bytes, default_domain: str = "example.test") -> str | None:
    raw = presented.encode() if isinstance(presented, str) else presented
    return normalise_login(raw, default_domain, DOMAINS)


@given(presented_names, st.sampled_from(["example.test", ""]))
def test_a_normalised_name_normalises_to_itself(presented, default_domain):
    once = normalise(presented, default_domain)
    assert once is None or normalise(once, default_domain) == once


@given(st.from_regex(r"[A-Za-z0-9._+-]{1,70}@([A-Za-z0-9-]{1,64}\.){1,4}[A-Za-z0-9]{2,9}", fullmatch=True))
def test_the_short_way_answers_as_the_long_way(name):
    assert normalise(name) == normalise(" " + name)


@given(st.from_regex(r"[^\x00-\x20@\\/*]{1,12}", fullmatch=True))
def test_canonically_equivalent_names_are_the_same_name(local):
    forms = {normalise(unicodedata.normalize(form, local)) for form in ("NFC", "NFD")}
    assert len(forms) == 1


@pytest.mark.parametrize(
    ("presented", "expected"),
    [
        ("fritz@example.test", "fritz@example.test"),
        ("Fritz@Example.TEST", "fritz@example.test"),
        ("fritz", "fritz@example.test"),
        ("CORP\\fritz", "fritz@example.test"),
        ("corp/Fritz", "fritz@example.test"),
        ("  fritz@example.test\u00a0", "fritz@example.test"),
        ("fritz+news@example.test", "fritz+news@example.test"),
        ("o'brien@example.test", "o'brien@example.test"),
        ("jörg@example.test", "jörg@example.test"),
        ("JO\u0308RG@example.test", "jörg@example.test"),
        (b"j\xf6rg@example.test", "jörg@example.test"),
        ("dora@MÜNCHEN.example", "dora@xn--mnchen-3ya.example"),
        ("dora@XN--MNCHEN-3YA.example", "dora@xn--mnchen-3ya.example"),
        ("dora@my_domain.local", "dora@my_domain.local"),
    ],
)
def test_what_clients_send_becomes_one_name(presented, expected):
    assert normalise(presented) == expected


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "   ",
        "@example.test",
        "fritz@",
        "fritz@example.test@evil.test",
        "fritz@exa mple.test",
        "fritz@-example.test",
        "fritz@example..test",
        "fritz@[127.0.0.1]",
        "fritz@xn--zzzzzz99999.test",
        "fritz@" + "a" * 64 + ".test",
        "fr itz@example.test",
        "UNKNOWN\\fritz",
        "CORP\\fritz@example.test",
        "CORP\\fritz\\boss",
        "CORP/fritz/boss",
        "fritz*master",
        "fritz\x00@example.test",
        "fritz@example.test\r\n",
        "fritz\x7f@example.test",
        b"fritz\x9b@example.test",
        "f" * 250 + "@example.test",
        "ö" * 124,
        b"\xf6" * 200,
    ],
)
def test_what_can_be_no_name_here_is_refused(presented):
    assert normalise(presented) is None


@pytest.mark.parametrize(
    "presented",
    [
        "\uff46\uff52\uff49\uff54\uff5a@example.test",
        "fritz@\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45.test",
        "\ufb01tz@example.test",
        "\u017fam@example.test",
        "fritz\u200b@example.test",
        "fritz\u202e@example.test",
        "fri\u00adtz@example.test",
        "fritz\ufe0f@example.test",
        "fri\u034ftz@example.test",
        "fritz\u3164@example.test",
        "fri\u2003tz@example.test",
        "fritz\ue000@example.test",
        "fritz@exam\u200dple.test",
    ],
)
def test_sasl_10_compatibility_forms_and_invisible_characters_are_refused(presented):
    assert normalise(presented) is None


def test_sasl_10_letters_that_only_resemble_each_other_stay_apart():
    dotless, cyrillic = "\u0131stanbul", "fr\u0456tz"
    names = ["strasse", "straße", "istanbul", dotless, "İstanbul", "fritz", cyrillic]
    assert len({normalise(name) for name in names} - {None}) == len(names)
    assert normalise("a@strasse.test") != normalise("a@straße.test")


def test_sasl_10_invalid_utf_8_fails_cleanly_or_is_latin_1():
    assert normalise(b"\xff\xfe\x00") is None
    assert normalise(b"\xe9ric") == "éric@example.test"


def test_without_a_default_domain_a_bare_name_stays_bare():
    assert normalise("Fritz", "") == "fritz"


@pytest.mark.parametrize("name", ["fritz@CORP", "fritz@corp", "Fritz@alias.test", "ALIAS.test\\fritz"])
def test_another_name_of_a_domain_is_the_domain(name):
    assert (
        normalise_login(name.encode(), "", {"corp": "corp.test", "alias.test": "corp.test"})
        == "fritz@corp.test"
    )


@pytest.mark.parametrize(
    ("name", "delimiters", "login"),
    [
        ("Fritz+x@example.test", "+", "fritz@example.test"),
        ("fritz+x", "+", "fritz@default.test"),
        ("fritz+a-b+c@example.test", "-+", "fritz@example.test"),
        ("fritz-x@example.test", "+", "fritz-x@example.test"),
        ("+x@example.test", "+", "+x@example.test"),
        ("CORP\\fritz+x", "+", "fritz@corp.test"),
        ("fritz+x@example.test", "", "fritz+x@example.test"),
    ],
)
def test_name_10_a_tag_is_cut_off_where_the_backend_does_so(name, delimiters, login):
    found = normalise_login(name.encode(), "default.test", {"CORP": "corp.test"}, delimiters)
    assert found == login
    assert normalise_login(found.encode(), "default.test", {"CORP": "corp.test"}, delimiters) == found

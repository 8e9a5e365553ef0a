"""Values of strangers in search filters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.filter_syntax import is_filter
from store.directory.filters import both, escape_assertion, filter_for


@pytest.mark.parametrize(
    ("template", "login", "filter"),
    [
        ("(mail={login})", "fritz@example.test", "(mail=fritz@example.test)"),
        ("(&(uid={local})(o={domain}))", "fritz@example.test", "(&(uid=fritz)(o=example.test))"),
        ("(uid={local})", "fritz", "(uid=fritz)"),
        ("(mail={login})", "*)(uid=*", "(mail=\\2a\\29\\28uid=\\2a)"),
        ("(mail={login})", "a\\2a", "(mail=a\\5c2a)"),
        ("(mail={login})", "jörg@example.test", "(mail=jörg@example.test)"),
    ],
)
def test_a_login_in_a_filter_means_itself(template, login, filter):
    assert filter_for(template, login) == filter


def test_without_a_domain_a_filter_that_needs_one_finds_nobody():
    assert filter_for("(&(uid={local})(o={domain}))", "fritz") is None


def test_sasl_12_what_looks_like_a_placeholder_in_a_login_is_not_filled():
    assert filter_for("(|(mail={login})(uid={local}))", "{domain}{local}@x.test") == (
        "(|(mail={domain}{local}@x.test)(uid={domain}{local}))"
    )


@given(st.text(max_size=40))
def test_an_escaped_value_never_ends_the_filter_it_stands_in(value):
    escaped = escape_assertion(value)
    assert is_filter(f"(mail={escaped})")
    assert not set("()*\x00") & set(escaped)


def test_filters_are_joined():
    assert both("(a=1)", "(b=2)") == "(&(a=1)(b=2))"
    assert both("(a=1)", "") == both("", "(a=1)") == "(a=1)"

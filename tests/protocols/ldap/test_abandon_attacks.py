"""LDAP-23 and LDAP-27: an Abandon that abandons nothing, and guesses without end on one connection."""

import pytest

from protocols.terms import Anonymous
from tests.protocols.ldap.fronts import ADMITTED, PASSED_THROUGH, in_service_mode, open_to, over_tls

WAYS_IN = pytest.mark.parametrize("way_in", [ADMITTED, PASSED_THROUGH], ids=["admitted", "passed through"])
WRONG = """
C: bind {0} fritz wrong
login fritz wrong -> {1}
S: bind-response {0} {2}
"""
TOO_MANY = """
S: notice 2 "Too many failed logins"
error: too many failed logins
"""


@WAYS_IN
@pytest.mark.parametrize("controls", ["[1.2.3]", "[ManageDsaIT]", "[1.2.3=x] [SessionTracking=x]"])
def test_ldap_23_an_abandon_goes_without_controls(way_in, controls):
    over_tls(f"{way_in}\nC: abandon 3 2 {controls}\nforward abandon 3 2")


@WAYS_IN
@pytest.mark.parametrize("controls", ["[1.2.3 critical]", "[ManageDsaIT] [1.2.3=x critical]"])
def test_ldap_23_an_abandon_that_a_server_would_not_heed_goes_nowhere(way_in, controls):
    over_tls(f"{way_in}\nC: abandon 3 2 {controls}\nC: delete 4 cn=x\nforward delete 4 cn=x")


@pytest.mark.parametrize(("outcome", "code"), [("rejected No", "49 No"), ("unavailable No", "52 No")])
@pytest.mark.parametrize("most", [1, 3])
def test_ldap_27_so_many_failed_logins_end_the_connection(outcome, code, most):
    failed = "".join(WRONG.format(number, outcome, code) for number in range(1, most + 1))
    over_tls(failed + TOO_MANY, failed_logins=most)


def test_ldap_27_they_are_counted_from_the_last_good_login_on():
    """An application binds as one user after the other on one connection, and some of them mistype."""
    failed = "".join(WRONG.format(number, "rejected No", "49 No") for number in (1, 2))
    over_tls(failed + PASSED_THROUGH + failed.replace("login", "log out\nlogin", 1) + "C: unbind 9\nclosed")
    over_tls(failed + WRONG.format(3, "rejected No", "49 No") + TOO_MANY)


def test_ldap_27_what_never_became_a_login_is_no_failed_one():
    asked = """
        C: bind 1 fritz ""
        S: bind-response 1 53 "A name without a password is not accepted"
        """
    over_tls(asked * 5 + "C: unbind 9\nclosed", **open_to(Anonymous.NONE))
    over_tls(asked * 5 + PASSED_THROUGH, **in_service_mode())

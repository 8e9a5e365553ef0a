"""What an admitted user may ask: the gateway bound at the directory, so the gateway answers for it."""

import pytest

from tests.protocols.ldap.fronts import ADMITTED, in_service_mode, over_tls

# The names of RFC 4511 in the configuration, and the operations themselves.
NAMED = {
    "search": ("search 2 dc=test sub (cn=*)", "search-done"),
    "compare": ("compare 2 uid=fritz,dc=test cn=fritz", "compare-response"),
    "modify": ("modify 2 uid=fritz,dc=test replace:mail=x", "modify-response"),
    "add": ("add 2 cn=new,dc=test cn=new", "add-response"),
    "delete": ("delete 2 cn=new,dc=test", "delete-response"),
    "modrdn": ("rename 2 cn=new,dc=test cn=newer", "rename-response"),
}
EXTENSIONS = ["PasswordModify x", "StartTransaction", "1.2.3.4", "1.3.6.1.4.1.1466.101.119.1"]
CONTROLS = ["[ManageDsaIT]", "[ManageDsaIT critical]"]


@pytest.mark.parametrize("operation", [operation for operation, _ in NAMED.values()])
@pytest.mark.parametrize("controls", ["", *CONTROLS])
def test_in_the_user_s_own_name_every_operation_passes_with_its_controls(operation, controls):
    over_tls(
        ADMITTED
        + f"""
        C: {operation} {controls}
        forward {operation} {controls}
        """
    )


@pytest.mark.parametrize("allowed", [[], ["search"], ["search", "compare"], ["add", "modify"], list(NAMED)])
@pytest.mark.parametrize("name", NAMED)
def test_in_the_gateway_s_name_only_what_the_configuration_lists(name, allowed):
    operation, answer = NAMED[name]
    told = ", ".join(sorted(allowed)) or "nothing"
    happens = (
        f"forward {operation}"
        if name in allowed
        else f'S: {answer} 2 53 "With an app password, only these are allowed: {told}"'
    )
    over_tls(f"{ADMITTED}\nC: {operation}\n{happens}", **in_service_mode(*allowed))


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("terms", [{}, in_service_mode(*NAMED)], ids=["proxied", "service"])
def test_no_extended_operation_passes_that_is_not_known_to_be_harmless(extension, terms):
    over_tls(
        ADMITTED
        + f"""
        C: extended 2 {extension}
        S: extended-response 2 53 "This extended operation can't be used with an app password"
        """,
        **terms,
    )


@pytest.mark.parametrize("terms", [{}, in_service_mode()], ids=["proxied", "service"])
def test_what_was_begun_can_be_cancelled_and_abandoned(terms):
    over_tls(
        ADMITTED
        + r"""
        C: extended 2 Cancel 0\x03\x02\x01\x01
        forward extended 2 Cancel 0\x03\x02\x01\x01
        C: abandon 3 2
        forward abandon 3 2
        """,
        **terms,
    )


def test_who_am_i_names_the_user_and_not_the_gateway():
    over_tls(
        ADMITTED
        + """
        C: extended 2 WhoAmI
        S: extended-response 2 0 "" @value=dn:uid=fritz,dc=test
        """,
        **in_service_mode(),
    )


def test_who_am_i_of_a_user_whom_the_directory_knows_is_asked_of_it():
    over_tls(
        """
        C: bind 1 fritz secret
        login fritz secret -> accepted
        S: bind-response 1 0
        C: extended 2 WhoAmI
        forward extended 2 WhoAmI
        """,
        **in_service_mode(),
    )


def test_the_rules_are_those_of_whoever_bound_last():
    over_tls(
        """
        C: bind 1 fritz secret
        login fritz secret -> accepted
        S: bind-response 1 0
        C: delete 2 cn=x
        forward delete 2 cn=x
        C: bind 3 dora sesame
        log out
        login dora sesame -> admitted u:dora
        S: bind-response 3 0
        C: delete 4 cn=x
        S: delete-response 4 53 "With an app password, only these are allowed: search"
        C: extended 5 WhoAmI
        S: extended-response 5 0 "" @value=u:dora
        C: bind 6 fritz secret
        log out
        login fritz secret -> accepted
        S: bind-response 6 0
        C: delete 7 cn=x
        forward delete 7 cn=x
        """,
        **in_service_mode("search"),
    )

"""What a user whom the directory knows itself asks of it: nobody comes between them."""

import pytest

from tests.protocols.ldap.fronts import ADMITTED, OPERATIONS, PASSED_THROUGH, over_tls

CONTROLS = [
    "[ManageDsaIT]",
    "[PagedResults=abc critical]",
    "[1.2.3.4 critical] [1.2.3.5=x]",
    "[ProxiedAuthorization=dn:uid=dora,dc=test critical]",
    "[SessionTracking=x]",
]
OUTLOOK = "(&(mail=*)(|(mail=fr*)(|(cn=fr*)(|(sn=fr*)(givenName=fr*)))))"


@pytest.mark.parametrize("operation", [*OPERATIONS, "modify 2 uid=fritz,dc=test replace:userPassword=x"])
@pytest.mark.parametrize("control", ["", *CONTROLS])
def test_every_operation_passes_untouched_with_its_controls(operation, control):
    over_tls(
        PASSED_THROUGH
        + f"""
        C: {operation} {control}
        forward {operation} {control}
        """
    )


@pytest.mark.parametrize("way_in", [PASSED_THROUGH, ADMITTED], ids=["passed through", "admitted"])
def test_outlook_s_search_passes(way_in):
    over_tls(
        way_in
        + f"""
        C: search 2 ou=people,dc=test sub {OUTLOOK} cn mail postalAddress
        forward search 2 ou=people,dc=test sub {OUTLOOK} cn mail postalAddress
        """
    )


@pytest.mark.parametrize("way_in", [PASSED_THROUGH, ADMITTED], ids=["passed through", "admitted"])
def test_an_abandon_passes(way_in):
    over_tls(
        way_in
        + """
        C: search 2 dc=test sub (cn=*)
        forward search 2 dc=test sub (cn=*)
        C: abandon 3 2
        forward abandon 3 2
        """
    )


def test_many_operations_in_one_packet_pass_one_by_one_and_in_their_order():
    searches = [f"search {number} dc=test sub (cn={number})" for number in range(2, 60)]
    over_tls(
        PASSED_THROUGH
        + "".join(f"C: {search}\n" for search in searches)
        + "".join(f"forward {search}\n" for search in searches)
    )


@pytest.mark.parametrize("answer", ["bind-response 2 0", "search-done 2 0", "entry 2 cn=x", "notice 2 Bye"])
@pytest.mark.parametrize("way_in", ["", PASSED_THROUGH], ids=["stranger", "bound"])
def test_what_only_servers_say_ends_it(answer, way_in):
    text = (
        "The message ID 0 is not for clients"
        if "notice" in answer
        else "This is no request that a client can make"
    )
    over_tls(
        way_in
        + f"""
        C: {answer}
        S: notice 2 "{text}"
        error: {text[0].lower() + text[1:]}
        """
    )


def test_who_am_i_is_asked_of_a_directory_that_knows_the_user():
    asked = """
        C: extended 2 WhoAmI
        forward extended 2 WhoAmI
        """
    over_tls(PASSED_THROUGH + asked)
    over_tls(ADMITTED + asked)

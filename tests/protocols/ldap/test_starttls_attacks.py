"""Attacks on the front around StartTLS: what was said in clear must not count afterwards."""

import pytest

from protocols import ldap
from protocols.dialogue import StartTLS
from protocols.terms import Anonymous, DirectoryTerms, FrontTerms
from tests.protocols.ldap.fronts import TLS, open_to, with_starttls
from tests.protocols.ldap.notation import message, said
from tests.protocols.play import whole
from tests.protocols.talk import talk

CLEAR = FrontTerms(tls=False, starttls=True, directory=DirectoryTerms(Anonymous.PASS))
START = bytes.fromhex("301d02010177188016312e332e362e312e342e312e313436362e3230303337")
SEARCH = message("search 2 dc=test sub (cn=*)")
BIND = message("bind 2 evil evil")
INJECTED = [
    SEARCH,
    BIND,
    message('search 2 "" base (objectClass=*)'),
    message("unbind 2"),
    b"\x30",
    b"\0",
    START,
]


def test_stls_06_what_comes_in_one_packet_with_starttls_is_not_done():
    with_starttls(
        """
        C: extended 1 StartTLS
        C: search 2 dc=test sub (cn=*)
        S: notice 2 "Bytes in clear after STARTTLS"
        error: bytes in clear after STARTTLS
        """,
        cuts=(whole,),
        **open_to(Anonymous.PASS),
    )


@pytest.mark.parametrize("injected", INJECTED)
def test_stls_06_injected_bytes_are_never_run_wherever_the_stream_is_cut(injected):
    stream = START + injected
    for at in range(1, len(stream) + 1):
        ended = talk(
            ldap.front(CLEAR),
            [stream, message("unbind 9")],
            cut=lambda data, at=at: [data[:at], data[at:]],
        )
        assert (ended.logins, ended.forwarded) == ([], [])
        assert {line.split()[1] for line in said("S", ended.sent)} <= {"extended-response", "notice"}
        assert ended.end == "ProtocolError: bytes in clear " + (
            "come into the handshake" if StartTLS() in ended.happened else "after STARTTLS"
        )


def test_stls_06_with_its_octets_as_they_stand_in_the_rfc():
    assert message("extended 1 StartTLS") == START


@pytest.mark.parametrize("value", ["x", '""'])
def test_stls_06_a_request_with_a_value_is_still_one(value):
    with_starttls(
        f"""
        C: extended 1 StartTLS {value}
        S: extended-response 1 0 "" @name=StartTLS
        tls
        """
    )


@pytest.mark.parametrize("anonymous", Anonymous)
@pytest.mark.parametrize(
    "bind",
    [
        "bind 1 uid=fritz,dc=test secret",
        'bind 1 uid=fritz,dc=test ""',
        "bind 1 uid=fritz,dc=test secret 2",
        'bind-sasl 1 "" EXTERNAL',
        "bind-sicily 1 NTLM negotiate x",
        "bind 1 uid=fritz,dc=test secret [1.2.3 critical]",
    ],
)
def test_stls_11_a_bind_in_clear_is_refused_and_not_counted(bind, anonymous):
    """Nobody is asked about it, so the user's account isn't any nearer to being locked."""
    over = f"""
        C: {bind}
        S: bind-response 1 13 "Start TLS first, then bind"
        """
    with_starttls(over * 5, **open_to(anonymous))


def test_stls_12_what_was_said_in_clear_is_forgotten():
    with_starttls(
        """
        C: bind 1 uid=fritz,dc=test secret
        S: bind-response 1 13 "Start TLS first, then bind"
        """
        + TLS
        + """
        C: search 2 dc=test sub (cn=*)
        S: search-done 2 8 "Bind first, with name and password"
        C: bind 3 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 3 0
        """
    )

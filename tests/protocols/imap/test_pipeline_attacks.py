"""What comes behind a login is for the backend, or for nobody."""

import pytest

from protocols import imap
from protocols.dialogue import LoginResult, Outcome
from protocols.terms import FrontTerms
from tests.protocols.imap.fronts import over_tls
from tests.protocols.talk import talk

COMMANDS = b"".join(b"c%d FETCH %d BODY[]\r\n" % (number, number) for number in range(50))
LOGIN = b"a LOGIN alice {6+}\r\nsecret\r\n"


@pytest.mark.parametrize("behind", [COMMANDS, b"b NOOP\r\n", b"\r\n", b"\0", b"b LOGI"])
def test_pipe_01_what_comes_behind_a_login_is_left_for_the_relay(behind):
    ended = talk(
        imap.front(FrontTerms()), [LOGIN + behind], results=[LoginResult(Outcome.ACCEPTED, b"Hello")]
    )
    assert ended.left == behind
    assert ended.sent.endswith(b"ready.\r\na OK Hello\r\n")


def test_pipe_02_it_is_left_wherever_the_stream_is_cut():
    stream = LOGIN + COMMANDS
    for at in range(1, len(stream)):
        ended = talk(
            imap.front(FrontTerms()),
            [stream],
            cut=lambda data, at=at: [data[:at], data[at:]],
            results=[LoginResult(Outcome.ACCEPTED, b"Hello")],
        )
        assert ended.left == COMMANDS
        assert ended.sent.endswith(b"ready.\r\na OK Hello\r\n")


def test_pipe_03_nothing_behind_a_failed_login_is_run():
    over_tls(
        """
        C: a LOGIN alice secret
        C: b LOGOUT
        C: c NOOP
        login alice secret -> rejected Wrong
        S: a NO [AUTHENTICATIONFAILED] Wrong
        S: * BYE Commands behind a login that failed
        error: commands behind a login that failed
        """
    )


def test_pipe_04_nor_behind_a_failed_authenticate():
    over_tls(
        r"""
        C: a AUTHENTICATE LOGIN
        C: YWxpY2U=
        C: c2VjcmV0
        C: b LOGIN mallory secret
        S: + VXNlcm5hbWU6
        S: + UGFzc3dvcmQ6
        login alice secret -> unavailable Later
        S: a NO [UNAVAILABLE] Later
        S: * BYE Commands behind a login that failed
        error: commands behind a login that failed
        """
    )


def test_pipe_05_nothing_behind_a_failed_login_is_run_wherever_the_stream_is_cut():
    stream = LOGIN + COMMANDS
    for at in range(1, len(stream)):
        ended = talk(
            imap.front(FrontTerms()),
            [stream],
            cut=lambda data, at=at: [data[:at], data[at:]],
            results=[LoginResult(Outcome.REJECTED, b"No")],
        )
        assert ended.sent.endswith(
            b"a NO [AUTHENTICATIONFAILED] No\r\n* BYE Commands behind a login that failed\r\n"
        )

"""What comes behind a login is for the backend, or for nobody."""

import pytest

from protocols import smtp
from protocols.dialogue import LoginResult, Outcome
from protocols.terms import FrontTerms
from tests.protocols.smtp.fronts import over_tls
from tests.protocols.talk import talk

COMMANDS = b"MAIL FROM:<alice@example.test>\r\n" + b"".join(
    b"RCPT TO:<bob%d@example.test>\r\n" % number for number in range(48)
)
COMMANDS += b"DATA\r\n"
PLAIN = b"AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
LOGIN = b"EHLO x\r\nAUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\n"
ACCEPTED = LoginResult(Outcome.ACCEPTED, b"2.7.0 Hello")
REFUSALS = {
    Outcome.REJECTED: b"535 5.7.8 No\r\n",
    Outcome.UNAVAILABLE: b"454 4.7.0 No\r\n",
}


def cut_at(at):
    return lambda data: [data[:at], data[at:]]


@pytest.mark.parametrize("behind", [COMMANDS, b"NOOP\r\n", b"\r\n", b"\0", b"AUT", PLAIN])
@pytest.mark.parametrize("login", [PLAIN, LOGIN])
def test_pipe_01_what_comes_behind_a_login_is_left_for_the_relay(login, behind):
    ended = talk(smtp.front(FrontTerms()), [login + behind], results=[ACCEPTED])
    assert ended.left == behind
    assert ended.sent.endswith(b"235 2.7.0 Hello\r\n")
    assert len(ended.logins) == 1


@pytest.mark.parametrize("login", [PLAIN, LOGIN])
def test_pipe_02_it_is_left_wherever_the_stream_is_cut(login):
    stream = login + COMMANDS
    for at in range(1, len(stream)):
        ended = talk(smtp.front(FrontTerms()), [stream], cut_at(at), [ACCEPTED])
        assert ended.left == COMMANDS
        assert ended.sent.endswith(b"235 2.7.0 Hello\r\n")


def test_pipe_03_nothing_behind_a_failed_login_is_run():
    over_tls(
        """
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        C: QUIT
        C: NOOP
        login alice secret -> rejected Wrong
        S: 535 5.7.8 Wrong
        S: 421 4.7.0 Commands behind a login that failed
        error: commands behind a login that failed
        """
    )


def test_pipe_04_nor_behind_a_login_that_went_by_prompts():
    over_tls(
        """
        C: AUTH LOGIN
        C: YWxpY2U=
        C: c2VjcmV0
        C: AUTH PLAIN AG1hbGxvcnkAc2VjcmV0
        S: 334 VXNlcm5hbWU6
        S: 334 UGFzc3dvcmQ6
        login alice secret -> unavailable Later
        S: 454 4.7.0 Later
        S: 421 4.7.0 Commands behind a login that failed
        error: commands behind a login that failed
        """
    )


@pytest.mark.parametrize("outcome", REFUSALS)
@pytest.mark.parametrize("login", [PLAIN, LOGIN])
def test_pipe_05_nothing_behind_a_failed_login_is_run_wherever_the_stream_is_cut(login, outcome):
    stream = login + COMMANDS
    for at in range(1, len(stream)):
        ended = talk(smtp.front(FrontTerms()), [stream], cut_at(at), [LoginResult(outcome, b"No")])
        assert ended.sent.endswith(REFUSALS[outcome] + b"421 4.7.0 Commands behind a login that failed\r\n")
        assert len(ended.logins) == 1

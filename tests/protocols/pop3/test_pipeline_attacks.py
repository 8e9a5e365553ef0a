"""What comes behind a login is for the backend, or for nobody."""

import pytest

from protocols import pop3
from protocols.dialogue import LoginResult, Outcome
from protocols.terms import FrontTerms
from tests.protocols.pop3.fronts import over_tls
from tests.protocols.talk import talk

COMMANDS = b"STAT\r\n" + b"".join(b"RETR %d\r\n" % number for number in range(49))
USER = b"USER alice\r\nPASS secret\r\n"
PLAIN = b"AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
LOGIN = b"AUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\n"
LOGINS = [USER, PLAIN, LOGIN]
ACCEPTED = LoginResult(Outcome.ACCEPTED, b"Hello")
REFUSALS = {
    Outcome.REJECTED: b"-ERR [AUTH] No\r\n",
    Outcome.UNAVAILABLE: b"-ERR [SYS/TEMP] No\r\n",
}


def cut_at(at):
    return lambda data: [data[:at], data[at:]]


@pytest.mark.parametrize("behind", [COMMANDS, b"NOOP\r\n", b"\r\n", b"\0", b"STA", USER])
@pytest.mark.parametrize("login", LOGINS)
def test_pipe_01_what_comes_behind_a_login_is_left_for_the_relay(login, behind):
    ended = talk(pop3.front(FrontTerms()), [login + behind], results=[ACCEPTED])
    assert ended.left == behind
    assert ended.sent.endswith(b"+OK Hello\r\n")
    assert len(ended.logins) == 1


@pytest.mark.parametrize("login", LOGINS)
def test_pipe_02_it_is_left_wherever_the_stream_is_cut(login):
    stream = login + COMMANDS
    for at in range(1, len(stream)):
        ended = talk(pop3.front(FrontTerms()), [stream], cut_at(at), [ACCEPTED])
        assert ended.left == COMMANDS
        assert ended.sent.endswith(b"+OK Hello\r\n")


def test_pipe_03_nothing_behind_a_failed_login_is_run():
    over_tls(
        """
        C: USER alice
        C: PASS secret
        C: QUIT
        C: CAPA
        S: +OK Now the password
        login alice secret -> rejected Wrong
        S: -ERR [AUTH] Wrong
        S: -ERR Commands behind a login that failed
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
        S: + VXNlcm5hbWU6
        S: + UGFzc3dvcmQ6
        login alice secret -> unavailable Later
        S: -ERR [SYS/TEMP] Later
        S: -ERR Commands behind a login that failed
        error: commands behind a login that failed
        """
    )


@pytest.mark.parametrize("outcome", REFUSALS)
@pytest.mark.parametrize("login", LOGINS)
def test_pipe_05_nothing_behind_a_failed_login_is_run_wherever_the_stream_is_cut(login, outcome):
    stream = login + COMMANDS
    for at in range(1, len(stream)):
        ended = talk(pop3.front(FrontTerms()), [stream], cut_at(at), [LoginResult(outcome, b"No")])
        assert ended.sent.endswith(REFUSALS[outcome] + b"-ERR Commands behind a login that failed\r\n")
        assert len(ended.logins) == 1

"""What comes behind a login is for the backend, or for nobody."""

import pytest

from protocols import sieve
from protocols.dialogue import LoginResult, Outcome
from protocols.terms import FrontTerms
from tests.protocols.sieve.fronts import over_tls
from tests.protocols.talk import talk

COMMANDS = b"LISTSCRIPTS\r\n" + b"".join(b'GETSCRIPT "%d"\r\n' % number for number in range(48))
COMMANDS += b'PUTSCRIPT "a" {5+}\r\nkeep;\r\n'
PLAIN = b'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n'
LITERAL = b'AUTHENTICATE "PLAIN" {20+}\r\nAGFsaWNlAHNlY3JldA==\r\n'
LOGIN = b'AUTHENTICATE "LOGIN"\r\n"YWxpY2U="\r\n{8+}\r\nc2VjcmV0\r\n'
LOGINS = [PLAIN, LITERAL, LOGIN]
ACCEPTED = LoginResult(Outcome.ACCEPTED, b"Hello")
REFUSALS = {
    Outcome.REJECTED: b'NO "No"\r\n',
    Outcome.UNAVAILABLE: b'NO (TRYLATER) "No"\r\n',
}


def cut_at(at):
    return lambda data: [data[:at], data[at:]]


@pytest.mark.parametrize("behind", [COMMANDS, b"NOOP\r\n", b"\r\n", b"\0", b"LIST", PLAIN])
@pytest.mark.parametrize("login", LOGINS)
def test_pipe_01_what_comes_behind_a_login_is_left_for_the_relay(login, behind):
    ended = talk(sieve.front(FrontTerms()), [login + behind], results=[ACCEPTED])
    assert ended.left == behind
    assert ended.sent.endswith(b'\r\nOK "Hello"\r\n')
    assert len(ended.logins) == 1


@pytest.mark.parametrize("login", LOGINS)
def test_pipe_02_it_is_left_wherever_the_stream_is_cut(login):
    stream = login + COMMANDS
    for at in range(1, len(stream)):
        ended = talk(sieve.front(FrontTerms()), [stream], cut_at(at), [ACCEPTED])
        assert ended.left == COMMANDS
        assert ended.sent.endswith(b'\r\nOK "Hello"\r\n')


def test_pipe_03_nothing_behind_a_failed_login_is_run():
    over_tls(
        """
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        C: LOGOUT
        C: NOOP
        login alice secret -> rejected Wrong
        S: NO "Wrong"
        S: BYE "Commands behind a login that failed"
        error: commands behind a login that failed
        """
    )


def test_pipe_04_nor_behind_a_login_that_went_by_prompts():
    over_tls(
        """
        C: AUTHENTICATE "LOGIN"
        C: "YWxpY2U="
        C: "c2VjcmV0"
        C: AUTHENTICATE "PLAIN" "AG1hbGxvcnkAc2VjcmV0"
        S: "VXNlcm5hbWU6"
        S: "UGFzc3dvcmQ6"
        login alice secret -> unavailable Later
        S: NO (TRYLATER) "Later"
        S: BYE "Commands behind a login that failed"
        error: commands behind a login that failed
        """
    )


@pytest.mark.parametrize("outcome", REFUSALS)
@pytest.mark.parametrize("login", LOGINS)
def test_pipe_05_nothing_behind_a_failed_login_is_run_wherever_the_stream_is_cut(login, outcome):
    stream = login + COMMANDS
    for at in range(1, len(stream)):
        ended = talk(sieve.front(FrontTerms()), [stream], cut_at(at), [LoginResult(outcome, b"No")])
        assert ended.sent.endswith(REFUSALS[outcome] + b'BYE "Commands behind a login that failed"\r\n')
        assert len(ended.logins) == 1

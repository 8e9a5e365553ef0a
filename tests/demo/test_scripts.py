"""The demo's ManageSieve server, without the gateway."""

from base64 import b64encode

import pytest

from tests.demo.mailhost import PASSWORD, SHARED
from tests.demo.sieve_client import SieveClient

SCRIPT = 'if header :contains "subject" "Grüße" {\r\n  keep; # {"\r\n}\r\n'.encode()


@pytest.fixture
def stranger(ports):
    with SieveClient(ports["sieve"]) as client:
        yield client


@pytest.fixture
def sieve(stranger, login):
    assert stranger.log_in(login, PASSWORD) == b'OK "Logged in"'
    return stranger


def put(client, name, script):
    return client.ask(b'PUTSCRIPT "%b" {%d+}\r\n%b' % (name, len(script), script))[-1]


def test_it_says_that_it_runs_no_scripts(stranger, sieve):
    for answer in (stranger.greeting, sieve.ask(b"capability")):
        assert answer[:-1] == [
            b'"IMPLEMENTATION" "Wicketgate demo, which keeps scripts and runs none"',
            b'"SIEVE" ""',
            b'"VERSION" "1.0"',
            b'"SASL" "PLAIN"',
        ]
    assert put(sieve, b"a", SCRIPT) == b'OK (WARNINGS) "The demo keeps this script, but runs none"'


def test_scripts_are_put_listed_fetched_and_deleted(sieve):
    assert sieve.ask(b"LISTSCRIPTS") == [b'OK "These are the scripts"']
    put(sieve, b'the \\"first\\"', SCRIPT)
    put(sieve, b"second", b"keep;")
    put(sieve, b"second", b"stop;")
    assert sieve.ask(b"LISTSCRIPTS")[:-1] == [b'"the \\"first\\""', b'"second"']
    assert sieve.ask(b'GETSCRIPT "the \\"first\\""')[0] == SCRIPT
    assert sieve.ask(b"GETSCRIPT {6+}\r\nsecond")[0] == b"stop;"
    assert sieve.ask(b'DELETESCRIPT "second"') == [b'OK "Done"']
    assert sieve.ask(b'GETSCRIPT "second"')[-1].startswith(b"NO (NONEXISTENT) ")


def test_one_script_is_active_or_none(sieve):
    for name in (b"a", b"b"):
        put(sieve, name, SCRIPT)
        sieve.ask(b'SETACTIVE "%b"' % name)
    assert sieve.ask(b"LISTSCRIPTS")[:-1] == [b'"a"', b'"b" ACTIVE']
    assert sieve.ask(b'DELETESCRIPT "b"')[-1].startswith(b"NO (ACTIVE) ")
    sieve.ask(b'RENAMESCRIPT "b" "c"')
    assert sieve.ask(b"LISTSCRIPTS")[:-1] == [b'"a"', b'"c" ACTIVE']
    assert sieve.ask(b'SETACTIVE ""') == [b'OK "Done"']
    assert sieve.ask(b"LISTSCRIPTS")[:-1] == [b'"a"', b'"c"']


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b'SETACTIVE "none"', b"NO (NONEXISTENT) "),
        (b'DELETESCRIPT "none"', b"NO (NONEXISTENT) "),
        (b'RENAMESCRIPT "none" "other"', b"NO (NONEXISTENT) "),
        (b'RENAMESCRIPT "kept" "kept"', b"NO (ALREADYEXISTS) "),
        (b'RENAMESCRIPT "kept" ""', b'NO "A name has'),
        (b'HAVESPACE "new" 131073', b"NO (QUOTA/MAXSIZE) "),
        (b'HAVESPACE "new" 131072', b"OK "),
        (b'HAVESPACE "" 1', b'NO "A name has'),
        (b'PUTSCRIPT "" "keep;"', b'NO "A name has'),
        (b'PUTSCRIPT {2+}\r\n\xc2\x85 "keep;"', b'NO "A name has'),
        (b'PUTSCRIPT {1+}\r\n\xff "keep;"', b'NO "A name has'),
        (b'PUTSCRIPT "new" "keep"', b'NO "line 1: '),
        (b'CHECKSCRIPT "keep;"', b'OK "Done"'),
        (b"CHECKSCRIPT {9+}\r\nkeep;\r\n}}", b'NO "line 2: '),
        (b"noop", b"OK "),
        (b"UNAUTHENTICATE", b'NO "This command'),
        (b'PUTSCRIPT "lonely"', b'NO "This command'),
        (b"HAVESPACE kept 1", b'NO "This command'),
        (b'HAVESPACE "new" -1', b'NO "This command'),
        (b'AUTHENTICATE "PLAIN" "AGEAYg=="', b'NO "You are logged in already'),
        (b'GETSCRIPT "kept', b"NO \"This doesn't follow"),
        (b"GETSCRIPT (kept)", b"NO \"This doesn't follow"),
        (b'PUTSCRIPT "a\\b" {5+}\r\nkeep;', b"NO \"This doesn't follow"),
        (b"", b"NO "),
    ],
)
def test_every_command_says_why_not(sieve, command, answer):
    put(sieve, b"kept", SCRIPT)
    assert sieve.ask(command)[-1].startswith(answer)
    assert sieve.ask(b"LISTSCRIPTS")[:-1] == [b'"kept"']


def test_noop_repeats_a_tag(stranger):
    assert stranger.ask(b'NOOP "a\\"b"') == [b'OK (TAG "a\\"b")']
    assert stranger.ask(b"NOOP {3+}\r\na\r\n") == [b"OK (TAG {3}"]


def test_there_is_an_end_to_the_number_of_scripts(sieve):
    for number in range(32):
        assert put(sieve, b"%d" % number, b"keep;").startswith(b"OK")
    assert put(sieve, b"one more", b"keep;").startswith(b"NO (QUOTA/MAXSCRIPTS) ")
    assert put(sieve, b"0", b"stop;").startswith(b"OK")


@pytest.mark.parametrize("command", [b'PUTSCRIPT "a" {131073+}', b"LISTSCRIPTS" + b" " * 70000])
def test_a_command_that_is_too_long_ends_the_session(sieve, command):
    assert sieve.ask(command)[-1].startswith(b"BYE (QUOTA/MAXSIZE) ")


def test_logout_ends_the_session(sieve):
    assert sieve.ask(b"LOGOUT") == [b'BYE "Goodbye"']


@pytest.mark.parametrize("authzid", ["", "{login}"])
def test_authenticate_plain_logs_in_at_once_or_after_a_challenge(ports, login, authzid):
    message = b64encode(f"{authzid}\0{{login}}\0{SHARED}".format(login=login).encode())
    for command in (
        b'AUTHENTICATE "plain" "%b"' % message,
        b'AUTHENTICATE "PLAIN" {%d+}\r\n%b' % (len(message), message),
    ):
        with SieveClient(ports["sieve"]) as client:
            assert client.ask(command) == [b'OK "Logged in"']
    with SieveClient(ports["sieve"]) as client:
        assert client.ask(b'AUTHENTICATE "PLAIN"') == [b'""']
        assert client.ask(b'"%b"' % message) == [b'OK "Logged in"']


@pytest.mark.parametrize(
    "message",
    ["\0{login}\0wrong", f"user199@example.test\0{{login}}\0{SHARED}", f"\0stranger\0{SHARED}", "nonsense"],
)
def test_authenticate_refuses_a_wrong_password_and_another_identity(stranger, login, message):
    response = b64encode(message.format(login=login).encode())
    assert stranger.ask(b'AUTHENTICATE "PLAIN" "%b"' % response)[-1].startswith(b"NO ")
    assert stranger.ask(b"LISTSCRIPTS") == [b'NO "Log in first"']


def test_authenticate_refuses_other_mechanisms_and_what_is_no_string(stranger):
    assert stranger.ask(b'AUTHENTICATE "CRAM-MD5"')[-1] == b'NO "The mechanism offered is PLAIN"'
    assert stranger.ask(b'AUTHENTICATE "PLAIN" AGEAYg==')[-1].startswith(b"NO ")
    assert stranger.ask(b'AUTHENTICATE "PLAIN" "*"')[-1] == b'NO "The login was cancelled"'

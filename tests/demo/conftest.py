"""The demo's servers, shared by all tests, and a user of them for each test."""

import pytest

from tests.demo.mailhost import LOGINS, imap_client, running


@pytest.fixture(scope="session")
def ports():
    with running() as ports:
        yield ports


@pytest.fixture(scope="session")
def port(ports):
    """That of IMAP."""
    return ports["imap"]


@pytest.fixture(scope="session")
def unused_logins():
    return iter(LOGINS)


@pytest.fixture
def login(unused_logins):
    """A user whose mailbox no other test has touched."""
    return next(unused_logins)


@pytest.fixture
def other_login(unused_logins):
    """Another one."""
    return next(unused_logins)


@pytest.fixture
def mail(port, login):
    """The user's IMAP session."""
    with imap_client(port, login) as session:
        yield session

"""One slapd for all tests of LDAP, and a gateway in front of it.

A module may say more, and gets a gateway of its own: BACKEND for its [[backend]], POLICY, LIMITS, DIRECTORY
for those tables, MORE for what stands behind all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.gateway.ldap.door import Door, login_of, open_door
from tests.gateway.ldap.entrants import KINDS, Entrant, entrant_of
from tests.gateway.site import MAIN
from tests.servers.certificates import Authority
from tests.servers.directory import Person
from tests.servers.slapd import Slapd

_WORDS = ("backend", "policy", "limits", "directory", "more")


@pytest.fixture(scope="session")
def slapd() -> Iterator[Slapd]:
    """A test that stops it starts it again."""
    with Slapd([Person("good", MAIN)]) as directory:
        yield directory


@contextmanager
def opened(folder: Path, slapd: Slapd, authority: Authority, **said: str) -> Iterator[Door]:
    """A gateway with one user, the good one."""
    with open_door(folder, slapd, authority, **said) as door:
        door.people.add(login_of("good"), "enforced")
        door.good = door.give("good", name="good one")
        yield door
        door.lets_a_good_login_in()
        door.remove_people()


@pytest.fixture(scope="session")
def usual_door(
    tmp_path_factory: pytest.TempPathFactory, slapd: Slapd, authority: Authority
) -> Iterator[Door]:
    """For all modules that say nothing more. Each leaves it as it was."""
    with opened(tmp_path_factory.mktemp("door"), slapd, authority) as door:
        yield door


@pytest.fixture(scope="module")
def standing_door(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    slapd: Slapd,
    authority: Authority,
) -> Iterator[Door]:
    """What the tests of a module share. Take `door` instead: it begins each test afresh."""
    said = {
        word: getattr(request.module, word.upper())
        for word in _WORDS
        if hasattr(request.module, word.upper())
    }
    own_slapd = hasattr(request.module, "slapd")
    if not said and not own_slapd:
        door = request.getfixturevalue("usual_door")
        yield door
        door.lets_a_good_login_in()
        door.clear()
        return
    with opened(tmp_path_factory.mktemp("door"), slapd, authority, **said) as door:
        if own_slapd:
            door.add_to_slapd("good")
        yield door


@pytest.fixture
def door(standing_door: Door) -> Iterator[Door]:
    """The module's gateway. After each test it must live, and let a good bind in."""
    standing_door.begin()
    yield standing_door
    standing_door.lives()


@pytest.fixture(scope="module", params=KINDS)
def entrant(request: pytest.FixtureRequest, standing_door: Door) -> Entrant:
    """Whom the door lets in: one test with an app password, one with a main password."""
    return entrant_of(request.param, standing_door)

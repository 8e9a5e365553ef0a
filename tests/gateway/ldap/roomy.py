"""A slapd with more in its configuration than that of the other tests, for what these need of a directory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.servers.directory import PEOPLE, Person
from tests.servers.slapd import Slapd

_FIRST_RULE = "access to attrs=userPassword"
# Below the own entry everybody keeps an address book of his own, which nobody else sees.
ADDRESS_BOOKS = f'access to dn.regex="^.+,(uid=[^,]+,{PEOPLE})$" by dn.exact,expand="$1" write by * none\n'


@contextmanager
def roomy_slapd(
    rules: str = "", overlays: str = "", people: Iterable[Person] = (), settings: str = ""
) -> Iterator[Slapd]:
    """`rules` come before all others of the database, behind its `overlays`; `settings` are for all."""
    with Slapd(people) as slapd:
        slapd.stop()
        file = slapd.folder / "slapd.conf"
        file.write_text(_with(file.read_text(), settings, overlays + rules))
        slapd.start()
        yield slapd


def _with(text: str, settings: str, database: str) -> str:
    for before, more in (("pidfile ", settings), (_FIRST_RULE, database)):
        assert text.count(before) == 1
        text = text.replace(before, more + before)
    return text

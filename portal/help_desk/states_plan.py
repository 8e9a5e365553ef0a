"""What a CSV with MFA states would do, within what its reader may do."""

from collections.abc import Mapping

from portal.help_desk.whose import reach_of
from portal.languages import marked, translated
from portal.visit import Visit
from store import users
from store.importing import Entry, Plan, Problem, Step, plan, read_csv
from store.model import User
from store.names import normalise_login
from store.portal import roles
from store.portal.reach import Barred
from store.portal.search import ids_of

_FIELDS = ("aliases", "backend_login", "dn", "blocked")
_SENTENCES: Mapping[Barred, str] = {
    Barred.ABSENT: marked("there is no user {login}; here users are changed and not added."),
    Barred.LOOKS_ONLY: marked("{login} can't be changed by an auditor."),
    Barred.SELF: marked("{login} is you; somebody else has to do it."),
    Barred.OUTRANKED: marked("{login} has a role that yours doesn't reach."),
}


def planned(visit: Visit, text: str) -> Plan:
    """Only users that are there, in the reader's domains and below the reader's role."""
    login = visit.state.settings.login
    read = read_csv(
        text,
        lambda name: normalise_login(
            name.encode(), login.default_domain, login.domains, login.recipient_delimiter
        ),
    )
    if read.problems:
        return Plan((), 0, read.problems)
    known = _known(visit, read.entries)
    problems = [*_unfit(visit, read.entries, {one.login: one for one in known})]
    return plan(read.entries, known) if not problems else Plan((), 0, tuple(problems))


def versions(made: Plan) -> dict[str, int]:
    """Of the users as they were planned with."""
    return {one.user.login: one.user.version for one in made.steps if one.user is not None}


def changed_since(step: Step, planned_with: Mapping[str, int]) -> bool:
    """Whether the user isn't as the plan was shown."""
    return step.user is None or planned_with.get(step.user.login) != step.user.version


def _known(visit: Visit, entries: tuple[Entry, ...]) -> list[User]:
    database = visit.state.database
    found = users.list_users(database, ids_of(database, [one.login for one in entries]))
    return [one for one in found if visit.power.covers(one.login)]


def _unfit(visit: Visit, entries: tuple[Entry, ...], known: Mapping[str, User]) -> list[Problem]:
    holders = {one.login: one.held for one in roles.holders(visit.state.database)}
    reach, problems = reach_of(visit), []
    for entry in entries:
        if any(getattr(entry, name) is not None for name in _FIELDS):
            sentence = translated("only the columns login, mfa and grace_until are taken here.")
        else:
            user = known.get(entry.login)
            barred = reach.bar(user, holders.get(user.login)) if user is not None else Barred.ABSENT
            if barred is None:
                continue
            sentence = translated(_SENTENCES[barred])
        problems.append(Problem(entry.line, sentence.format(login=entry.login)))
    return problems

"""Which events are told to whom, and in which words."""

import json
from collections.abc import Collection, Mapping

from portal.languages import marked, translated
from store.portal.failures import LOCKED, MANY_FAILURES
from store.portal.happenings import FIRST_USED, NEW_NETWORK
from store.portal.notices import Channel, Notice

# By the actions of the audit trail, and by the uses of app passwords. {name} is the app password's or the
# method's, {used} by which client, with which protocol and from where.
MAILED: Mapping[str, str] = {
    "app-password-created": marked("An app password was created: {name}"),
    FIRST_USED: marked("An app password was used for the first time: {name} ({used})"),
    NEW_NETWORK: marked("An app password was used from a new network: {name} ({used})"),
    "second-step-added": marked("A second step was added: {name}"),
    "second-step-removed": marked("A second step was removed: {name}"),
    "recovery-codes-renewed": marked("New recovery codes were made. The old ones are void."),
    "second-steps-reset": marked("Your second step was reset by a help desk."),
    "provider-account-forgotten": marked(
        "Your account at your organisation's sign-in was forgotten. The next one that signs in as you is "
        "kept."
    ),
    MANY_FAILURES: marked(
        "Five wrong codes in a row were typed at your second step, after the right password. If that wasn't "
        "you, change the password."
    ),
    LOCKED: marked(
        "There were so many wrong codes at your second step that no more are taken. Another way of yours or "
        "your help desk lets you in. If that wasn't you, change the password."
    ),
}
# By the kind of the actor, as the audit trail has it: "api:security page".
_BY: Mapping[str, str] = {
    "api": marked('by the program "{who}"'),
    "cli": marked("on the command line, by {who}"),
    "portal": marked("by {who}"),
}
HOOKED = frozenset(MAILED) | {
    "app-password-renamed",
    "app-password-deleted",
    "app-passwords-deleted",
    "mfa-set",
    "blocked",
    "unblocked",
    "user-added",
    "user-deleted",
}
WANTED: Mapping[Channel, Collection[str]] = {Channel.MAIL: MAILED.keys(), Channel.WEBHOOK: HOOKED}


def sentence(notice: Notice) -> str:
    """What happened, in the language that is spoken now, and who did it where that wasn't the user."""
    told, by = translated(MAILED[notice.event]).format(**_words(notice)), _by(notice)
    return f"{told} ({by})" if by else told


def _by(notice: Notice) -> str:
    kind, _, who = notice.actor.partition(":")
    if not who or (kind == "portal" and who == notice.login):
        return ""
    return translated(_BY[kind]).format(who=who) if kind in _BY else notice.actor


def data(notice: Notice) -> dict[str, object]:
    """The same for programs."""
    told: dict[str, object] = {"login": notice.login, "actor": notice.actor}
    return told | ({"use": json.loads(notice.detail)} if _is_use(notice) else {"detail": notice.detail})


def _words(notice: Notice) -> dict[str, str]:
    if _is_use(notice):
        use = json.loads(notice.detail)
        said = (use["client"], use["protocol"].upper(), use["address"])
        return {"name": use["name"], "used": ", ".join(part for part in said if part)}
    name = notice.detail
    if notice.event == "app-password-created":  # "abcdefgh Outlook for imap smtp", as the audit trail has it
        name = name.partition(" ")[2].rpartition(" for ")[0]
    return {"name": name, "used": ""}


def _is_use(notice: Notice) -> bool:
    return notice.event in (FIRST_USED, NEW_NETWORK)

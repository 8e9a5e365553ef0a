"""The user that a directory says it has logged in, against the one that was judged (RFC 4532, "Who am I?").

A directory may know a user by names of which the gateway knows nothing. What it reports is an authorization
identity (RFC 4513, section 5.2.1.8): a DN, or a name of its own kind.
"""

from collections.abc import Callable

from gateway.accounts import Accounts
from gateway.directory_names import DirectoryNames
from gateway.judgement import Admit, PassThrough
from store.distinguished_name import normalise_dn


def entry_of(reported: bytes | None) -> str:
    """The normalised DN that was reported, if one was."""
    kind, _, who = (reported or b"").partition(b":")
    return (normalise_dn(who) or "") if kind.lower() == b"dn" else ""


async def is_judged(
    reported: bytes,
    verdict: Admit | PassThrough,
    accounts: Accounts,
    directory_names: DirectoryNames,
    login_name: Callable[[bytes], str | None],
) -> bool:
    """Whether the reported user may be the one that was judged. Raises `StoreUnavailable` and
    `DirectoryUnavailable`."""
    judged = verdict.account
    dn = entry_of(reported)
    kind, _, who = reported.partition(b":")
    owner = await accounts.find_by_dn(dn) if dn else None
    if owner is None:
        if dn:
            name = await directory_names.login(dn, accounts.changes_heard)
        else:
            name = login_name(who) if kind.lower() == b"u" else None
        if judged is None and isinstance(verdict, PassThrough):
            return name == verdict.name or (bool(dn) and name is None)
        owner = await accounts.find(name) if name is not None else None
    return owner is None or (judged is not None and owner.user.id == judged.user.id)

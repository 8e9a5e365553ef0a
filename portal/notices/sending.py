"""Gathers what has happened, and sends what is due. One portal or several: each notice is claimed by one."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import chain, groupby

from config import Settings
from portal.log import log
from portal.notices.cannot_send import CannotSend
from portal.notices.events import WANTED
from portal.notices.mail import message, send
from portal.notices.webhook import deliver
from portal.setup.servers import mail_address
from store import users
from store.database import Database, StoreUnavailable
from store.portal import happenings, notices
from store.portal.notices import CLAIMED, Channel, Notice

# After so many failures in a row the server is down: the rest waits, without a try for each.
_IN_A_ROW = 3
# Then the rest is given back. One that is under way still ends before others may claim it.
_LONGEST_SECONDS = CLAIMED.total_seconds() / 2
_NO_TIME = timedelta(0)


def channels(settings: Settings) -> frozenset[Channel]:
    """Those that are switched on."""
    is_on = {
        Channel.MAIL: settings.notices.smtp is not None,
        Channel.WEBHOOK: bool(settings.notices.webhook),
    }
    return frozenset(channel for channel, on in is_on.items() if on)


def forget_what_is_off(database: Database, settings: Settings) -> None:
    """Once, at the start. Raises StoreUnavailable."""
    on = channels(settings)
    for channel in frozenset(Channel) - on:
        notices.drop(database, channel)
    if not on:
        happenings.forget_place(database)


def gather(database: Database, settings: Settings, back: timedelta = _NO_TIME) -> None:
    """Look for what has happened. Raises StoreUnavailable."""
    happenings.gather(database, {channel: WANTED[channel] for channel in channels(settings)}, back)


def send_due(
    database: Database, settings: Settings, channel: Channel, is_ending: Callable[[], bool] = lambda: False
) -> None:
    """What is due on this channel. Raises StoreUnavailable; what can't be sent is tried again later.

    When the portal `is_ending`, it goes no further than what is under way.
    """
    if channel is Channel.MAIL:
        due = notices.claim(database, channel, timedelta(minutes=settings.notices.digest_minutes))
        of_one_user = groupby(sorted(due, key=lambda one: (one.login, one.id)), key=lambda one: one.login)
        groups = [list(group) for _, group in of_one_user]
    else:
        groups = [[one] for one in notices.claim(database, channel)]
    end, in_a_row = time.monotonic() + _LONGEST_SECONDS, 0
    for index, group in enumerate(groups):
        if in_a_row == _IN_A_ROW or time.monotonic() > end or is_ending():
            rest = list(chain.from_iterable(groups[index:]))
            notices.give_back(database, rest, is_server_down=in_a_row == _IN_A_ROW)
            return
        is_sent = _try(database, settings, channel, group)
        in_a_row = 0 if is_sent else in_a_row + 1


def _try(database: Database, settings: Settings, channel: Channel, told: Sequence[Notice]) -> bool:
    try:
        if channel is Channel.MAIL:
            _mail(database, settings, told)
        else:
            deliver(settings.notices, told[0])
            notices.done(database, told)
    except StoreUnavailable:
        raise
    except CannotSend as error:
        given_up = notices.failed(database, told)
        log.warning(
            "can't send", channel=channel.value, error=str(error), events=len(told), given_up=given_up
        )
        return False
    except Exception:  # what nobody thought of mustn't keep all others from being told
        given_up = notices.failed(database, told)
        log.exception("a notice can't be made", channel=channel.value, events=len(told), given_up=given_up)
        return False
    return True


def _mail(database: Database, settings: Settings, told: Sequence[Notice]) -> None:
    """One mail for a user, with everything that waits."""
    login = told[0].login
    user = users.find(database, login)
    to = mail_address(user) if user is not None else ""
    if not to:  # deleted, or without any address
        notices.done(database, told)
        return
    send(settings.notices, message(settings, to, told))
    notices.done(database, told, mailed_to=login)
    log.info("mail sent", user=login, events=len(told))

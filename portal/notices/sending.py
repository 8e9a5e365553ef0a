"""Gathers what has happened, and sends what is due. One portal or several: each notice is claimed by one."""

from datetime import timedelta
from itertools import groupby

from config import Settings
from portal.log import log
from portal.notices.events import WANTED
from portal.notices.mail import CannotSend, message, send
from portal.notices.webhook import deliver
from portal.setup.servers import mail_address
from store import users
from store.database import Database
from store.portal import notices
from store.portal.notices import Channel, Notice


def tell(database: Database, settings: Settings) -> None:
    """Once. Raises StoreUnavailable; what can't be sent is tried again later."""
    wanted = {channel: events for channel, events in WANTED.items() if _is_on(settings, channel)}
    if not wanted:
        return
    notices.gather(database, wanted)
    if Channel.MAIL in wanted:
        _mail(database, settings)
    if Channel.WEBHOOK in wanted:
        _hook(database, settings)


def _is_on(settings: Settings, channel: Channel) -> bool:
    if channel is Channel.MAIL:
        return settings.notices.smtp is not None
    return bool(settings.notices.webhook)


def _mail(database: Database, settings: Settings) -> None:
    """One mail for each user, with everything that waits."""
    due = notices.claim(database, Channel.MAIL, timedelta(minutes=settings.notices.digest_minutes))
    for login, group in groupby(sorted(due, key=lambda one: (one.login, one.id)), key=lambda one: one.login):
        told = list(group)
        user = users.find(database, login)
        to = mail_address(user) if user is not None else ""
        if not to:  # deleted, or without any address
            notices.done(database, told)
            continue
        try:
            send(settings.notices, message(settings, to, told))
        except CannotSend as error:
            _try_later(database, told, Channel.MAIL, error)
        else:
            notices.done(database, told, mailed_to=login)
            log.info("mail sent", user=login, events=len(told))


def _hook(database: Database, settings: Settings) -> None:
    """One after the other, in their order. Where one fails, the rest waits too."""
    due = notices.claim(database, Channel.WEBHOOK)
    for index, one in enumerate(due):
        try:
            deliver(settings.notices, one)
        except CannotSend as error:
            _try_later(database, due[index:], Channel.WEBHOOK, error)
            return
        notices.done(database, [one])


def _try_later(database: Database, unsent: list[Notice], channel: Channel, error: CannotSend) -> None:
    given_up = notices.failed(database, unsent)
    log.warning("can't send", channel=channel.value, error=str(error), events=len(unsent), given_up=given_up)

"""What the control socket can be asked: sessions, kick, status."""

import os
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from gateway.control import Command
from gateway.feed import Feed
from gateway.house import House
from gateway.sessions import LiveSession
from gateway.worker import Worker
from store.hashing import Argon2
from store.hashing_threads import HashingThreads


class Commands:
    """Answers of the running gateway."""

    __slots__ = ("_argon2", "_feed", "_hashing", "_house")

    def __init__(self, house: House, feed: Feed, argon2: Argon2, hashing: HashingThreads) -> None:
        self._house = house
        self._feed = feed
        self._argon2 = argon2
        self._hashing = hashing

    def by_name(self, worker: Worker, drains: Callable[[], bool]) -> dict[str, Command]:
        """As the control socket has them. One of several processes says in its status which one it is."""

        def status(request: dict[str, Any]) -> dict[str, Any]:
            which = {"worker": worker.number, "pid": os.getpid(), "draining": drains()}
            return (which if worker.number or drains() else {}) | self.status(request)

        def sessions(request: dict[str, Any]) -> dict[str, Any]:
            which = {"worker": worker.number} if worker.number else {}
            return {"sessions": [which | one for one in self.sessions(request)["sessions"]]}

        return {"sessions": sessions, "kick": self.kick, "status": status, "failures": self.failures}

    def sessions(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"sessions": [_described(session) for session in self._house.sessions]}

    def kick(self, request: dict[str, Any]) -> dict[str, Any]:
        sessions = self._house.sessions.of_login(str(request.get("login", "")))
        for session in sessions:
            session.cut("kicked")
        return {"cut": len(sessions)}

    def failures(self, request: dict[str, Any]) -> dict[str, Any]:
        """Which budgets of failed logins are used up for a user at an address, for `wicketgate explain`."""
        address = ip_address(str(request.get("address")))
        name, user = str(request.get("name")), str(request.get("user"))
        version = int(str(request.get("version", 0)))
        guess = self._house.throttle.guess(name, user, version, address, b"")
        closed = self._house.throttle.closed(guess) if guess is not None else []
        return {"closed": [budget.kind for budget in closed]}

    def status(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "sessions": len(self._house.sessions),
            "not_logged_in": len(self._house.strangers),
            "feed_lag_seconds": round(self._feed.lag, 3),
            "feed_fresh": self._feed.is_fresh(),
            "argon2_runs": self._argon2.runs,
            "hashes_waiting": self._hashing.waiting,
            "hashes_running": self._hashing.running,
        }


def _described(session: LiveSession) -> dict[str, Any]:
    return {
        "number": session.number,
        "login": session.login,
        "app_password_id": session.app_password_id,
        "app_password": session.app_password_name,
        "protocol": session.protocol,
        "listener": session.listener,
        "address": str(session.address),
        "since": session.since.isoformat(),
        "until": session.until.isoformat() if session.until else None,
    }

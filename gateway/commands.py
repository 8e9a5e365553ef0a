"""What the control socket can be asked: sessions, kick, status."""

from typing import Any

from gateway.feed import Feed
from gateway.house import House
from gateway.sessions import LiveSession
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

    def sessions(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"sessions": [_described(session) for session in self._house.sessions]}

    def kick(self, request: dict[str, Any]) -> dict[str, Any]:
        sessions = self._house.sessions.of_login(str(request.get("login", "")))
        for session in sessions:
            session.cut("kicked")
        return {"cut": len(sessions)}

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

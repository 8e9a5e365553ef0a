"""The logins that one client tries: when it is enough, and when it is too much."""

from dataclasses import replace

from protocols.dialogue import (
    Buffer,
    Credentials,
    Dialogue,
    Login,
    LoginResult,
    Outcome,
    ProtocolError,
    on_one_line,
)


class Attempts:
    """Asks for logins, at most `most` of which may fail on one connection."""

    __slots__ = ("_buffer", "_left", "_more_behind")

    def __init__(self, buffer: Buffer, most: int) -> None:
        self._buffer = buffer
        self._left = most
        self._more_behind = False

    def log_in(self, credentials: Credentials, client: bytes) -> Dialogue[LoginResult]:
        """Unless it is accepted, the front sends its refusal and then calls `end_if_due`.

        The result's text may be the backend's own words; it fits on a line.
        """
        more = len(self._buffer) > 0
        result: LoginResult = yield Login(credentials, client)
        if result.outcome is not Outcome.ACCEPTED:
            self._left -= 1
            self._more_behind = more or result.pipelined
        return replace(result, text=on_one_line(result.text))

    def end_if_due(self) -> None:
        """Raises `ProtocolError` when a failed login ends the connection."""
        if self._more_behind:
            # Commands meant for a mailbox that stays shut must not run as commands before the login.
            raise ProtocolError("commands behind a login that failed")
        if self._left <= 0:
            raise ProtocolError("too many failed logins")

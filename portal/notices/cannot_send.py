"""The one thing that goes wrong when something is told."""


class CannotSend(Exception):
    """The server didn't take it. The message is for the log."""

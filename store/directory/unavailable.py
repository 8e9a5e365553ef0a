"""Why nothing came of it: the directory could not be asked, or what it said is not to be believed."""


class DirectoryUnavailable(Exception):
    """The directory could not decide. The message says what happened and what to do next.

    It never means no: whoever asked gets a temporary answer.
    """


class SyncStopped(Exception):
    """A sync was stopped before it changed anything. The message says why, and how to go on."""

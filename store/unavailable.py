"""The one error of the store."""


class StoreUnavailable(Exception):
    """The store could not decide. The message says what happened and what to do next.

    It never means no: whoever asked gets a temporary answer.
    """

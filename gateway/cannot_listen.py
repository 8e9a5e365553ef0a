"""Why the gateway could not begin: an address or the control socket is not to be had."""

import errno

_ADVICE = {
    errno.EADDRINUSE: "Stop what listens there, or change the address of the listener.",
    errno.EADDRNOTAVAIL: "This machine does not have that address; change the address of the listener.",
    errno.EACCES: "Ports below 1024 need root or CAP_NET_BIND_SERVICE; or choose a higher port.",
}
_OTHERWISE = "Check the address of the listener."


class CannotListen(OSError):
    """The message says where, why, and what to do next."""


def on_address(address: object, error: OSError) -> CannotListen:
    """For a listener's address that can't be looked up or bound."""
    advice = _ADVICE.get(error.errno or 0, _OTHERWISE)
    return CannotListen(f"cannot listen on {address}: {error.strerror or error}. {advice}")

"""Who runs a command, for the audit trail."""

import os
import pwd


def actor() -> str:
    """The user of the operating system; behind sudo, the one who called it."""
    name = os.environ.get("SUDO_USER")
    if name is None:
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            name = f"uid {os.getuid()}"
    return f"cli:{name}"

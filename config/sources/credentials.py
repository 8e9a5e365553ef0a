"""Credentials of systemd: a file `store.pepper_file` in $CREDENTIALS_DIRECTORY becomes the value of that key.

In a list, the protocol stands for the index: `backend.imap.master_password_file`.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.fields import is_file
from config.key import Key
from config.rules import SERVED
from config.sections.backend import SERVICE, Backend
from config.sections.cache import Cache
from config.settings import Settings
from config.sources.document import Document, Origin

VARIABLE = "CREDENTIALS_DIRECTORY"
LISTS = ("listener", "backend")
NAMES = (
    "store.pepper_file",
    "portal.key_file",
    "oidc.client_secret_file",
    "oidc.ca_file",
    "notices.password_file",
    "notices.webhook_secret_file",
    "notices.ca_file",
    *(f"cache.{name}" for name in Cache.model_fields if is_file(("cache", name))),
    "tls.certificate",
    "tls.key",
    *(
        f"backend.{protocol}.{name}"
        for protocol in SERVED
        for name in Backend.model_fields
        if is_file(("backend", 0, name)) and (name == "ca_file" or (name in SERVICE) == (protocol == "ldap"))
    ),
)


def apply_credentials(document: Document, environ: Mapping[str, str]) -> None:
    """Set what the credentials give; one that is named like a key but is none becomes a problem."""
    folder = Path(environ.get(VARIABLE, ""))
    if not environ.get(VARIABLE):
        return
    try:
        names = sorted(file.name for file in folder.iterdir())
    except OSError as error:
        document.complain((), f"the folder can't be read: {error.strerror}", Origin(VARIABLE, folder))
        return
    for name in names:
        if "." in name and name.partition(".")[0] in Settings.model_fields:
            _apply(document, name, folder.absolute())


def _apply(document: Document, name: str, folder: Path) -> None:
    key = _key(document.values, name)
    origin = Origin(f"credential {name}", folder)
    if key is None or not is_file(key):
        near = difflib.get_close_matches(name, NAMES, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else f"Allowed are {', '.join(NAMES)}."
        document.complain((), f"there is no setting of this name that is a file. {hint}", origin)
        return
    try:
        document.place(key, str(folder / name), origin)
    except KeyError:
        document.complain(key, "a credential can't set a key inside of what is no table", origin)


def _key(values: Mapping[str, Any], name: str) -> Key | None:
    """None when there is no table with this protocol."""
    table, *rest = name.split(".")
    if table not in LISTS or not rest:
        return (table, *rest)
    items = values.get(table)
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict) and item.get("protocol") == rest[0]:
            return (table, index, *rest[1:])
    return None

"""[store]: where users and app passwords are kept."""

from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BaseModel, Field

from config.value_types import STRICT, File

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql://"


def _store_url(url: str) -> str:
    if url.startswith(POSTGRESQL):
        return _without_password(url)
    if not url.startswith(SQLITE) or url.removeprefix(SQLITE) in ("", ":memory:"):
        raise ValueError(
            "this is not the address of a store; allowed are sqlite:////path/of/the/file.db"
            " and postgresql://host/database"
        )
    return url


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
        options = parse_qs(parts.query)
    except ValueError:
        raise ValueError("this is not a valid URL; write postgresql://host/database") from None
    if parts.password is not None or not options.keys().isdisjoint(("password", "sslpassword")):
        raise ValueError(
            "a password may not stand in the URL; put it in a file and name that with ?passfile=/path"
        )
    if not set(options.get("target_session_attrs", ())) <= {"read-write", "primary"}:
        raise ValueError(
            "a standby can't be the store: it takes no writes, and hears late of what was deleted;"
            " allowed is target_session_attrs=read-write, which is the default"
        )
    return url


class Store(BaseModel):
    """The database and the secret that keys its hashes."""

    model_config = STRICT
    url: Annotated[str, AfterValidator(_store_url)] = Field(
        default="sqlite:////var/lib/wicketgate/wicketgate.db",
        description="The database: sqlite:////path/of/the/file.db or postgresql://host1,host2/database.",
    )
    pepper_file: File = Field(
        default=Path("/etc/wicketgate/pepper"),
        description="File with 32 random bytes in hexadecimal that key the hashes of app passwords. "
        "The first `wicketgate db upgrade` creates it.",
    )

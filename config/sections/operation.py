"""[log], [control] and [public]: how the running gateway speaks, and where it is heard and found."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from config.value_types import STRICT, Count, File, OptionalDomain

SOCKET_PATH = 107  # bytes that Linux takes (unix(7), sun_path)


def _short_enough(path: Path) -> Path:
    if len(os.fsencode(path)) > SOCKET_PATH:
        raise ValueError(f"the path of a socket may have at most {SOCKET_PATH} bytes; use a shorter one")
    return path


class Log(BaseModel):
    """Logs go to standard error."""

    model_config = STRICT
    format: Literal["logfmt", "json"] = Field(
        default="logfmt", description="logfmt: key=value pairs. json: one object a line."
    )
    level: Literal["debug", "info", "warning"] = Field(
        default="info", description="The least important lines that are written: debug, info or warning."
    )
    lines_per_source: Annotated[Count, Field(ge=0, le=100_000)] = Field(
        default=20,
        description="Refused logins and clients turned away of one address that are written in 10 seconds, "
        "0 to 100000; how many more there were follows in one line. 0: all are written.",
    )


class Control(BaseModel):
    """The Unix socket over which `wicketgate sessions`, `kick` and `status` speak with the gateway."""

    model_config = STRICT
    socket: Annotated[File, AfterValidator(_short_enough)] = Field(
        default=Path("/run/wicketgate/control.sock"),
        description="Path of the Unix socket for `wicketgate sessions`, `kick` and `status`.",
    )


class Public(BaseModel):
    """How clients find the gateway."""

    model_config = STRICT
    host: OptionalDomain = Field(
        default="",
        description="The host name by which clients reach the gateway; SMTP's greeting has it too. Left out, "
        "the machine's name.",
    )

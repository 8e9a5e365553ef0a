"""[ldap]: what the LDAP door lets clients do before a login."""

from typing import Literal

from pydantic import BaseModel, Field

from config.value_types import STRICT


class Ldap(BaseModel):
    """For all listeners with protocol = "ldap"."""

    model_config = STRICT
    anonymous: Literal["none", "root-dse", "bind", "pass"] = Field(
        default="root-dse",
        description="none: who has not bound may do nothing. root-dse: may read the root DSE. bind: "
        "may also bind anonymously, for clients that begin so. pass: what anonymous clients ask is passed "
        "on to the directory, which judges.",
    )

"""The whole configuration, as one frozen value."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from config.breach import refuse
from config.rules import Parts, breaches
from config.sections.backend import Backend
from config.sections.cache import Cache
from config.sections.directory import Directory
from config.sections.ldap import Ldap
from config.sections.limits import Argon2, Limits
from config.sections.listener import Listener
from config.sections.metrics import Metrics
from config.sections.notices import Notices
from config.sections.oidc import Oidc
from config.sections.operation import Control, Log, Public
from config.sections.policy import LoginNames, Policy
from config.sections.portal import Portal
from config.sections.store import Store
from config.sections.throttle import Throttle
from config.sections.tls import Tls
from config.value_types import STRICT


class Settings(BaseModel):
    """Everything an administrator can set. Field names are the keys of the file."""

    model_config = STRICT
    store: Store = Field(default=Store(), description="Where users and app passwords are kept.")
    cache: Cache = Field(default=Cache(), description="Where verified logins and users are remembered.")
    policy: Policy = Field(default=Policy(), description="Who may log in with what.")
    login: LoginNames = Field(default=LoginNames(), description="How a login name becomes a user.")
    limits: Limits = Field(default=Limits(), description="How much of everything, and how long.")
    throttle: Throttle = Field(
        default=Throttle(), description="How many failed logins there may be, and from where."
    )
    argon2: Argon2 = Field(default=Argon2(), description="What a hash of an app password costs.")
    tls: Tls = Field(default=Tls(), description="The certificates that clients see.")
    listener: tuple[Listener, ...] = Field(default=(), description="Addresses on which clients connect.")
    backend: tuple[Backend, ...] = Field(default=(), description="The real servers, one for each protocol.")
    ldap: Ldap = Field(default=Ldap(), description="What the LDAP door lets clients do before a login.")
    directory: Directory = Field(
        default=Directory(), description="How names and entries of the directory belong together."
    )
    portal: Portal = Field(default=Portal(), description="The web portal.")
    oidc: Oidc = Field(default=Oidc(), description="The provider at which people sign in to the portal.")
    notices: Notices = Field(default=Notices(), description="Mail to users, and events for programs.")
    log: Log = Field(default=Log(), description="What is logged, and how.")
    public: Public = Field(default=Public(), description="Where clients find the gateway.")
    control: Control = Field(default=Control(), description="How commands reach the running gateway.")
    metrics: Metrics = Field(default=Metrics(), description="Where monitoring asks how the gateway is doing.")

    @model_validator(mode="after")
    def _tables_fit_together(self) -> Self:
        listeners, backends = dict(enumerate(self.listener)), dict(enumerate(self.backend))
        parts = Parts(
            listeners, backends, True, self.tls, self.policy, self.login, self.directory, self.metrics
        )
        refuse(breaches(parts))
        return self

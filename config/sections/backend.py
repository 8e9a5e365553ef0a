"""[[backend]]: the real server of a protocol, and how the gateway logs in there."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from config.breach import Breach, refuse
from config.value_types import (
    STRICT,
    Addresses,
    Attribute,
    File,
    Flag,
    ProtocolName,
    ServerName,
    Text,
    TlsMode,
)

MASTER = ("master_user", "master_password_file")
SHARED = ("shared_password_file",)
SERVICE = ("service_dn", "service_password_file")
NEEDS = {
    "master": MASTER,
    "master-separator": MASTER,
    "shared-password": SHARED,
    "xclient": (),
    "service": SERVICE,
}

_SMTP = ("smtp",)
_WHERE_TRUSTED = {"XCLIENT": _SMTP, "XFORWARD": _SMTP, "AUTH": _SMTP, "UNAUTHENTICATE": ("imap", "sieve")}
_FOR_LDAP = ("proxied_authorization", "operations", "password_attributes")
_THE_ONLY_ONE_WITH = {"xclient": "smtp", "service": "ldap"}

LdapOperation = Literal["search", "compare", "modify", "add", "delete", "modrdn"]
PASSWORD_ATTRIBUTES = (
    "userPassword",
    "unicodePwd",
    "dBCSPwd",
    "clearTextPassword",  # Samba's: the password is set by it as by unicodePwd
    "msDS-KeyCredentialLink",  # Active Directory's: keys and certificates that log the user in
    "altSecurityIdentities",
    "authPassword",
    "sambaNTPassword",
    "sambaLMPassword",
    "krbPrincipalKey",
    "ipaNTHash",
)


class Backend(BaseModel):
    """How an admitted user is logged in; one who is passed through presents the client's own credentials."""

    model_config = STRICT
    protocol: ProtocolName = Field(description="What it speaks: imap, pop3, smtp, sieve or ldap.")
    address: Addresses = Field(
        description='"host:port", or a list of them that is tried in order, the next one on failure.'
    )
    tls: TlsMode = Field(
        description="implicit: TLS from the first byte. starttls: STARTTLS, and no login without it. none: "
        "no TLS, for loopback and private links only."
    )
    login: Literal["master", "master-separator", "shared-password", "xclient", "service"] = Field(
        description="master: SASL PLAIN with the user as authorization identity. master-separator: login as "
        "user*master. shared-password: login as the user with one password for all. xclient, for smtp: the "
        "server takes the name from XCLIENT's LOGIN. service, for ldap and the only one there: bind as a "
        "service account."
    )
    ca_file: File | None = Field(
        default=None,
        description="File with the certificates that are trusted, in PEM; left out, the system's.",
    )
    server_name: ServerName | None = Field(
        default=None,
        description="The name (or IP address) in the certificate; left out, the host of the address.",
    )
    verify: Flag = Field(
        default=True, description="false accepts any certificate, and with it anybody in between."
    )
    master_user: Text | None = Field(
        default=None, description="The master user's name, for master and master-separator."
    )
    master_password_file: File | None = Field(
        default=None, description="File with the master user's password, for master and master-separator."
    )
    separator: Annotated[Text, Field(max_length=8)] = Field(
        default="*", description="What stands between user and master user, for master-separator."
    )
    shared_password_file: File | None = Field(
        default=None, description="File with the password for all users, for shared-password."
    )
    service_dn: Text | None = Field(
        default=None, description="The service account's DN, or the name it binds with, for service."
    )
    service_password_file: File | None = Field(
        default=None, description="File with the service account's password, for service."
    )
    proxied_authorization: Flag = Field(
        default=True,
        description="For ldap. true: what an admitted user does carries the control of RFC 4370, so that the "
        "directory's access rules are the user's. false: it is done as the service account, and only the "
        "operations listed are.",
    )
    operations: tuple[LdapOperation, ...] = Field(
        default=("search", "compare"),
        description="For ldap without proxied authorization: what an admitted user may do.",
    )
    password_attributes: tuple[Attribute, ...] = Field(
        default=PASSWORD_ATTRIBUTES,
        description="For ldap: attributes that an admitted user may not write, so that an app password can't "
        "change the main password.",
    )
    forward_client: Literal["auto", "none"] = Field(
        default="auto",
        description="auto tells the backend who the client is, in the protocol's own way (IMAP: ID; "
        "LDAP: there is none; the others: XCLIENT). none: it does not.",
    )
    trusted_commands: tuple[Literal["XCLIENT", "XFORWARD", "AUTH", "UNAUTHENTICATE"], ...] = Field(
        default=(),
        description="Commands that users may use after the login although they could become somebody else by "
        "them; smtp: XCLIENT, XFORWARD, AUTH; imap and sieve: UNAUTHENTICATE.",
    )

    @model_validator(mode="after")
    def _login_has_what_it_needs(self) -> Self:
        """A secret that is not for this way to log in is refused, so that it's never sent by mistake."""
        needed = NEEDS[self.login]
        given = [name for name in MASTER + SHARED + SERVICE if getattr(self, name) is not None]
        missing = f'it is missing; login = "{self.login}" needs it'
        idle = f'it has no meaning with login = "{self.login}"; remove it, or change login'
        breaches = [Breach((name,), missing) for name in needed if name not in given]
        refuse(breaches + [Breach((name,), idle) for name in given if name not in needed])
        return self

    @model_validator(mode="after")
    def _protocol_knows_them(self) -> Self:
        breaches = [
            Breach(("trusted_commands", index), f'protocol = "{self.protocol}" has no {command}; remove it')
            for index, command in enumerate(self.trusted_commands)
            if self.protocol not in _WHERE_TRUSTED[command]
        ]
        owner = _THE_ONLY_ONE_WITH.get(self.login, self.protocol)
        if self.protocol == "ldap" and self.login != "service":
            breaches.append(Breach(("login",), 'protocol = "ldap" has "service" alone; write that'))
        elif self.protocol != owner:
            sentence = f'only protocol = "{owner}" has "{self.login}"; choose another'
            breaches.append(Breach(("login",), sentence))
        elif self.login == "xclient" and self.forward_client == "none":
            breaches.append(Breach(("forward_client",), 'login = "xclient" needs "auto"; change one of them'))
        refuse(breaches)
        return self

    @model_validator(mode="after")
    def _keys_for_ldap_have_a_meaning(self) -> Self:
        given = [name for name in _FOR_LDAP if name in self.model_fields_set]
        idle = f'it has no meaning with protocol = "{self.protocol}"; remove it'
        breaches = [Breach((name,), idle) for name in given if self.protocol != "ldap"]
        if self.protocol == "ldap" and "operations" in given and self.proxied_authorization:
            sentence = (
                "it has no meaning with proxied_authorization = true; remove it, or change that to false"
            )
            breaches.append(Breach(("operations",), sentence))
        refuse(breaches)
        return self

"""[tls]: the certificates that clients see."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from config.breach import Breach, refuse
from config.value_types import STRICT, CertificateName, File, TlsProfile


class Sni(BaseModel):
    """A further certificate, for clients that ask for one of its names."""

    model_config = STRICT
    names: Annotated[tuple[CertificateName, ...], Field(min_length=1)] = Field(
        description="Host names for which it is shown, each in full, without *."
    )
    certificate: File = Field(description="File with the certificate and its chain, in PEM.")
    key: File = Field(description="File with the private key, in PEM.")


class Tls(BaseModel):
    """The certificate for all names that no [[tls.sni]] is for."""

    model_config = STRICT
    certificate: File | None = Field(
        default=None, description="File with the certificate and its chain, in PEM."
    )
    key: File | None = Field(default=None, description="File with the private key, in PEM.")
    profile: TlsProfile = Field(
        default="modern",
        description="modern: TLS 1.2 and 1.3 with forward secrecy. intermediate: also older ciphers of "
        "TLS 1.2. legacy: also TLS 1.0, for Outlook 2010 on Windows 7.",
    )
    sni: tuple[Sni, ...] = Field(default=(), description="Further certificates, by name.")

    @model_validator(mode="after")
    def _certificate_and_key_go_together(self) -> Self:
        if self.certificate and not self.key:
            refuse([Breach(("key",), "it is missing; tls.certificate needs the private key that fits it")])
        if self.key and not self.certificate:
            refuse([Breach(("certificate",), "it is missing; tls.key needs the certificate that fits it")])
        return self

"""[oidc]: the OpenID Connect provider at which people sign in, where portal.sign_in is "oidc"."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from config.value_types import CONTROL, STRICT, File

Words = tuple[Annotated[str, Field(min_length=1, max_length=200)], ...]


def _issuer(value: str) -> str:
    if value and (not value.startswith("https://") or CONTROL.search(value) or "?" in value or "#" in value):
        raise ValueError(f'"{value}" is no issuer; write it as in "https://login.example.org/realms/staff"')
    return value


class Oidc(BaseModel):
    """Register portal_url with /sign-in/oidc/callback behind it as the redirect URI there."""

    model_config = STRICT
    issuer: Annotated[str, AfterValidator(_issuer)] = Field(
        default="", description="The provider's issuer, https://… as its discovery document names it."
    )
    ca_file: File | None = Field(
        default=None, description="Certificates that vouch for the provider; left out, the system's."
    )
    client_id: Annotated[str, Field(max_length=255)] = Field(
        default="", description="What the portal is called there."
    )
    client_secret_file: File | None = Field(default=None, description="File with the portal's secret there.")
    login_claim: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        default="email",
        description='The claim of the ID token that is the user\'s full login, such as "email", which has to '
        "be verified (email_verified).",
    )
    scopes: Words = Field(
        default=("openid", "email"), description='What the portal asks for; "openid" is always among it.'
    )
    second_step_amr: Words = Field(
        default=(),
        description='Where the ID token\'s amr names one of these, such as "mfa" or "hwk", the provider has '
        "made sure by a second step, and the portal asks for none of its own.",
    )
    second_step_acr: Words = Field(default=(), description="The same for the ID token's acr.")

"""A portal whose users sign in at an OpenID Connect provider, and the way there and back."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.portal.caller import Caller
from tests.portal.site import SETTINGS, Site
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.oidc import CLIENT, SECRET, Provider

OIDC = f"""
[oidc]
issuer = "ISSUER"
ca_file = "PROVIDERS-CA"
client_id = "{CLIENT}"
client_secret_file = "oidc-secret"
second_step_amr = ["mfa", "hwk"]
second_step_acr = ["https://refeds.org/profile/mfa"]
"""


@contextmanager
def provided(folder: Path) -> Iterator[Provider]:
    """A provider with a certificate authority of its own."""
    with Provider(Authority(folder)) as running:
        yield running


@contextmanager
def served(
    folder: Path, dovecot: Dovecot, provider: Provider, *, issuer: str = "", oidc: str = OIDC
) -> Iterator[Site]:
    """The portal. Whatever happens there, its log has neither a secret nor a traceback."""
    text = SETTINGS.replace("[portal]", '[portal]\nsign_in = "oidc"')
    text += oidc.replace("ISSUER", issuer or provider.issuer).replace("PROVIDERS-CA", str(provider.ca_file))
    made = Site(folder, Authority(folder), dovecot, text)
    (folder / "oidc-secret").write_text(SECRET)
    (folder / "oidc-secret").chmod(0o600)
    with made.portal:
        yield made
    made.people.close()
    for word in ("Traceback", SECRET):
        assert word not in made.portal.log(), made.portal.log()


def go(
    caller: Caller,
    provider: Provider,
    to: str = "/",
    fresh: str = "",
    change: Callable[[str], str] | None = None,
) -> httpx2.Response:
    """To the provider and back; the portal's answer. `change` alters the address that leads back."""
    begun = caller.get(f"/sign-in/oidc?to={to}{fresh}")
    assert begun.status_code == 303
    context = ssl.create_default_context(cafile=provider.ca_file)
    there = httpx2.get(begun.headers["location"], verify=context, follow_redirects=False)
    back = there.headers["location"].removeprefix(caller.site.url)
    return caller.get(change(back) if change else back)

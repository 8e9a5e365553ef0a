"""How the gateway logs an admitted user in: as the configuration says, and never with the app password."""

import pytest

from tests.gateway.site import GOOD, MAIN, QUICK, open_site
from tests.servers.speeches import Login

pytestmark = pytest.mark.asyncio(loop_scope="module")

BACKEND = """
[[backend]]
protocol = "imap"
address = "127.0.0.1:{port}"
tls = "none"
"""
MASTER = 'master_user = "gate"\nmaster_password_file = "secret"\n'
SETTINGS_OF = {
    "master": MASTER,
    "master-separator": MASTER,
    "shared-password": 'shared_password_file = "secret"\n',
}
EXPECTED = {
    "master": Login("gate", "backend-secret", acts_as=GOOD),
    "master-separator": Login(f"{GOOD}*gate", "backend-secret"),
    "shared-password": Login(GOOD, "backend-secret"),
}


@pytest.mark.parametrize("way", EXPECTED)
async def test_an_admitted_user_is_logged_in_as_configured(tmp_path, authority, way):
    settings = QUICK + BACKEND + f'login = "{way}"\n' + SETTINGS_OF[way]
    async with open_site(tmp_path, settings, authority) as site:
        assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
        [connection] = site.backend.connections
        assert connection.logins == [EXPECTED[way]]
        assert site.good.secret.encode() not in connection.received

        plain = site.people.add("dora@example.test", "disabled")
        assert (await site.login(plain, MAIN)).startswith(b"OK ")
        assert site.backend.connections[1].logins == [Login(plain, MAIN)]

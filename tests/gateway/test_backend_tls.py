"""The border between clear text and TLS, on the backend's side: no credential goes to who is not proven."""

import pytest
import pytest_asyncio

from tests.gateway.site import GOOD, MAIN, QUICK, UNAVAILABLE, open_site
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = (
    QUICK
    + """
[[backend]]
protocol = "imap"
address = "localhost:{port}"
tls = "MODE"
ca_file = "CA"
login = "master"
master_user = "gate"
master_password_file = "secret"
"""
)
BAD_CERTIFICATES = ["expired", "wrong_name", "untrusted", "self_signed"]
DORA = "dora@example.test"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory, authority, request):
    mode = request.param
    settings = SETTINGS.replace("MODE", mode).replace("CA", str(authority.ca_file))
    context = authority.server().server_context()
    folder = tmp_path_factory.mktemp("tls")
    async with open_site(folder, settings, authority, tls=context, implicit=mode == "implicit") as site:
        site.people.add(DORA, "disabled")
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def site(standing, authority):
    """After each test a good certificate opens the door again."""
    standing.begin()
    yield standing
    standing.begin()
    show(standing, authority.server())
    await standing.lets_a_good_login_in()
    assert standing.backend.connections[0].tls


def show(site, pair):
    """New connections to the backend get this certificate."""
    site.backend.tls.load_cert_chain(pair.certificate, pair.key)


both_ways = pytest.mark.parametrize("standing", ["starttls", "implicit"], indirect=True)
with_starttls = pytest.mark.parametrize("standing", ["starttls"], indirect=True)


async def assert_no_credentials(site):
    """Admitted or passed through: one try each, the temporary code, and nothing of use to the backend."""
    assert await site.login(GOOD, site.good.secret) == UNAVAILABLE
    assert await site.login(DORA, MAIN) == UNAVAILABLE
    assert site.log().count('event="backend failed"') == 2
    assert len(site.backend.connections) <= 2
    assert [login for one in site.backend.connections for login in one.logins] == []
    received = site.backend.received()
    for word in (b"AUTH", b"LOGIN", b"backend-secret", MAIN.encode()):
        assert word not in received


@both_ways
async def test_a_good_certificate_lets_the_gateway_log_in(site):
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    assert (await site.login(DORA, MAIN)).startswith(b"OK ")
    assert [one.tls for one in site.backend.connections] == [True, True]


@both_ways
@pytest.mark.parametrize("fault", BAD_CERTIFICATES)
async def test_stls_10_a_bad_certificate_gets_no_credentials(site, authority, fault):
    show(site, getattr(authority, fault)())
    await assert_no_credentials(site)
    assert "certificate not accepted" in site.log()


@with_starttls
@pytest.mark.parametrize(
    "injected",
    [
        b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        b"w1 OK logged in\r\nw2 OK logged in\r\nw3 OK logged in\r\n",
        b"* PREAUTH\r\n",
        b"\r\n",
    ],
)
async def test_stls_07_words_behind_the_backends_go_ahead_spoil_it(site, injected):
    site.backend.script["STARTTLS"] = Reply(b"{tag} OK go\r\n" + injected, Then.START_TLS)
    await assert_no_credentials(site)


@with_starttls
@pytest.mark.parametrize(
    "answer", [b"{tag} NO not today\r\n", b"{tag} BAD what?\r\n", b"502 what?\r\n", b"* BYE\r\n"]
)
async def test_stls_08_a_backend_that_refuses_starttls_gets_no_credentials(site, answer):
    site.backend.script["STARTTLS"] = Reply(answer)
    await assert_no_credentials(site)


@with_starttls
async def test_stls_08_a_backend_that_begins_no_tls_gets_no_credentials(site):
    site.backend.script["STARTTLS"] = Reply(b"{tag} OK go\r\n", Then.ECHO)
    await assert_no_credentials(site)


@with_starttls
async def test_stls_08_starttls_stripped_from_the_capabilities_is_asked_for_nevertheless(site):
    site.backend.script["GREETING"] = Reply(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
    assert (await site.login(DORA, MAIN)).startswith(b"OK ")
    assert site.backend.connections[0].tls


@both_ways
async def test_stls_09_a_backend_that_greets_with_preauth_gets_no_credentials(site):
    site.backend.script["GREETING"] = Reply(b"* PREAUTH logged in as root\r\n")
    await assert_no_credentials(site)

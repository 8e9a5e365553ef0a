"""The example for HAProxy, as it is but for names and ports, in front of three gateways."""

import asyncio
import re
import signal
from pathlib import Path

import pytest
import pytest_asyncio

from tests.gateway.client import Client
from tests.gateway.cluster.doors import somebody
from tests.gateway.mail import run
from tests.gateway.site import fields
from tests.revocation.trial import PROTOCOLS
from tests.servers.cluster import open_cluster
from tests.servers.cluster_config import QUICK
from tests.servers.haproxy import Haproxy
from tests.servers.ports import free_ports

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/haproxy/haproxy.cfg"
SECTIONS = {"imaps": "imap", "pop3s": "pop3", "submissions": "smtp", "managesieve": "sieve"}
SETTINGS = QUICK.replace(
    "drain_seconds = 0", "drain_seconds = 60\ndrain_notice_seconds = 5\nlease_seconds = 3"
)
OUR_ADDRESS = "127.0.0.9"


def adapted(nodes, ports):
    """The example with our ports and nodes; what our nodes don't serve is left out, as it tells one to do."""
    parts = re.split(r"(?m)^(?=listen )", EXAMPLE.read_text())
    # Who it runs as, and how many files it may open, is the machine's business.
    kept = [re.sub(r"(?m)^    (user|group|maxconn) .*\n", "", parts[0])]
    for part in parts[1:]:
        name = part.split()[1]
        if name in SECTIONS:
            part = re.sub(r"bind \S+ v4v6", f"bind 127.0.0.1:{ports[name]}", part)
            for number, node in enumerate(nodes, 1):
                here = f"127.0.0.1:{node.proxied[SECTIONS[name]]} port {node.health}"
                part = re.sub(rf"gw{number}\.internal:\d+", here, part)
            kept.append(part)
    return "".join(kept)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory, authority, postgresql):
    folder = tmp_path_factory.mktemp("behind-haproxy")
    async with open_cluster(folder, authority, [postgresql], SETTINGS, protocols=PROTOCOLS) as cluster:
        yield cluster
        for node in cluster.nodes:
            node.gateway.stop(signal.SIGKILL)  # else each would give HAProxy its time to notice


@pytest.fixture(scope="module")
def ports():
    return dict(zip(SECTIONS, free_ports(len(SECTIONS)), strict=True))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def haproxy(cluster, ports, tmp_path_factory):
    text = adapted(cluster.nodes, ports)
    haproxy = Haproxy(tmp_path_factory.mktemp("haproxy"), text, ports.values())
    with haproxy:
        yield haproxy


async def visit(cluster, port, right):
    """A client that came in through HAProxy by IMAP."""
    client = await Client.connect(port, tls=cluster.nodes[0].gateway.client_context(), source=OUR_ADDRESS)
    assert (await client.line()).startswith(b"* OK")
    assert (await client.login(right.login, right.secret)).startswith(b"a OK ")
    return client


def logins(node):
    return [line for line in map(fields, node.gateway.log().splitlines()) if line.get("event") == "login"]


async def until_log(haproxy, words, begin):
    await asyncio.to_thread(haproxy.wait_for_log, words, 30, begin)


async def test_haproxy_finds_nothing_to_complain_about(haproxy):
    await asyncio.to_thread(haproxy.check)


async def test_the_clients_own_address_is_in_the_gateways_log(cluster, haproxy, ports):
    right = await somebody(cluster.people)
    ca_file = cluster.nodes[0].gateway.authority.ca_file
    for _ in cluster.nodes:
        url = f"imaps://localhost:{ports['imaps']}/INBOX"
        await asyncio.to_thread(
            run,
            *("curl", "-sS", "--cacert", ca_file, "--interface", OUR_ADDRESS, "--ipv4", url),
            *("--user", f"{right.login}:{right.secret}", "-X", "NOOP"),
        )
    for node in cluster.nodes:
        [line] = [one for one in logins(node) if one["user"] == right.login]
        assert (line["address"], line["verdict"]) == (OUR_ADDRESS, "admitted")
        assert line["listener"] == "imap-proxied"


async def test_a_node_that_is_to_stop_gets_no_more_clients_and_keeps_those_it_has(cluster, haproxy, ports):
    right = await somebody(cluster.people)
    stopping = cluster.nodes[0].gateway
    clients = [await visit(cluster, ports["imaps"], right) for _ in range(6)]
    begin = len(haproxy.log())
    stopping.process.send_signal(signal.SIGTERM)
    down = asyncio.create_task(until_log(haproxy, "Server imaps/gw1 is DOWN", begin))
    while not down.done():
        (await visit(cluster, ports["imaps"], right)).abort()
    await down
    await asyncio.to_thread(stopping.wait_for_log, "event=draining", 30)
    for client in [*clients, *[await visit(cluster, ports["imaps"], right) for _ in range(6)]]:
        assert (await client.answer(b"NOOP")).startswith(b"a OK")
        client.abort()
    await asyncio.to_thread(stopping.stop)
    await asyncio.to_thread(stopping.start)
    await until_log(haproxy, "Server imaps/gw1 is UP", begin)


async def test_a_node_that_dies_takes_only_its_own_sessions_with_it(cluster, haproxy, ports):
    right = await somebody(cluster.people)
    dying = cluster.nodes[1].gateway
    begin = len(haproxy.log())
    clients = [await visit(cluster, ports["imaps"], right) for _ in range(6)]
    await asyncio.to_thread(dying.stop, signal.SIGKILL)
    for _ in range(12):
        (await visit(cluster, ports["imaps"], right)).abort()
    alive = [(await client.answer(b"NOOP")).startswith(b"a OK") for client in clients]
    assert 0 < alive.count(True) < len(clients)
    for client in clients:
        client.abort()
    await until_log(haproxy, "Server imaps/gw2 is DOWN", begin)
    await asyncio.to_thread(dying.start)
    await until_log(haproxy, "Server imaps/gw2 is UP", begin)


async def test_a_node_that_hears_nothing_of_the_store_is_left_out_until_it_does(cluster, haproxy, ports):
    right = await somebody(cluster.people)
    lonely = cluster.nodes[2]
    begin = len(haproxy.log())
    with lonely.cut_off():
        await until_log(haproxy, "Server imaps/gw3 is DOWN", begin)
        before = len(logins(lonely))
        for _ in range(6):
            (await visit(cluster, ports["imaps"], right)).abort()
        assert len(logins(lonely)) == before
    await until_log(haproxy, "Server imaps/gw3 is UP", begin)

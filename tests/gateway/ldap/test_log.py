"""What the log tells of logins by LDAP, what it can't be made to tell, and what it never tells."""

import base64

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import REFUSED, login_of
from tests.gateway.ldap.strangers import kinds_of_refusal
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_PASSWORD, person_dn

MORE = '\n[log]\nlevel = "debug"\n'
CANARY = "Canary-7f3a9c: main password"


@pytest.fixture(scope="module")
def kinds(standing_door):
    return kinds_of_refusal(standing_door)


def test_every_login_is_one_line_with_all_there_is_to_know(door):
    with door.wire() as wire:
        assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
        port = wire.sock.getsockname()[1]
    [line] = door.logins()
    assert 0 <= float(line.pop("ms")) < 60_000
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "login",
        "protocol": "ldap",
        "listener": "ldaps",
        "user": login_of("good"),
        "app_password": door.good.name,
        "app_password_id": door.good.id,
        "address": "127.0.0.1",
        "port": str(port),
        "tls": "TLSv1.3",
        "client": "",
        "verdict": "admitted",
        "reason": "",
    }


def test_ten_binds_on_one_connection_are_ten_lines(door, kinds):
    with door.wire() as wire:
        for _ in range(5):
            assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
            assert wire.bind(person_dn("enforced"), MAIN) == (49, REFUSED)
    assert [line["verdict"] for line in door.logins()] == ["admitted", "refused"] * 5


@pytest.mark.parametrize(
    "name", ['x" verdict=admitted user="', "x\r\nevent=login", "x\u2028y\x85", "\x1b[2J", "\\n"]
)
def test_sec_02_a_name_can_neither_break_nor_imitate_a_line(door, name):
    for spelt in (name, f"uid={name},{PEOPLE}"):
        assert door.bind(spelt, "x") == (49, REFUSED)
    assert [line["user"] for line in door.logins()] == [name, f"uid={name},{PEOPLE}"]
    assert {line["verdict"] for line in door.logins()} == {"refused"}


def spellings(secret):
    """The forms in which a secret might be found."""
    octets = secret.encode()
    encoded = base64.b64encode(octets).decode().rstrip("=")[:-1]
    return {secret, secret.upper(), octets.hex(), octets.hex(" "), repr(octets)[2:-1], encoded}


def test_sec_01_no_secret_is_in_the_log(door, kinds):
    """At level debug, after every kind of login, operation and outage."""
    requests = [
        lambda name, secret: ber.bind(1, name, secret),
        lambda name, secret: ber.bind(1, name, secret, version=2),
        lambda name, secret: ber.bind(1, name, secret)[:-3] + b"\x80",
        lambda name, secret: ber.message(
            1, ber.element(0x60, ber.integer(3), ber.octets(name), ber.octets(secret, 0x8A))
        ),
        lambda name, secret: ber.message(0, ber.octets(secret, 0x4A)),
        lambda name, secret: ber.octets(secret, 0x30),
        lambda name, secret: ber.extended(1, ber.PASSWORD_MODIFY, ber.octets(secret, 0x81)),
    ]
    users = [*kinds.values(), (person_dn("good"), door.good.secret), (person_dn("disabled"), CANARY)]
    for tls in ("implicit", "none"):
        for name, secret in users:
            for request in requests:
                with door.wire(tls) as wire:
                    wire.send(request(name, secret) + ber.UNBIND)
                    wire.octets_until_the_cut()
    with door.slapd_down():
        assert door.bind(person_dn("disabled"), CANARY)[0] == 52
        with door.wire() as wire:
            assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
            assert wire.ask(ber.modify(9, PEOPLE, "userPassword", CANARY)).code != 0
    secrets = {secret for _, secret in users} - {"wrong"} | {SERVICE_PASSWORD}
    forbidden = set().union(*map(spellings, secrets))
    assert len(door.log().splitlines()) > 100
    assert [word for word in forbidden if word in door.log()] == []

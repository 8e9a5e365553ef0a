"""The two services say the same, but for what makes the one a supervisor's and the other an instance."""

import pytest

from config.sources.credentials import NAMES
from tests.systemd.image import CHECKOUT

_SUPERVISOR = {
    "Description=Wicketgate, app passwords for mail clients and devices",
    "ExecStart=/opt/wicketgate/bin/wicketgate serve",
    "ExecReload=+/usr/bin/nsenter --mount --target ${MAINPID}"
    " /opt/wicketgate/bin/wicketgate check-config --quiet",
    "ExecReload=/bin/sh -c 'kill -HUP ${MAINPID}'",
    "KillMode=process",
    "OOMPolicy=continue",
}
_INSTANCE = {
    "Description=Wicketgate, process %i",
    "Conflicts=wicketgate.service",
    "ExecStart=/opt/wicketgate/bin/wicketgate serve --workers 0 --worker %i",
}


def lines(unit: str) -> list[str]:
    text = (CHECKOUT / "systemd" / unit).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_what_one_service_has_the_other_has_too():
    supervisor, instance = lines("wicketgate.service"), lines("wicketgate@.service")
    assert set(supervisor) - set(instance) == _SUPERVISOR
    assert set(instance) - set(supervisor) == _INSTANCE


def test_every_secret_can_be_a_credential():
    secrets = {name for name in NAMES if name.endswith("_file") and not name.endswith(".ca_file")}
    assert loaded("wicketgate.service") | loaded("wicketgate-portal.service") == secrets


def test_gateway_and_portal_share_the_pepper_and_the_passwords_of_the_directory_and_of_redis_alone():
    both = loaded("wicketgate.service") & loaded("wicketgate-portal.service")
    of_redis = {"cache.password_file", "cache.sentinel_password_file"}
    assert both == {"store.pepper_file", "backend.ldap.service_password_file", *of_redis}
    assert "portal.key_file" not in loaded("wicketgate.service")


@pytest.mark.parametrize("unit", ["wicketgate.service", "wicketgate@.service", "wicketgate-portal.service"])
def test_dos_08_no_unit_takes_all_memory_of_the_machine(unit):
    """It's slowed down before it's ended."""
    high, most = (_limit(unit, name) for name in ("MemoryHigh", "MemoryMax"))
    assert high[1] == most[1]
    assert 0 < high[0] < most[0]
    assert most[1] != "%" or most[0] < 100


def _limit(unit: str, name: str) -> tuple[int, str]:
    [value] = [line.removeprefix(f"{name}=") for line in lines(unit) if line.startswith(f"{name}=")]
    in_megabytes = value.replace("G", "000M")
    return int(in_megabytes[:-1]), in_megabytes[-1]


def loaded(unit: str) -> set[str]:
    given = {line.removeprefix("LoadCredential=") for line in lines(unit) if line.startswith("LoadCred")}
    names = {one.partition(":")[0] for one in given}
    assert given == {f"{name}:wicketgate.{name}" for name in names}
    return names


def test_log_04_the_journal_has_room_for_more_than_strangers_can_cause():
    """By default it takes 10,000 lines in 30 seconds of a unit, and then drops those of logins too."""
    for unit in ("wicketgate.service", "wicketgate@.service"):
        assert {"LogRateLimitIntervalSec=30s", "LogRateLimitBurst=500000"} <= set(lines(unit))

"""A real slapd, and settings by which the service account asks it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Person
from tests.servers.slapd import Slapd

FRITZ = Person("fritz", "word", {"cn": ["Fritz Meier"], "homePhone": ["1"]})
DORA = Person("dora", "word")
ENNO = Person("enno", "word", {"mail": ["enno@example.test", "e@example.test"]})


@pytest.fixture(scope="session")
def slapd() -> Iterator[Slapd]:
    """For tests that only read: fritz, dora, and enno with two addresses."""
    with Slapd([FRITZ, DORA, ENNO, Person("a,b*(c)", "word", {"mail": ["star@example.test"]})]) as slapd:
        yield slapd


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with the service account's password."""
    path = tmp_path / "service-password"
    path.touch(0o600)
    path.write_text(SERVICE_PASSWORD)
    return path


def settings_for(
    server: Slapd,
    secret: Path,
    backend: dict[str, Any] | None = None,
    seconds: float = 10.0,
    **directory: Any,
) -> Settings:
    """Settings with the [[backend]] for this slapd, and whatever [directory] differs in."""
    usual = {
        "protocol": "ldap",
        "address": f"localhost:{server.tls_port}",
        "tls": "implicit",
        "login": "service",
        "service_dn": SERVICE_DN,
        "service_password_file": str(secret),
        "ca_file": str(server.ca_file),
    }
    return Settings.model_validate(
        {
            "backend": [usual | (backend or {})],
            "directory": {"search_base": PEOPLE} | directory,
            "limits": {"backend_seconds": seconds},
        }
    )

"""WEB-11: what schemathesis makes up from the API's own description finds nothing."""

from datetime import UTC, datetime

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from portal.api.openapi import document
from store.portal import tokens
from store.portal.tokens import TokenRole
from tests.portal.caller import LOCAL
from tests.portal.site import Site

SETTINGS = LOCAL
_LABEL = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20)
schemathesis.openapi.format("ip-network", st.ip_addresses().map(str))
schemathesis.openapi.format("login", st.builds("{}@{}.test".format, _LABEL, _LABEL))
described = schemathesis.openapi.from_dict(document("https://localhost/security"))


@pytest.fixture(scope="module")
def bearers(site: Site) -> dict[str, str]:
    """For each role that somebody needs, a token."""
    made = {}
    for role in (TokenRole.SELF_SERVICE, TokenRole.ADMINISTRATOR):
        name = f"{role} {datetime.now(UTC)}"
        made[role.value] = f"Bearer {tokens.create(site.people.database, name, role, actor='test')}"
    site.add("anna@example.test")
    return made


@described.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_web_11_schemathesis_finds_nothing(case, site, bearers):
    roles = case.operation.definition.raw["description"].rpartition("Roles: ")[2]
    role = "administrator" if "administrator" in roles else "self-service"
    if case.path_parameters.get("login"):
        case.path_parameters["login"] = "anna@example.test"
    case.call_and_validate(
        base_url=f"{site.url}/api/v1",
        headers={"Authorization": bearers[role]},
        verify=str(site.gateway.authority.ca_file),
        timeout=30,
    )

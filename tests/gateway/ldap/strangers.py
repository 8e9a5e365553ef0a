"""Every kind of final refusal at the LDAP door that a stranger could try to tell apart."""

from tests.gateway.ldap.door import Door, login_of
from tests.gateway.site import MAIN
from tests.servers.directory import BASE, PEOPLE, SERVICE_DN, SERVICE_PASSWORD, person_dn

SHAPE = "abcdefghijklmnop"


def kinds_of_refusal(door: Door) -> dict[str, tuple[str, str]]:
    """Names and passwords. Adds the users."""
    for name, mfa in (("enforced", "enforced"), ("disabled", "disabled"), ("blocked", "enforced")):
        door.add(name, mfa)
    door.add("off", "disabled")
    door.add_to_slapd("unknown-here")
    door.people.add(login_of("unknown-there"), "disabled")
    right, deleted = door.give("blocked").secret, door.give("enforced", deleted=True).secret
    off = door.give("off").secret
    door.people.block(login_of("blocked"))
    door.disable("off")
    expired = door.give("enforced", expired=True).secret
    scope = door.give("enforced", scopes=("imap",)).secret
    network = door.give("enforced", networks=("192.0.2.0/24",)).secret
    return {
        "app password required": (person_dn("enforced"), MAIN),
        "wrong app password": (person_dn("enforced"), SHAPE),
        "wrong main password": (person_dn("disabled"), "wrong"),
        "by name": (login_of("enforced"), MAIN),
        "unknown user": (person_dn("nobody"), MAIN),
        "unknown user by name": ("nobody", MAIN),
        "unknown user, shape of an app password": (person_dn("nobody"), SHAPE),
        "unknown domain": ("nobody@elsewhere.test", MAIN),
        "unknown to the store": (person_dn("unknown-here"), MAIN),
        "unknown to slapd": (person_dn("unknown-there"), MAIN),
        "the directory's own account": (SERVICE_DN, SERVICE_PASSWORD),
        "elsewhere in the directory": (f"uid=enforced,{BASE}", MAIN),
        "an entry that is nobody": (PEOPLE, MAIN),
        "blocked": (person_dn("blocked"), MAIN),
        "blocked, right app password": (person_dn("blocked"), right),
        "disabled in the directory": (person_dn("off"), MAIN),
        "disabled in the directory, right app password": (person_dn("off"), off),
        "deleted": (person_dn("enforced"), deleted),
        "expired": (person_dn("enforced"), expired),
        "wrong protocol": (person_dn("enforced"), scope),
        "wrong network": (person_dn("enforced"), network),
        "no such name": ("a@b@c", MAIN),
        "no such DN": ("uid=", MAIN),
        "control characters": ("enforced\x01", MAIN),
        "control characters in the password": (person_dn("enforced"), "a\r\nb"),
        "too long": ("x" * 3000, "y" * 3000),
    }

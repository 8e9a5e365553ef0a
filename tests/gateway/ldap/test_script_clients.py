"""Scripts in front of the door: python-ldap, Perl's Net::LDAP, and ldap3 in the ways that it is used."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import ldap3
import pytest
from ldap3.core.exceptions import LDAPBindError

from tests.gateway.ldap.door import REFUSED
from tests.gateway.ldap.entrants import Entrant, admitted
from tests.gateway.site import MAIN
from tests.servers.certificates import Authority
from tests.servers.directory import BASE, PEOPLE, Directory, person_dn
from tests.servers.ldap_scripts import SCRIPTS, script

pytestmark = pytest.mark.timeout(60)
TLS = pytest.mark.parametrize("tls", ["implicit", "starttls"])
SUCCESS, INVALID_CREDENTIALS, INSUFFICIENT_ACCESS, UNWILLING = 0, 49, 50, 53
_SECONDS = 45


@pytest.fixture(scope="module")
def enforced(standing_door):
    """A user who has an app password and a main one that isn't accepted."""
    return admitted(standing_door, "enforced")


def ldap3_server(directory: Directory, **more) -> ldap3.Server:
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(directory.ca_file))
    secure = directory.tls == "implicit"
    return ldap3.Server(directory.host, directory.port, secure, tls=tls, connect_timeout=_SECONDS, **more)


@contextmanager
def ldap3_connection(directory: Directory, user: Entrant, **more) -> Iterator[ldap3.Connection]:
    """Bound from the start, as ldap3 does it by itself. Raises LDAPBindError."""
    first = ldap3.AUTO_BIND_TLS_BEFORE_BIND if directory.tls == "starttls" else ldap3.AUTO_BIND_NO_TLS
    server = ldap3_server(directory, **more)
    connection = ldap3.Connection(server, user.dn, user.secret, auto_bind=first, receive_timeout=_SECONDS)
    try:
        yield connection
    finally:
        connection.unbind()  # its own `with` leaves what was bound before


@TLS
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_log_in_and_search(door, entrant, name, tls):
    done = script(name, door.directory(tls), entrant.who, "(mail=good@*)")
    assert (done.returncode, done.stdout) == (0, f"{person_dn('good')} good@example.test\n"), done.stderr


@TLS
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_told_49_for_a_password_that_is_not_accepted(door, enforced, name, tls):
    for secret in (MAIN, "wrong", door.good.secret):
        done = script(name, door.directory(tls), (enforced.dn, secret), "(mail=good@*)")
        assert (done.returncode, done.stdout) == (INVALID_CREDENTIALS, "")
    assert enforced.dn not in door.binds_at_slapd()


@TLS
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_trust_the_authority_alone(door, enforced, tmp_path, name, tls):
    there = door.directory(tls)
    stranger = Directory(there.host, there.port, Authority(tmp_path).ca_file, tls)
    done = script(name, stranger, enforced.who, "(mail=good@*)")
    assert done.returncode not in {SUCCESS, INVALID_CREDENTIALS}
    assert done.stdout == ""


@TLS
def test_ldap3_reads_the_schema_and_what_the_directory_can_do(door, entrant, tls):
    with ldap3_connection(door.directory(tls), entrant, get_info=ldap3.ALL) as connection:
        server = connection.server
        assert server.info.naming_contexts == [BASE]
        assert server.info.supported_ldap_versions == ["3"]
        assert server.schema.attribute_types["mail"].single_value is False
        assert connection.search(PEOPLE, "(uid=good)", attributes=["mail"])
        assert connection.entries[0].mail.value == "good@example.test"


@TLS
def test_ldap3_writes_compares_and_asks_who_it_is(door, entrant, tls):
    good = person_dn("good")
    with ldap3_connection(door.directory(tls), entrant) as connection:
        assert connection.extend.standard.who_am_i() == f"dn:{entrant.dn}"
        assert connection.compare(good, "mail", "good@example.test") is True
        assert connection.modify(entrant.dn, {"title": [(ldap3.MODIFY_REPLACE, ["Dr. Größe"])]})
        assert not connection.modify(good, {"title": [(ldap3.MODIFY_REPLACE, ["mine"])]})
        assert connection.result["result"] == INSUFFICIENT_ACCESS
        assert connection.search(entrant.dn, "(title=Dr. Größe)", attributes=["title"])
        assert connection.entries[0].title.value == "Dr. Größe"


@TLS
def test_ldap3_changes_no_password_with_an_app_password(door, enforced, tls):
    with ldap3_connection(door.directory(tls), enforced) as connection:
        assert not connection.extend.standard.modify_password(enforced.dn, MAIN, "new")
        assert connection.result["result"] == UNWILLING
        assert not connection.modify(enforced.dn, {"userPassword": [(ldap3.MODIFY_REPLACE, ["new"])]})
        assert connection.result["result"] == UNWILLING
        # It goes on as the same user.
        assert connection.extend.standard.who_am_i() == f"dn:{enforced.dn}"


@TLS
def test_ldap3_raises_the_sentence_for_the_main_password(door, enforced, tls):
    known_by_main = Entrant("enforced", "enforced", MAIN)
    with (
        pytest.raises(LDAPBindError, match="invalidCredentials"),
        ldap3_connection(door.directory(tls), known_by_main),
    ):
        pass
    assert door.bind(enforced.dn, MAIN) == (INVALID_CREDENTIALS, REFUSED)


@TLS
def test_ldap3_becomes_somebody_else_on_the_same_connection_and_back(door, entrant, enforced, tls):
    with ldap3_connection(door.directory(tls), entrant) as connection:
        for user in (enforced, entrant, enforced, entrant):
            assert connection.rebind(user.dn, user.secret)
            assert connection.extend.standard.who_am_i() == f"dn:{user.dn}"


def test_ldap3_with_a_pool_of_connections(door, entrant):
    """Its REUSABLE strategy: each of its threads has a connection, and binds by itself."""
    pool = ldap3.Connection(
        ldap3_server(door.directory()),
        entrant.dn,
        entrant.secret,
        client_strategy=ldap3.REUSABLE,
        pool_size=3,
        pool_name=f"pool of {entrant.name}",
    )
    pool.bind()
    try:
        asked = [pool.search(PEOPLE, "(uid=good)", attributes=["mail"]) for _ in range(30)]
        for number in asked:
            response, result = pool.get_response(number, timeout=_SECONDS)
            assert result["result"] == SUCCESS
            assert [entry["attributes"] for entry in response] == [{"mail": ["good@example.test"]}]
    finally:
        pool.strategy.terminate()

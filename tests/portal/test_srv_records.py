"""SRV records, by which mail programs find the servers and the portal."""

from tests.portal.inside import MAIL

SETTINGS = MAIL


def test_administrators_copy_srv_records_to_where_the_portal_and_the_servers_are(site):
    lines = site.gateway.run("config", "srv", "Example.Test.").stdout.splitlines()
    ports = site.gateway.ports
    for service, port in (
        ("imaps", ports["imaps"]),
        ("submissions", ports["smtps"]),
        ("autodiscover", site.gateway.third),
    ):
        assert f"_{service}._tcp.example.test. 3600 IN SRV 0 1 {port} localhost." in lines
    # RFC 6186, section 3.4: what isn't offered is said to be nowhere.
    assert "_pop3s._tcp.example.test. 3600 IN SRV 0 0 0 ." in lines
    wrong = site.gateway.run("config", "srv", "no domain", check=False)
    assert wrong.returncode == 2
    assert "is no domain" in wrong.stderr

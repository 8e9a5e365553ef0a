"""Files, conf.d, environment and credentials: which value is taken, and where it comes from."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from config import Address, Settings, default_path
from tests.config.conftest import Folder

BACKEND = '[[backend]]\nprotocol="imap"\naddress="imap:143"\ntls="none"\nlogin="shared-password"\n'
SHARED = 'shared_password_file="s"\n'


def test_an_empty_file_gives_the_defaults(folder: Folder) -> None:
    assert folder.load().settings == Settings()


def test_values_have_the_types_that_others_rely_on(folder: Folder) -> None:
    text = (
        '[policy]\ntrusted_networks=["10.0.0.0/8", "192.0.2.7"]\n[limits]\npreauth_seconds=5\n'
        f'[[listener]]\nprotocol="imap"\naddress="[::1]:143"\ntls="none"\n{BACKEND}{SHARED}'
    )
    settings = folder.load(text).settings
    assert settings.policy.trusted_networks == (ip_network("10.0.0.0/8"), ip_network("192.0.2.7/32"))
    assert isinstance(settings.limits.preauth_seconds, float)
    assert settings.listener[0].address.host == "::1"
    assert settings.listener[0].label == "imap-143"
    assert settings.backend[0].address == (Address("imap", 143),)


def test_settings_cannot_be_changed(folder: Folder) -> None:
    with pytest.raises(ValueError):
        folder.load().settings.policy.observe = True  # type: ignore[misc]


def test_conf_d_is_merged_in_the_order_of_its_names(folder: Folder) -> None:
    folder.write('[policy]\nportal_url="https://b/"\ntrusted_networks=["10.2.0.0/16"]\n', "conf.d/20.toml")
    folder.write('[policy]\nportal_url="https://a/"\nobserve=true\n', "conf.d/10.toml")
    folder.write("not TOML", "conf.d/.#10.toml")
    folder.write("not TOML", "conf.d/30.toml~")
    policy = folder.load('[policy]\nmax_app_passwords=3\ntrusted_networks=["10.1.0.0/16"]').settings.policy
    assert (policy.max_app_passwords, policy.observe, policy.portal_url) == (3, True, "https://b/")
    assert policy.trusted_networks == (ip_network("10.2.0.0/16"),)


def test_lists_of_tables_in_conf_d_are_appended_and_keep_their_lines(folder: Folder) -> None:
    folder.write('\n[[listener]]\nprotocol="imap"\naddress="[::1]:2"\ntls="none"\n', "conf.d/a.toml")
    loaded = folder.load(f'[[listener]]\nprotocol="imap"\naddress="[::1]:1"\ntls="none"\n{BACKEND}{SHARED}')
    assert [listener.address.port for listener in loaded.settings.listener] == [1, 2]
    assert loaded.origin("listener[0].address") == f"{folder.path}/w.toml:3"
    assert loaded.origin("listener[1].address") == f"{folder.path}/conf.d/a.toml:4"
    assert loaded.origin("listener[1].name") == "default"


@pytest.mark.parametrize(
    ("variable", "text", "section", "name", "value"),
    [
        (
            "POLICY__PORTAL_URL",
            "https://mail.example.org/",
            "policy",
            "portal_url",
            "https://mail.example.org/",
        ),
        ("POLICY__PORTAL_URL", '"https://quoted/"', "policy", "portal_url", "https://quoted/"),
        ("POLICY__OBSERVE", "true", "policy", "observe", True),
        ("POLICY__PROTOCOLS_OFF", '["imap"]', "policy", "protocols_off", ("imap",)),
        ("LOGIN__DEFAULT_DOMAIN", "123", "login", "default_domain", "123"),
        ("LOGIN__DOMAINS__CORP", "example.org", "login", "domains", {"corp": "example.org"}),
        ("LIMITS__REFUSAL_SECONDS", "0.5", "limits", "refusal_seconds", 0.5),
        ("CONTROL__SOCKET", "/run/s", "control", "socket", Path("/run/s")),
        ("LOG__LEVEL", "debug", "log", "level", "debug"),
    ],
)
def test_environment_wins_over_the_file(
    folder: Folder, variable: str, text: str, section: str, name: str, value: object
) -> None:
    loaded = folder.load("policy.portal_url='https://file/'\n", {f"WICKETGATE__{variable}": text})
    assert getattr(getattr(loaded.settings, section), name) == value
    assert f"WICKETGATE__{variable}" in loaded.origins.values()


def test_a_variable_cannot_smuggle_in_a_second_key(folder: Folder) -> None:
    value = '"x"\npolicy.observe = true'
    problems = folder.problems("", {"WICKETGATE__POLICY__PORTAL_URL": value})
    assert len(problems) == 1
    assert problems[0].startswith("WICKETGATE__POLICY__PORTAL_URL: policy.portal_url: this must be empty or")


def test_a_whole_list_of_tables_can_come_from_the_environment(folder: Folder) -> None:
    listener = '[{protocol = "imap", address = "[::1]:1", tls = "none"}]'
    loaded = folder.load(BACKEND + SHARED, {"WICKETGATE__LISTENER": listener})
    assert loaded.settings.listener[0].address.port == 1


def test_a_credential_becomes_the_value_of_the_key_it_is_named_after(folder: Folder) -> None:
    for name in ("store.pepper_file", "backend.imap.shared_password_file", "unrelated", "other.thing"):
        folder.write("x", f"credentials/{name}")
    environ = {"CREDENTIALS_DIRECTORY": f"{folder.path}/credentials"}
    loaded = folder.load('store.pepper_file="/elsewhere"\n' + BACKEND, environ)
    assert loaded.settings.store.pepper_file == folder.path / "credentials/store.pepper_file"
    credential = folder.path / "credentials/backend.imap.shared_password_file"
    assert loaded.settings.backend[0].shared_password_file == credential
    assert loaded.origin("store.pepper_file") == "credential store.pepper_file"


@pytest.mark.parametrize("name", ["store.peper_file", "store.url", "backend.pop3.ca_file", "control.nothing"])
def test_a_credential_that_looks_like_a_key_and_is_none_is_an_error(folder: Folder, name: str) -> None:
    folder.write("x", f"credentials/{name}")
    problems = folder.problems("", {"CREDENTIALS_DIRECTORY": f"{folder.path}/credentials"})
    assert problems[0].startswith(f"credential {name}: there is no setting of this name that is a file.")


@pytest.mark.parametrize("protocol", ["imap", "pop3", "smtp", "sieve"])
@pytest.mark.parametrize("key", ["master_password_file", "shared_password_file", "ca_file"])
def test_a_file_of_any_backend_can_be_a_credential(folder: Folder, protocol: str, key: str) -> None:
    name = f"backend.{protocol}.{key}"
    folder.write("x", f"credentials/{name}")
    environ = {"CREDENTIALS_DIRECTORY": f"{folder.path}/credentials"}
    secret = {"master_password_file": 'login="master"\nmaster_user="m"\n'}.get(
        key, 'login="shared-password"\nshared_password_file="s"\n'
    )
    table = f'[[backend]]\nprotocol="{protocol}"\naddress="mail:1"\ntls="none"\n{secret}'
    loaded = folder.load(table, environ)
    assert getattr(loaded.settings.backend[0], key) == folder.path / "credentials" / name


@pytest.mark.parametrize("protocol", ["imap", "pop3", "smtp", "sieve"])
def test_a_misspelt_credential_of_any_backend_is_told_the_right_name(folder: Folder, protocol: str) -> None:
    folder.write("x", f"credentials/backend.{protocol}.master_pasword_file")
    problems = folder.problems("", {"CREDENTIALS_DIRECTORY": f"{folder.path}/credentials"})
    assert problems[0].endswith(f'Did you mean "backend.{protocol}.master_password_file"?')


def test_a_credential_that_is_like_no_name_is_told_all_of_them(folder: Folder) -> None:
    folder.write("x", "credentials/store.x")
    [problem] = folder.problems("", {"CREDENTIALS_DIRECTORY": f"{folder.path}/credentials"})
    allowed = problem.partition("Allowed are ")[2].removesuffix(".").split(", ")
    files = ("master_password_file", "shared_password_file", "ca_file")
    of_cache = ("key_file", "previous_key_file", "password_file", "sentinel_password_file")
    of_cache += ("ca_file", "certificate", "key")
    assert allowed[0] == "store.pepper_file"
    of_portal = ("portal.key_file", "oidc.client_secret_file", "oidc.ca_file", "notices.ca_file")
    of_portal += ("notices.password_file", "notices.webhook_secret_file")
    assert sorted(allowed[1:]) == sorted(
        ["tls.certificate", "tls.key", *of_portal]
        + [f"cache.{name}" for name in of_cache]
        + [f"backend.{protocol}.{name}" for protocol in ("imap", "pop3", "smtp", "sieve") for name in files]
        + ["backend.ldap.service_password_file", "backend.ldap.ca_file"]
    )


def test_the_service_accounts_password_can_be_a_credential(folder: Folder) -> None:
    folder.write("x", "credentials/backend.ldap.service_password_file")
    table = '[[backend]]\nprotocol="ldap"\naddress="ldap:1"\ntls="none"\nlogin="service"\nservice_dn="cn=w"\n'
    loaded = folder.load(table, {"CREDENTIALS_DIRECTORY": f"{folder.path}/credentials"})
    credential = folder.path / "credentials/backend.ldap.service_password_file"
    assert loaded.settings.backend[0].service_password_file == credential


def test_relative_paths_start_at_the_folder_of_the_file_they_stand_in(folder: Folder) -> None:
    folder.write('control.socket = "sub/c.sock"', "conf.d/a.toml")
    settings = folder.load(
        '[store]\nurl="sqlite:///w.db"\npepper_file="pepper"\n',
        {"WICKETGATE__TLS__KEY": "k", "WICKETGATE__TLS__CERTIFICATE": "/c"},
    ).settings
    assert settings.store.url == f"sqlite:///{folder.path}/w.db"
    assert settings.store.pepper_file == folder.path / "pepper"
    assert settings.control.socket == folder.path / "conf.d/sub/c.sock"
    assert (settings.tls.key, settings.tls.certificate) == (folder.path / "k", Path("/c"))


def test_the_default_path_is_a_variable_then_etc() -> None:
    assert default_path({}) == Path("/etc/wicketgate/wicketgate.toml")
    assert default_path({"WICKETGATE_CONFIG": ""}) == Path("/etc/wicketgate/wicketgate.toml")
    assert default_path({"WICKETGATE_CONFIG": "/x"}) == Path("/x")

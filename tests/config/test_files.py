"""The files that settings name, and reading a secret."""

import os
from pathlib import Path

import pytest

from config import ConfigurationError, check_files, pair_problem, read_secret
from tests.config.conftest import Folder
from tests.servers.certificates import Authority, Pair

BACKEND = """
[[backend]]
protocol = "imap"
address = "imap:143"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def tls(certificate: Path, key: Path) -> str:
    return f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n'


def secret(folder: Folder, content: bytes = b"secret\n", mode: int = 0o600) -> Path:
    path = folder.path / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def faults(folder: Folder, text: str) -> list[str]:
    return [str(problem).replace(f"{folder.path}/", "") for problem in check_files(folder.load(text))]


def test_files_that_are_in_order_give_no_problem(folder: Folder, authority: Authority) -> None:
    pair = authority.server()
    secret(folder)
    text = f'store.pepper_file = "absent"\n{tls(pair.certificate, pair.key)}{BACKEND}ca_file = "ca.pem"\n'
    assert faults(folder, text) == []


def test_every_missing_file_is_told_with_its_line(folder: Folder) -> None:
    text = (
        f'{tls(Path("c"), Path("k"))}[[tls.sni]]\nnames=["x"]\ncertificate="d"\nkey="l"\n{BACKEND}ca_file="a"'
    )
    assert faults(folder, text) == [
        "w.toml:2: tls.certificate: there is no file c",
        "w.toml:3: tls.key: there is no file k",
        "w.toml:6: tls.sni[0].certificate: there is no file d",
        "w.toml:7: tls.sni[0].key: there is no file l",
        "w.toml:15: backend[0].ca_file: there is no file a",
        "w.toml:14: backend[0].shared_password_file: there is no file secret",
    ]


def test_the_service_accounts_password_is_looked_at_too(folder: Folder) -> None:
    service = 'login = "service"\nservice_dn = "cn=w"\nservice_password_file = "absent"\n'
    text = f'[[backend]]\nprotocol = "ldap"\naddress = "ldap:389"\ntls = "none"\n{service}'
    assert faults(folder, text) == ["w.toml:7: backend[0].service_password_file: there is no file absent"]


def test_a_key_of_another_certificate_is_told(folder: Folder, authority: Authority) -> None:
    key = authority.server().key.rename(folder.path / "other.key")
    pair = authority.server()
    assert faults(folder, tls(pair.certificate, key)) == [
        "w.toml:3: tls.key: other.key does not belong to the certificate in "
        f"{pair.certificate.name}; name the key it was made with"
    ]


def test_certificate_and_key_in_the_wrong_places_are_told(folder: Folder, authority: Authority) -> None:
    pair = authority.server()
    found = faults(folder, tls(pair.key, pair.certificate))
    assert "holds no certificate; allowed is PEM, with a line -----BEGIN …CERTIFICATE-----" in found[0]
    assert "is open to every user" in found[1]


def test_of_a_pair_alone_the_first_problem_is_told(folder: Folder, authority: Authority) -> None:
    pair = authority.server()
    assert pair_problem(pair.certificate, pair.key) is None
    assert pair_problem(pair.certificate, authority.expired().key) == (
        f"{folder.path}/expired.key does not belong to the certificate in {pair.certificate}; "
        "name the key it was made with"
    )
    pair.key.unlink()
    assert pair_problem(pair.certificate, pair.key) == f"there is no file {pair.key}"
    pair.certificate.unlink()
    assert pair_problem(pair.certificate, pair.key) == f"there is no file {pair.certificate}"


def test_a_key_with_a_passphrase_is_told_and_nobody_is_asked_for_it(
    folder: Folder, authority: Authority
) -> None:
    pair = authority.server()
    pair.key.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert faults(folder, tls(pair.certificate, pair.key))[0].endswith(
        "is encrypted; allowed is a private key without a passphrase"
    )


@pytest.mark.parametrize("spoiled", ["certificate", "key"])
def test_a_pem_file_that_is_damaged_is_told(folder: Folder, authority: Authority, spoiled: str) -> None:
    pair: Pair = authority.server()
    path: Path = getattr(pair, spoiled)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[::2]) + "-----END PRIVATE KEY-----\n")
    (found,) = faults(folder, tls(pair.certificate, pair.key))
    assert "can't be loaded" in found


def test_damaged_authorities_are_told(folder: Folder) -> None:
    secret(folder)
    folder.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "a.pem")
    (found,) = faults(folder, BACKEND + 'ca_file = "a.pem"')
    assert (
        found == "w.toml:8: backend[0].ca_file: a.pem holds a certificate that can't be read; allowed is PEM"
    )


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o666])
def test_a_secret_that_is_open_to_everybody_is_refused(folder: Folder, mode: int) -> None:
    secret(folder, mode=mode)
    (found,) = faults(folder, BACKEND)
    assert "is open to every user of this machine; close it with: chmod o= secret" in found
    with pytest.raises(ConfigurationError):
        read_secret(folder.path / "secret")


def test_a_pepper_that_is_there_is_checked_too(folder: Folder) -> None:
    secret(folder, b"")
    assert faults(folder, "store.pepper_file = 'secret'") == [
        "w.toml:1: store.pepper_file: secret is empty; write the secret into it"
    ]


@pytest.mark.parametrize(
    ("content", "read"),
    [(b"s", b"s"), (b"s\n", b"s"), (b"s\r\n", b"s"), (b" s \n", b" s "), (b"\xff" * 4096, b"\xff" * 4096)],
)
def test_a_secret_is_read_without_the_newline_at_its_end(folder: Folder, content: bytes, read: bytes) -> None:
    assert read_secret(secret(folder, content)) == read


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"s\n\n", "holds more than one line"),
        (b"a\rb", "holds more than one line"),
        (b"a\0", "holds more than one line"),
        (b"s" * 4097, "is too large; allowed are 4096 bytes"),
    ],
)
def test_a_secret_that_cannot_be_one_is_refused(folder: Folder, content: bytes, says: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_secret(secret(folder, content), "backend[0].master_password_file")
    assert str(raised.value).startswith("backend[0].master_password_file: ")
    assert says in str(raised.value)


def test_a_pipe_or_a_folder_is_refused_at_once(folder: Folder) -> None:
    os.mkfifo(folder.path / "pipe", 0o600)
    for path in (folder.path / "pipe", folder.path):
        with pytest.raises(ConfigurationError):
            read_secret(path)

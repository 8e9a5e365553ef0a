"""`wicketgate check-config`: exit codes and what it prints, also about backends to which it connects."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.check_config import check_config
from tests.config.conftest import Folder
from tests.servers.certificates import Authority, Pair

GREETING = b"* OK ready\r\n"
Serve = Callable[[socket.socket], None]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(check_config, [str(argument) for argument in arguments])


def backend(folder: Folder, port: int, tls: str, more: str = "") -> Path:
    folder.write("s", "secret").chmod(0o600)
    return folder.write(
        f'[limits]\nbackend_seconds = 1\n[[backend]]\nprotocol = "imap"\naddress = "127.0.0.1:{port}"\n'
        f'tls = "{tls}"\nlogin = "shared-password"\nshared_password_file = "secret"\n{more}\n'
    )


@contextmanager
def server(serve: Serve) -> Iterator[int]:
    """The port of a server that takes one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept_one, args=(listening, serve))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def accept_one(listening: socket.socket, serve: Serve) -> None:
    try:
        wire, _ = listening.accept()
        with wire:
            serve(wire)
    except OSError:
        return  # the client did not like what it saw, which is what the test looks at


def says(*answers: bytes) -> Serve:
    """Send the first at once, and each further one after a line of the client."""

    def serve(wire: socket.socket) -> None:
        wire.sendall(answers[0])
        for answer in answers[1:]:
            wire.recv(100)
            wire.sendall(answer)
        wire.recv(100)

    return serve


def secured(pair: Pair, *before: bytes, after: bytes = GREETING) -> Serve:
    def serve(wire: socket.socket) -> None:
        for answer in before:
            wire.sendall(answer)
            if answer is before[0] and len(before) > 1:
                wire.recv(100)
        with pair.server_context().wrap_socket(wire, server_side=True) as encrypted:
            encrypted.sendall(after)
            encrypted.recv(100)

    return serve


def test_a_right_configuration_is_summed_up_in_one_line(folder: Folder) -> None:
    path = backend(folder, 143, "none", '[[listener]]\nprotocol = "imap"\naddress = "[::]:143"\ntls = "none"')
    result = run("-c", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{path}: all is well: listeners: imap-143 on [::]:143; backends: imap\n"
    assert run("--quiet", "-c", path).output == ""


def test_errors_go_to_standard_error_with_exit_code_78(folder: Folder) -> None:
    path = folder.write("[log]\nlevel = 1\nformat = 2\n")
    result = run("--quiet", "-c", path)
    assert (result.exit_code, result.stdout) == (78, "")
    assert result.stderr.splitlines() == [
        f"{path}:2: log.level: 1 is not one of debug, info, warning.",
        f"{path}:3: log.format: 2 is not one of logfmt, json.",
    ]


def test_files_that_are_missing_are_errors_too(folder: Folder) -> None:
    path = backend(folder, 143, "none")
    (folder.path / "secret").unlink()
    result = run("-c", path)
    assert result.exit_code == 78
    assert "backend[0].shared_password_file: there is no file" in result.stderr


def test_the_variable_names_the_file_where_the_option_does_not(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WICKETGATE_CONFIG", str(folder.path / "absent.toml"))
    assert run().stderr.startswith(f"{folder.path}/absent.toml: there is no such file")


@pytest.mark.parametrize(
    ("verify", "says_of_it"), [("ca_file = 'ca.pem'", "verified"), ("verify = false", "NOT verified")]
)
@pytest.mark.parametrize(
    ("tls", "before"), [("implicit", ()), ("starttls", (GREETING, b"* more\r\na OK begin\r\n"))]
)
def test_online_reaches_a_backend_over_tls(
    folder: Folder, tls: str, before: tuple[bytes, ...], verify: str, says_of_it: str
) -> None:
    pair = Authority(folder.path).server()
    with server(secured(pair, *before)) as port:
        result = run("--online", "-c", backend(folder, port, tls, verify))
    assert result.exit_code == 0
    assert f"backend imap 127.0.0.1:{port}: ok: TLSv1.3, certificate {says_of_it}\n" in result.stdout


def test_online_reaches_a_backend_without_tls(folder: Folder) -> None:
    with server(says(GREETING)) as port:
        result = run("--online", "-c", backend(folder, port, "none"))
    assert result.exit_code == 0
    assert "ok: reached, without TLS" in result.stdout


@pytest.mark.parametrize("kind", ["expired", "wrong_name", "untrusted"])
def test_stls_10_online_does_not_accept_a_bad_certificate(folder: Folder, kind: str) -> None:
    pair = getattr(Authority(folder.path), kind)()
    with server(secured(pair)) as port:
        result = run("--online", "-c", backend(folder, port, "implicit", "ca_file = 'ca.pem'"))
    assert result.exit_code == 1
    assert f"backend imap 127.0.0.1:{port}: failed: the certificate is not accepted: " in result.stderr


@pytest.mark.parametrize(
    ("tls", "answers", "why"),
    [
        ("none", (b"* BYE\r\n",), "its greeting is not that of an IMAP server"),
        ("none", (b"",), "no answer within 1 seconds"),
        ("none", (b"x" * 9000,), "it sent a line of more than 8192 bytes"),
        ("implicit", (GREETING,), "no TLS: "),
        ("starttls", (GREETING, b"a NO\r\n"), "it refuses STARTTLS"),
        ("starttls", (GREETING, b"* x\r\n" * 60), "it refuses STARTTLS"),
    ],
)
def test_online_says_why_a_backend_failed(
    folder: Folder, tls: str, answers: tuple[bytes, ...], why: str
) -> None:
    with server(says(*answers)) as port:
        result = run("--online", "--quiet", "-c", backend(folder, port, tls))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"backend imap 127.0.0.1:{port}: failed: {why}")


def test_stls_09_online_does_not_go_on_after_preauth(folder: Folder) -> None:
    with server(says(b"* PREAUTH welcome\r\n")) as port:
        result = run("--online", "-c", backend(folder, port, "starttls"))
    assert result.exit_code == 1
    assert "its greeting is not that of an IMAP server" in result.stderr


def test_online_takes_no_bytes_between_the_answer_to_starttls_and_the_handshake(folder: Folder) -> None:
    with server(says(GREETING, b"a OK begin\r\n* OK injected\r\n")) as port:
        result = run("--online", "-c", backend(folder, port, "starttls"))
    assert result.exit_code == 1
    assert "it sent bytes between its answer to STARTTLS and the handshake" in result.stderr


def test_online_tells_a_backend_that_hangs_up_and_one_that_is_not_there(folder: Folder) -> None:
    with server(lambda wire: None) as port:
        assert "it closed the connection" in run("--online", "-c", backend(folder, port, "none")).stderr
    assert "no connection: " in run("--online", "-c", backend(folder, port, "none")).stderr

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

GREETING = b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"
GO_AHEAD = b"* more\r\nw1 OK begin\r\n"
OFFER = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nw2 OK done\r\n"
Serve = Callable[[socket.socket], None]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(check_config, [str(argument) for argument in arguments])


def backend(folder: Folder, port: int, tls: str, more: str = "", protocol: str = "imap") -> Path:
    folder.write("s", "secret").chmod(0o600)
    return folder.write(
        f'[limits]\nbackend_seconds = 1\n[[backend]]\nprotocol = "{protocol}"\naddress = "127.0.0.1:{port}"\n'
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


def secured(pair: Pair, *before: bytes, inside: Serve | None = None) -> Serve:
    """The same in clear up to the last of `before`, then TLS."""

    def serve(wire: socket.socket) -> None:
        for number, answer in enumerate(before):
            if number:
                wire.recv(100)
            wire.sendall(answer)
        with pair.server_context().wrap_socket(wire, server_side=True) as encrypted:
            (inside or says(GREETING))(encrypted)

    return serve


def hears(*answers: bytes) -> Serve:
    """Send each after a line of the client."""

    def serve(wire: socket.socket) -> None:
        wire.recv(100)
        says(*answers)(wire)

    return serve


def test_a_right_configuration_is_summed_up_in_one_line(folder: Folder) -> None:
    path = backend(
        folder, 143, "none", '[[listener]]\nprotocol = "imap"\naddress = "[::1]:143"\ntls = "none"'
    )
    result = run("-c", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{path}: all is well: listeners: imap-143 on [::1]:143; backends: imap\n"
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
    ("tls", "before", "inside"),
    [("implicit", (), says(GREETING)), ("starttls", (GREETING, GO_AHEAD), hears(OFFER))],
    ids=["implicit", "starttls"],
)
def test_online_reaches_a_backend_over_tls(
    folder: Folder, tls: str, before: tuple[bytes, ...], inside: Serve, verify: str, says_of_it: str
) -> None:
    pair = Authority(folder.path).server()
    with server(secured(pair, *before, inside=inside)) as port:
        result = run("--online", "-c", backend(folder, port, tls, verify))
    assert result.exit_code == 0
    assert f"backend imap 127.0.0.1:{port}: ok: TLSv1.3, certificate {says_of_it}\n" in result.stdout


# What each protocol's server says in clear up to the go-ahead, and then in TLS.
STARTTLS: dict[str, tuple[tuple[bytes, ...], Serve]] = {
    "pop3": ((b"+OK ready\r\n", b"+OK begin\r\n"), hears(b"+OK\r\nUSER\r\n.\r\n")),
    "smtp": (
        (b"220 mail\r\n", b"250-mail\r\n250 STARTTLS\r\n", b"220 go\r\n"),
        hears(b"250-mail\r\n250 AUTH PLAIN\r\n"),
    ),
    "sieve": (
        (b'"IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK\r\n', b"OK\r\n"),
        says(b'"IMPLEMENTATION" "x"\r\n"SASL" "PLAIN"\r\nOK\r\n'),
    ),
}


@pytest.mark.parametrize("protocol", STARTTLS)
def test_online_speaks_the_protocol_of_the_backend(folder: Folder, protocol: str) -> None:
    before, inside = STARTTLS[protocol]
    with server(secured(Authority(folder.path).server(), *before, inside=inside)) as port:
        path = backend(folder, port, "starttls", "ca_file = 'ca.pem'", protocol)
        result = run("--online", "-c", path)
    assert result.exit_code == 0, result.output
    assert f"backend {protocol} 127.0.0.1:{port}: ok: TLSv1.3, certificate verified\n" in result.stdout


@pytest.mark.parametrize("protocol", STARTTLS)
def test_stls_07_online_takes_no_bytes_in_clear_behind_the_go_ahead_of_any_protocol(
    folder: Folder, protocol: str
) -> None:
    *before, go_ahead = STARTTLS[protocol][0]
    with server(says(*before, go_ahead + go_ahead)) as port:
        result = run("--online", "-c", backend(folder, port, "starttls", protocol=protocol))
    assert result.exit_code == 1
    assert ": failed: bytes in clear after STARTTLS; " in result.stderr


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
        ("none", (b"* BYE\r\n",), "the backend didn't greet with OK"),
        ("none", (b"",), "no answer within 1 seconds"),
        ("none", (b"x" * 99_999,), "line too long"),
        ("none", (GREETING[:4] + GREETING[-2:], b"* x\r\n" * 200), "the backend talks without an end"),
        ("implicit", (GREETING,), "no TLS: "),
        ("starttls", (GREETING, b"w1 NO\r\n"), "the backend refused STARTTLS"),
        ("starttls", (GREETING, b"* x\r\n" * 200), "the backend talks without an end"),
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
    assert "the backend didn't greet with OK; are protocol" in result.stderr


def test_stls_07_online_takes_no_bytes_between_the_answer_to_starttls_and_the_handshake(
    folder: Folder,
) -> None:
    with server(says(GREETING, b"w1 OK begin\r\n* OK injected\r\n")) as port:
        result = run("--online", "-c", backend(folder, port, "starttls"))
    assert result.exit_code == 1
    assert "bytes in clear after STARTTLS; " in result.stderr


def test_online_tells_a_backend_that_hangs_up_and_one_that_is_not_there(folder: Folder) -> None:
    with server(lambda wire: None) as port:
        assert "it closed the connection" in run("--online", "-c", backend(folder, port, "none")).stderr
    assert "no connection: " in run("--online", "-c", backend(folder, port, "none")).stderr

"""The files that settings name: are they there, readable, private where they must be, and do they fit?"""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

from config.loader import Loaded
from config.problem import Problem
from config.secret_file import UnusableFileError, content, sealing_key, secret
from config.sections.cache import SEALING, Cache
from config.settings import Settings

MAX_PEM_BYTES = 4 << 20  # a system's bundle of certification authorities has about 250 KB
Check = Callable[[], object]


def check_files(loaded: Loaded) -> tuple[Problem, ...]:
    """Everything that is wrong with the files, in the order of the settings."""
    problems = []
    for key, check in _checks(loaded.settings):
        try:
            check()
        except UnusableFileError as error:
            problems.append(Problem(loaded.origin(key), key, str(error)))
    return tuple(problems)


def pair_problem(certificate: Path, key: Path) -> str | None:
    """What is wrong with a certificate or its key, None when they can be used."""
    try:
        for _, check in _pair("", certificate, key):
            check()
    except UnusableFileError as error:
        return str(error)
    return None


def _checks(settings: Settings) -> Iterator[tuple[str, Check]]:
    pepper = settings.store.pepper_file
    if pepper.exists():  # the first `db upgrade` creates it
        yield "store.pepper_file", lambda: secret(pepper)
    yield from _of_cache(settings.cache)
    if settings.tls.certificate and settings.tls.key:
        yield from _pair("tls", settings.tls.certificate, settings.tls.key)
    for index, sni in enumerate(settings.tls.sni):
        yield from _pair(f"tls.sni[{index}]", sni.certificate, sni.key)
    for index, backend in enumerate(settings.backend):
        if backend.ca_file:
            yield f"backend[{index}].ca_file", _bind(_authorities, backend.ca_file)
        for name in ("master_password_file", "shared_password_file", "service_password_file"):
            if path := getattr(backend, name):
                yield f"backend[{index}].{name}", _bind(secret, path)


def _of_cache(cache: Cache) -> Iterator[tuple[str, Check]]:
    for name in ("key_file", "previous_key_file", "password_file", "sentinel_password_file"):
        if path := getattr(cache, name):
            yield f"cache.{name}", _bind(sealing_key if name in SEALING else secret, path)
    if cache.ca_file:
        yield "cache.ca_file", _bind(_authorities, cache.ca_file)
    if cache.certificate and cache.key:
        yield from _pair("cache", cache.certificate, cache.key)


def _pair(table: str, certificate: Path, key: Path) -> Iterator[tuple[str, Check]]:
    yield f"{table}.certificate", _bind(_pem, certificate, b"CERTIFICATE-----", False)
    yield f"{table}.key", lambda: _key(certificate, key)


def _bind(check: Callable[..., object], *arguments: object) -> Check:
    return lambda: check(*arguments)


def _pem(path: Path, label: bytes, private: bool) -> bytes:
    data = content(path, MAX_PEM_BYTES, private=private)
    if b"-----BEGIN " not in data or label not in data:
        kind = label.decode().strip("-").lower()
        raise UnusableFileError(
            f"{path} holds no {kind}; allowed is PEM, with a line -----BEGIN …{label.decode()}"
        )
    return data


def _key(certificate: Path, key: Path) -> None:
    data = _pem(key, b"PRIVATE KEY-----", True)
    if b"ENCRYPTED" in data:
        raise UnusableFileError(f"{key} is encrypted; allowed is a private key without a passphrase")
    try:
        _pem(certificate, b"CERTIFICATE-----", False)
    except UnusableFileError:
        return  # told at the certificate
    try:
        # The empty passphrase keeps OpenSSL from asking for one on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise UnusableFileError(_why_no_pair(certificate, key, error)) from None


def _why_no_pair(certificate: Path, key: Path, error: Exception) -> str:
    reason = getattr(error, "reason", None) or type(error).__name__
    if reason == "KEY_VALUES_MISMATCH":
        return f"{key} does not belong to the certificate in {certificate}; name the key it was made with"
    return f"{key} and {certificate} can't be loaded ({reason}); allowed are a PEM key and its certificate"


def _authorities(path: Path) -> None:
    _pem(path, b"CERTIFICATE-----", False)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (ssl.SSLError, OSError, ValueError):
        raise UnusableFileError(f"{path} holds a certificate that can't be read; allowed is PEM") from None

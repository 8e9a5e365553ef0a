"""Certificates to test with, good and bad, as PEM files in a folder."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate chain and its key, for a server to show."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority whose certificate lies in `folder`/ca.pem; what it issues lies beside it."""

    folder: Path
    _ca: trustme.CA = field(default_factory=trustme.CA, repr=False)

    def __post_init__(self) -> None:
        self._ca.cert_pem.write_to_path(self.ca_file)

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def client_context(self) -> ssl.SSLContext:
        """A client that trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def server(self, *names: str) -> Pair:
        """A good certificate for these names, else for this machine's loopback."""
        return self._write("server", self._ca.issue_cert(*(names or NAMES), common_name=(names or NAMES)[0]))

    def expired(self) -> Pair:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        return self._write("expired", self._ca.issue_cert(*NAMES, not_after=yesterday))

    def wrong_name(self) -> Pair:
        return self._write("wrong-name", self._ca.issue_cert("elsewhere.example.test"))

    def untrusted(self) -> Pair:
        """For the right names, from an authority that nobody trusts."""
        return self._write("untrusted", trustme.CA().issue_cert(*NAMES))

    def self_signed(self) -> Pair:
        """For the right name, signed by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        pem = _self_signed(key).public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return self._store("self-signed", pem, secret)

    def _write(self, name: str, leaf: trustme.LeafCert) -> Pair:
        chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
        return self._store(name, chain, leaf.private_key_pem.bytes())

    def _store(self, name: str, chain: bytes, key: bytes) -> Pair:
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        pair.certificate.write_bytes(chain)
        pair.key.touch(0o600)
        pair.key.write_bytes(key)
        return pair


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )

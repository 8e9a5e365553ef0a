"""A certificate authority of one's own and a certificate for the names of this machine.

Clients are told to trust the authority's file; nothing is ever installed into the system.
"""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import idna
import trustme

NAMES = ("localhost", "127.0.0.1", "::1", "mail.example.test")


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """PEM files: what clients trust, what the server shows, and the server's private key."""

    ca: Path
    certificate: Path
    key: Path


def create(folder: Path) -> CertificateFiles:
    """Write ca.pem, certificate.pem and key.pem into `folder`, which must exist. Raises OSError."""
    authority = trustme.CA(organization_name="Wicketgate demo")
    names = dict.fromkeys((*NAMES, *_own_name()))
    server = authority.issue_cert(*names, common_name=NAMES[0])
    files = CertificateFiles(folder / "ca.pem", folder / "certificate.pem", folder / "key.pem")
    files.ca.write_bytes(authority.cert_pem.bytes())
    files.certificate.write_bytes(b"".join(pem.bytes() for pem in server.cert_chain_pems))
    _write_private(files.key, server.private_key_pem.bytes())
    return files


def _own_name() -> tuple[str, ...]:
    """OpenLDAP's clients that connect to localhost look for the machine's name in the certificate instead."""
    name = socket.gethostname()
    try:
        idna.encode(name, uts46=True)
    except idna.IDNAError:
        return ()  # a certificate can't have it
    return (name,)


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    # O_EXCL: nobody can have put a file or a link of other rights there a moment before.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file:
        file.write(content)

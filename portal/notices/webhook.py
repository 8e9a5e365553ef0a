"""One event for another program: JSON by POST, signed as Standard Webhooks say (symmetric signatures, v1)."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from config import ConfigurationError, Notices, read_secret
from portal.notices.cannot_send import CannotSend
from portal.notices.cut_off import cut_off
from portal.notices.events import data
from store.portal.notices import Notice

_SECONDS, _LONGEST_SECONDS = 10, 30


def deliver(notices: Notices, notice: Notice) -> None:
    """Raises CannotSend for any answer but 2xx. No redirect is followed: an event is for the one address."""
    assert notices.webhook_secret_file is not None, "the configuration requires it"
    told = {"type": notice.event, "timestamp": notice.at.isoformat(), "data": data(notice)}
    body = json.dumps(told).encode()
    # The same at each try, and never that of another event: by it receivers know what they have already.
    id = f"notice-{hashlib.sha256(body).hexdigest()[:32]}"
    try:
        secret = read_secret(notices.webhook_secret_file, "notices.webhook_secret_file")
        headers = {"Content-Type": "application/json", **signed(secret, id, int(time.time()), body)}
        status = _posted(notices.webhook, body, headers)
    except (OSError, HTTPException, ValueError, ConfigurationError) as error:
        raise CannotSend(str(error) or type(error).__name__) from None
    if not 200 <= status < 300:
        raise CannotSend(f"{urlsplit(notices.webhook).hostname} answered {status}")


def signed(secret: bytes, id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers that tell a receiver that it's from us, and when: HMAC-SHA256 over id, time and body."""
    mac = hmac.digest(secret, f"{id}.{at}.".encode() + body, "sha256")
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer. Its body isn't read."""
    parts = urlsplit(url)
    is_tls, host = parts.scheme == "https", parts.hostname or ""
    connection = HTTPSConnection(host, parts.port) if is_tls else HTTPConnection(host, parts.port)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with (
        closing(connection),
        closing(_connected(host, connection.port, is_tls)) as sock,
        cut_off(_LONGEST_SECONDS, lambda: sock),
    ):
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        connection.sock = sock
        connection.request("POST", target, body, dict(headers))
        return connection.getresponse().status


def _connected(host: str, port: int, is_tls: bool) -> socket.socket:
    sock = socket.create_connection((host, port), timeout=_SECONDS)
    if not is_tls:
        return sock
    try:
        context = ssl.create_default_context()
        return context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        sock.close()
        raise

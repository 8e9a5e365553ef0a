"""One event for another program: JSON by POST, signed as Standard Webhooks say (symmetric signatures, v1)."""

import base64
import hmac
import json
import time
import urllib.request
from http.client import HTTPException
from typing import Any

from config import Notices, read_secret
from portal.notices.events import data
from portal.notices.mail import CannotSend
from store.portal.notices import Notice

_SECONDS = 10


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the secret-signed event is for the configured address alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


def deliver(notices: Notices, notice: Notice) -> None:
    """Raises CannotSend for any answer but 2xx."""
    assert notices.webhook_secret_file is not None, "the configuration requires it"
    secret = read_secret(notices.webhook_secret_file, "notices.webhook_secret_file")
    told = {"type": notice.event, "timestamp": notice.at.isoformat(), "data": data(notice)}
    body = json.dumps(told).encode()
    request = urllib.request.Request(notices.webhook, body, method="POST")  # noqa: S310 (https, by the configuration)
    for name, value in signed(secret, f"notice-{notice.id}", int(time.time()), body).items():
        request.add_header(name, value)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.build_opener(_StayHere).open(request, timeout=_SECONDS):
            return
    except (OSError, HTTPException, ValueError) as error:
        raise CannotSend(str(error) or type(error).__name__) from None


def signed(secret: bytes, id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers that tell a receiver that it's from us, and when: HMAC-SHA256 over id, time and body."""
    mac = hmac.digest(secret, f"{id}.{at}.".encode() + body, "sha256")
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }

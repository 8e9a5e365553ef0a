"""What is answered over HTTP: a status and a short body (RFC 9110)."""

from dataclasses import dataclass
from http import HTTPStatus

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole of an answer. The connection ends with it."""

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT

    def octets(self, *, with_body: bool) -> bytes:
        """As it goes over the wire. RFC 9110, section 9.3.2: HEAD gets the same without the body."""
        lines = [
            f"HTTP/1.1 {self.status.value} {self.status.phrase}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            "Cache-Control: no-store",
            "Connection: close",
        ]
        if self.status is HTTPStatus.METHOD_NOT_ALLOWED:
            lines.append("Allow: GET, HEAD")  # RFC 9110, section 15.5.6: it has to be said
        head = "\r\n".join([*lines, "", ""]).encode()
        return head + self.body if with_body else head


def said(status: HTTPStatus, text: str) -> Reply:
    """A line for whoever looks."""
    return Reply(status, text.encode() + b"\n")

"""Sends messages over TLS as fast as it goes, and prints how many bytes of them were taken."""

import argparse
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PIECE = 1 << 18


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("message", type=Path, help="file in CRLF lines, none of which begins with a dot")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--messages", type=int, default=32, help="of each connection")
    parser.add_argument("--size", type=int, default=8 << 20, help="bytes of each message, at most")
    parser.add_argument("--password", required=True)
    args = parser.parse_args()
    with args.message.open("rb") as file:
        message = file.read(args.size)
    message = message[: message.rindex(b"\r\n") + 2]
    with ThreadPoolExecutor(args.connections) as senders:
        taken = senders.map(lambda number: send(args, number, message), range(args.connections))
        print(sum(taken))


def send(args: argparse.Namespace, number: int, message: bytes) -> int:
    """The bytes that one connection got a 250 for."""
    user = f"u{number:05}"
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP_SSL("127.0.0.1", args.port, "bench.test", timeout=60, context=context) as server:
        server.login(user, args.password)
        return sum(send_one(server, message) for _ in range(args.messages))


def send_one(server: smtplib.SMTP, message: bytes) -> int:
    for command, expected in (
        ("MAIL FROM:<a@bench.test>", 250),
        ("RCPT TO:<b@bench.test>", 250),
        ("DATA", 354),
    ):
        code, text = server.docmd(command)
        assert code == expected, (command, code, text)
    view = memoryview(message)
    for begin in range(0, len(view), PIECE):
        server.sock.sendall(view[begin : begin + PIECE])
    code, text = server.docmd(".")
    assert code == 250, (code, text)
    return len(message)


if __name__ == "__main__":
    main()

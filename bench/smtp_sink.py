"""A submission server that takes every login and swallows every message: the backend of the SMTP benchmarks.

It says 503 to a second AUTH, as real servers do. Run it with the port to listen on.
"""

import asyncio
import base64
import sys

EHLO = (
    b"250-sink.test\r\n250-AUTH PLAIN LOGIN\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"
)
END = b"\r\n.\r\n"
REPLIES = {b"EHLO": EHLO, b"DATA": b"354 go\r\n", b"QUIT": b"221 2.0.0 bye\r\n"}


class Sink(asyncio.BufferedProtocol):
    """One client. Messages are only searched for their end."""

    def __init__(self) -> None:
        self._buffer = bytearray(1 << 20)
        self._line = self._tail = b""
        self._in_data = self._logged_in = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.write(b"220 sink.test ESMTP\r\n")

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, count: int) -> None:
        if not self._in_data:
            self._read_lines(self._line + self._buffer[:count])
            return
        self._tail += self._buffer[max(0, count - len(END)) : count]
        self._tail = self._tail[-len(END) :]
        if self._tail == END:
            self._in_data, self._tail = False, b""
            self._transport.write(b"250 2.0.0 swallowed\r\n")

    def _read_lines(self, octets: bytes) -> None:
        *lines, self._line = octets.split(b"\r\n")
        for line in lines:
            verb = bytes(line[:4].upper())
            self._transport.write(
                self._auth(line) if verb == b"AUTH" else REPLIES.get(verb, b"250 2.0.0 ok\r\n")
            )
            self._in_data = verb == b"DATA"
            if verb == b"QUIT":
                self._transport.close()

    def _auth(self, line: bytes) -> bytes:
        if self._logged_in:
            return b"503 5.5.1 already\r\n"
        message = base64.b64decode(line.split()[2]).split(b"\0")
        self._logged_in = not message[2].startswith(b"wrong")
        return b"235 2.7.0 ok\r\n" if self._logged_in else b"535 5.7.8 no\r\n"


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

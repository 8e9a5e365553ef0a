"""A ManageSieve client, as far as the tests need one: Python has none."""

import re
import socket
from base64 import b64encode


class SieveClient:
    """`greeting` and what `ask` returns are the lines of an answer; a literal is one line."""

    def __init__(self, port):
        self._socket = socket.create_connection(("localhost", port), timeout=20)
        self._file = self._socket.makefile("rb")
        self.greeting = self._answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self._socket.close()

    def start_tls(self, context):
        assert self.ask(b"STARTTLS")[-1].startswith(b"OK")
        self._file.close()
        self._socket = context.wrap_socket(self._socket, server_hostname="localhost")
        self._file = self._socket.makefile("rb")
        self.greeting = self._answer()

    def log_in(self, login, password):
        """The last line of the answer."""
        message = b64encode(f"\0{login}\0{password}".encode())
        return self.ask(b'AUTHENTICATE "PLAIN" "%b"' % message)[-1]

    def ask(self, command):
        self._socket.sendall(command + b"\r\n")
        return self._answer()

    def _answer(self):
        lines = []
        while not (lines and re.match(rb'OK|NO|BYE|""', lines[-1])):
            line = self._file.readline()
            assert line.endswith(b"\r\n"), (lines, line)
            if size := re.fullmatch(rb"\{([0-9]+)\}\r\n", line):
                line = self._file.read(int(size[1])) + self._file.readline()
            lines.append(line[:-2])
        return lines

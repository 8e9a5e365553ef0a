"""A client of TLS 1.3 that makes key updates without end, which Python's own can't: by OpenSSL itself."""

import ctypes
import socket

_PIECE = 65536
_POINTERS = ("TLS_client_method", "SSL_CTX_new", "SSL_new", "BIO_new", "BIO_s_mem")


def _library(name):
    opened = ctypes.CDLL(name)
    for one in _POINTERS:
        if hasattr(opened, one):
            getattr(opened, one).restype = ctypes.c_void_p
    return opened


class KeyUpdates:
    """Connected to `port`, the handshake done. The certificate isn't looked at."""

    def __init__(self, port):
        self._ssl, self._crypto = _library("libssl.so.3"), _library("libcrypto.so.3")
        pointer = ctypes.c_void_p
        self._context = pointer(self._ssl.SSL_CTX_new(pointer(self._ssl.TLS_client_method())))
        self._tls = pointer(self._ssl.SSL_new(self._context))
        memory = pointer(self._crypto.BIO_s_mem())
        self._in, self._out = pointer(self._crypto.BIO_new(memory)), pointer(self._crypto.BIO_new(memory))
        self._ssl.SSL_set_bio(self._tls, self._in, self._out)
        self._ssl.SSL_set_connect_state(self._tls)
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self._shake_hands()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self._ssl.SSL_free(self._tls)
        self._ssl.SSL_CTX_free(self._context)

    def _shake_hands(self):
        while self._ssl.SSL_do_handshake(self._tls) != 1:
            self.socket.sendall(self._records())
            piece = self.socket.recv(_PIECE)
            assert piece, "the server has left in the handshake"
            self._crypto.BIO_write(self._in, piece, len(piece))
        self.socket.sendall(self._records())

    def records(self, number, data):
        """As many key updates, and `data` behind them, as they go over the wire."""
        made = []
        for _ in range(number):
            assert self._ssl.SSL_key_update(self._tls, 0) == 1
            assert self._ssl.SSL_do_handshake(self._tls) == 1
            made.append(self._records())
        assert self._ssl.SSL_write(self._tls, data, len(data)) == len(data)
        return b"".join([*made, self._records()])

    def receive(self):
        """Data that comes, without what TLS says for itself; b"" when that is all."""
        piece = self.socket.recv(_PIECE)
        self._crypto.BIO_write(self._in, piece, len(piece))
        read, data = ctypes.create_string_buffer(_PIECE), b""
        while (length := self._ssl.SSL_read(self._tls, read, _PIECE)) > 0:
            data += read.raw[:length]
        return data

    def _records(self):
        piece, made = ctypes.create_string_buffer(_PIECE), b""
        while (length := self._crypto.BIO_read(self._out, piece, _PIECE)) > 0:
            made += piece.raw[:length]
        return made

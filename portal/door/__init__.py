"""The portal's side of a TCP connection, from accept on: who gets a place, TLS, and the bytes of HTTP.

It stands in for asyncio's own transports, which hold 300 KiB for each connection and have no limits before
the handshake is over. What HTTP means is none of its business.
"""

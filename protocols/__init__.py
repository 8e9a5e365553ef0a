"""Pure dialogues: bytes in, bytes out.

Nothing here opens a socket, reads a clock, writes a log or knows asyncio. What a dialogue may ask for is in
`dialogue`; each protocol offers `front` (our side towards the client) and `back` (our side towards the
backend).
"""

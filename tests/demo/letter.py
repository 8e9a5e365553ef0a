"""A message which shows whether anything on the way changes an octet."""

# 8-bit text, lines that begin with dots, a lone dot, what looks like commands, a line of 1900 octets, white
# space at the end. No longer line: poplib reads 2048 octets.
LETTER = b"\r\n".join(
    [
        b"From: dora@example.test",
        b"To: enno@example.test",
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit",
        b"",
        "Grüße aus Köln: äöüß €".encode(),
        b"octets that are no UTF-8: \xff\xfe",
        b".",
        b"..two",
        b".QUIT",
        b"RSET",
        b"x" * 1900,
        b"From here on  ",
        b"\ttabs",
        b"the end",
        b"",
    ]
)

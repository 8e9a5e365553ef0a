"""How many BindRequests a second our codec decodes, beside ldap3's schema of RFC 4511 with pyasn1's decoder.

Both turn the bytes of one message into message ID, name and password. They take turns; the medians count.
Run it with the Python of .venv; it needs ldap3.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from statistics import median

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from ldap3.protocol.rfc4511 import LDAPMessage
    from pyasn1.codec.ber import decoder

from protocols.dialogue import Credentials
from protocols.ldap import ber
from protocols.ldap import message as ldap
from protocols.ldap.back import bind_request

Decoded = tuple[int, bytes, bytes]
NAME, PASSWORD = b"uid=dora,ou=people,dc=example,dc=org", b"abcdefghijklmnop"
REQUEST = bind_request(17, Credentials(NAME, PASSWORD))
# As Windows writes it, at least outside: the lengths of message and operation take four bytes more.
LONG = bytes.fromhex("3084%08x020111" % (len(REQUEST) + 2)) + b"\x60\x84" + (len(REQUEST) - 7).to_bytes(4)
LONG += REQUEST[7:]


def ours(data: bytes) -> Decoded:
    assert ber.measure(data, 262143) == len(data)
    message = ldap.parse(data)
    bind = ldap.parse_bind(message)
    return message.id, bind.name, bind.password or b""


def theirs(data: bytes) -> Decoded:
    message, rest = decoder.decode(data, asn1Spec=LDAPMessage())
    assert not rest
    bind = message["protocolOp"]["bindRequest"]
    return (
        int(message["messageID"]),
        bytes(bind["name"]),
        bytes(bind["authentication"]["simple"]),
    )


def rate(decode: Callable[[bytes], Decoded], data: bytes, count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        decode(data)
    return count / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--count", type=int, default=100_000, help="decodes of a round; theirs: a twentieth")
    args = parser.parse_args()
    print("| request | codec | decodes/s | min | max |\n|---|---|---|---|---|")
    for label, data in (("shortest lengths", REQUEST), ("four-byte lengths", LONG)):
        assert ours(data) == theirs(data) == (17, NAME, PASSWORD), (ours(data), theirs(data))
        rounds = [
            (rate(ours, data, args.count), rate(theirs, data, args.count // 20)) for _ in range(args.rounds)
        ]
        for codec, rates in zip(("protocols.ldap", "ldap3 + pyasn1"), zip(*rounds, strict=True), strict=True):
            print(f"| {label} | {codec} | {median(rates):.0f} | {min(rates):.0f} | {max(rates):.0f} |")


if __name__ == "__main__":
    main()

"""Streams that look enough like LDAP to get somewhere, and streams that don't."""

from hypothesis import strategies as st

from tests.protocols.ldap.filters import AND, NOT, OR, nested, search
from tests.protocols.ldap.notation import message

PASSWORD = b"correct%horse"
START_TLS = message("extended 77 StartTLS")
REQUESTS = [
    f"bind {{}} fritz {PASSWORD.decode()}",
    f"bind {{}} fritz {PASSWORD.decode()}",
    f"bind {{}} uid=fritz,dc=test {PASSWORD.decode()} [1.2.3]",
    f"bind {{}} fritz {PASSWORD.decode()} 2",
    f"bind {{}} fritz {PASSWORD.decode()} [1.2.3 critical]",
    f'bind {{}} "" {PASSWORD.decode()}',
    'bind {} "" ""',
    'bind {} fritz ""',
    f"bind-sasl {{}} fritz PLAIN {PASSWORD.decode()}",
    'bind-sicily {} "" discovery ""',
    'search {} "" base (objectClass=*)',
    'search {} "" base (objectClass=*) namingContexts types-only',
    r"search {} dc=test sub (&(cn=*)(mail=x*)) mail [PagedResults=0\x05\x02\x01d\x04\x00 critical]",
    "search {} dc=test sub (cn=*) mail [PagedResults=x critical]",
    "search {} dc=test sub (cn=*) [ProxiedAuthorization=dn:x critical]",
    "modify {} cn=x replace:mail=x",
    "modify {} cn=x replace:userPassword=x",
    "add {} cn=x cn=x userPassword=x",
    "delete {} cn=x",
    "rename {} cn=x cn=y",
    "compare {} cn=x cn=y",
    "abandon {} 1",
    "extended {} WhoAmI",
    "extended {} PasswordModify x",
    r"extended {} Cancel 0\x03\x02\x01\x01",
    "extended {} FastBind",
    "extended {} Turn",
    "extended {} 1.2.3",
]
RARE = ["unbind {}", "bind-response {} 0", "notice 2 Bye", "entry {} cn=x"]
SPOILED = [
    b"\x30",
    b"\x30\x80",
    b"\x30\x05\2\1\1\x42",
    b"\x30\x84\x7f\xff\xff\xff",
    b"\0",
    b"GET / HTTP/1.1\r\n",
]


def spoiled(octets: bytes, at: int, byte: int) -> bytes:
    at %= len(octets)
    return octets[:at] + bytes((byte,)) + octets[at + 1 :]


numbers = st.sampled_from([1, 2, 3, 127, 128, 70_000, 2147483647])
lines = st.builds(str.format, st.sampled_from(REQUESTS), numbers)  # nothing in them ends a connection
requests = lines.map(message)
rare = st.builds(str.format, st.sampled_from(RARE), numbers).map(message)
filters = st.lists(st.sampled_from([AND, OR, NOT]), max_size=60).map(nested)
searches = st.builds(search, filters, st.just(b""), st.sampled_from([b"", b"dc=test"]), st.integers(0, 9))
changed = st.builds(spoiled, requests, st.integers(0, 60), st.integers(0, 255))
# Whole messages come more often than others: what is broken ends a stream.
client_streams = (
    st.lists(
        st.one_of(*[requests] * 8, searches, rare, changed, st.sampled_from(SPOILED), st.binary(max_size=9)),
        max_size=8,
    )
    .map(b"".join)
    .filter(lambda stream: b"1.3.6.1.4.1.1466.20037" not in stream)
)

ANSWERS = [
    "bind-response {} 0",
    "bind-response {} 0 Welcome",
    "bind-response {} 49 No",
    "bind-response {} 52 Later",
    "bind-response {} 10 @referral=ldap://x",
    "extended-response {} 0",
    "extended-response {} 2 No",
    'entry {} "" namingContexts=dc=test vendorName',
    "reference {} ldap://x",
    "search-done {} 0",
    "notice 52 Bye",
]
answers = st.builds(str.format, st.sampled_from(ANSWERS), st.sampled_from([1, 1, 2, 2, 3, 0])).map(message)
backend_streams = st.lists(
    answers
    | st.builds(spoiled, answers, st.integers(0, 30), st.integers(0, 255))
    | st.sampled_from(SPOILED)
    | st.binary(max_size=9),
    max_size=6,
).map(b"".join)

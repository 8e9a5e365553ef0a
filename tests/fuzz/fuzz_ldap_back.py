"""Any bytes from a directory, to our back and to our probe.

An input is a byte for what we want, a byte for the size of the chunks, and the streams of the directory with
`<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import ldap
    from protocols.dialogue import Credentials, LoginResult, StartTLS
    from protocols.ldap.root_dse import attributes
    from protocols.terms import BackTerms

from fuzzing import fuzz

from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message
from tests.protocols.talk import cutter, talk

PRESENTED = [Credentials(b"uid=fritz,dc=test", b"secret"), Credentials(b"fritz", b"\xff\0"), None]
TLS_ON = message('extended-response 1 0 "" @name=StartTLS')
ENTRY = message('entry 1 "" namingContexts=dc=test supportedExtension=1.2 supportedExtension=1.3 vendorName')
SEEDS = [
    b"\0\x40" + message("bind-response 1 0 Welcome") + message("entry 2 cn=x"),
    b"\0\x01" + message("bind-response 1 49 No"),
    b"\1\x05" + long_form(message("bind-response 1 52 Later"), 4),
    b"\0\x40" + message('bind-response 1 10 "" @referral=ldap://elsewhere.test/'),
    b"\0\x40" + message("notice 52 Bye"),
    b"\4\x40" + TLS_ON + b"<TLS>" + message("bind-response 2 0"),
    b"\4\x40" + TLS_ON + message("bind-response 2 0") + b"<TLS>",
    b"\2\x40" + message("bind-response 1 0"),
    b"\x10\x40" + message("bind-response 1 0") + message('extended-response 2 0 "" @value=dn:uid=fritz'),
    b"\x11\x02" + message("bind-response 1 0") + message("extended-response 2 2 No"),
    b"\x08\x40" + ENTRY + message("search-done 1 0"),
    b"\x08\x03" + long_form(ENTRY, 3) + message("search-done 1 0"),
    b"\x0c\x40" + TLS_ON + b"<TLS>" + message('entry 2 "" vendorName=x') + message("search-done 2 0"),
]


def probing(starttls):
    return (yield from ldap.probe(starttls)), b""  # what stands behind the answer, nobody reads


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    starttls, credentials = bool(flags & 4), PRESENTED[(flags & 3) % 3]
    epochs = data[2:].split(b"<TLS>")

    def back():
        terms = BackTerms(credentials, starttls=starttls, ask_who=bool(flags & 16))
        return probing(starttls) if flags & 8 else ldap.back(terms)

    ended = talk(back(), epochs, cutter([size + 1]))
    if isinstance(ended.end, tuple):
        attributes(ended.end, starttls=True)  # the front repeats it, and has to be able to
    else:
        assert isinstance(ended.end, LoginResult) or ended.end.startswith(("ProtocolError: ", "EOFError: "))
    assert len(ended.sent) <= 200
    assert ended.logins == []
    if not starttls:
        whole = talk(back(), epochs)
        assert (ended.end, ended.happened) == (whole.end, whole.happened)
        assert flags & 8 or ended.left == whole.left
        return
    until = ended.happened.index(StartTLS()) if StartTLS() in ended.happened else len(ended.happened)
    said = b"".join(event for event in ended.happened[:until] if isinstance(event, bytes))
    assert said == message("extended 1 StartTLS")


if __name__ == "__main__":
    fuzz(target, SEEDS)

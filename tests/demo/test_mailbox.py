"""The demo's mail server, driven over a socket by Python's own IMAP client."""

import imaplib
import socket
import subprocess
import sys
from email import message_from_bytes, policy

import pytest

PASSWORD, SHARED = 'Correct "horse" \\ battery', "the-gateways-own"
LOGINS = [f"user{number}@example.test" for number in range(200)]

SERVER = f"""
import asyncio, sys, threading
import gateway.demo.imap as imap
assert "twisted.internet.reactor" not in sys.modules, "the import installed a reactor"
from twisted.internet import asyncioreactor
loop = asyncio.new_event_loop()
asyncioreactor.install(loop)
from twisted.internet import reactor
users = dict.fromkeys({LOGINS!r}, {PASSWORD!r})
port = imap.listen(reactor, "127.0.0.1", 0, users, {SHARED!r})
print(port.getHost().port, flush=True)
def wait_for_the_end():
    sys.stdin.read()
    reactor.callFromThread(lambda: port.stopListening().addCallback(lambda _: reactor.stop()))
threading.Thread(target=wait_for_the_end).start()
reactor.run()
loop.close()
"""


@pytest.fixture(scope="module")
def port():
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", SERVER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as server:
        try:
            line = server.stdout.readline()
            assert line, server.stderr.read()
            yield int(line)
            _, complaints = server.communicate(timeout=20)
            assert (complaints, server.returncode) == ("", 0)
        finally:
            server.kill()


@pytest.fixture(scope="module")
def unused_logins():
    return iter(LOGINS)


@pytest.fixture
def login(unused_logins):
    """A user whose mailbox no other test has touched."""
    return next(unused_logins)


@pytest.fixture
def mail(port, login):
    with client(port, login) as session:
        yield session


def client(port, login, password=PASSWORD):
    session = imaplib.IMAP4("127.0.0.1", port, timeout=20)
    try:
        session.login(login, password)
    except session.error:
        session.shutdown()
        raise
    return session


def data(answer):
    kind, lines = answer
    assert kind == "OK", lines
    return lines


def fetched(session, numbers, item):
    return data(session.fetch(numbers, item))[0][1]


@pytest.mark.parametrize("password", [PASSWORD, SHARED])
def test_a_user_logs_in_by_the_main_password_or_by_the_gateways(port, login, password):
    for spelling in (login, login.upper()):
        with client(port, spelling, password) as session:
            assert data(session.select()) == [b"3"]


@pytest.mark.parametrize("authzid", ["", "{login}"])
def test_authenticate_plain_logs_in(port, login, authzid):
    with imaplib.IMAP4("127.0.0.1", port, timeout=20) as session:
        response = f"{authzid}\0{{login}}\0{SHARED}".format(login=login)
        data(session.authenticate("PLAIN", lambda _: response.encode()))
        assert data(session.select()) == [b"3"]


@pytest.mark.parametrize(
    "response", ["\0{login}\0wrong", f"user199@example.test\0{{login}}\0{SHARED}", "nonsense"]
)
def test_authenticate_plain_refuses_a_wrong_password_and_another_identity(port, login, response):
    with imaplib.IMAP4("127.0.0.1", port, timeout=20) as session, pytest.raises(session.error):
        session.authenticate("PLAIN", lambda _: response.format(login=login).encode())


@pytest.mark.parametrize(
    ("name", "password"), [(LOGINS[0], "other"), (LOGINS[0], ""), ("stranger@example.test", SHARED)]
)
def test_a_wrong_password_and_an_unknown_user_are_refused(port, name, password):
    with pytest.raises(imaplib.IMAP4.error):
        client(port, name, password)


def test_the_continuation_line_has_its_space(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        lines = raw.makefile("rb")
        lines.readline()
        raw.sendall(b"a AUTHENTICATE PLAIN\r\n")
        assert lines.readline() == b"+ \r\n"
        lines.close()


def test_the_folders_are_listed_with_their_uses(mail):
    listed = [line.decode() for line in data(mail.list())]
    assert listed == [
        '(\\HasNoChildren) "/" "INBOX"',
        '(\\HasNoChildren \\Drafts) "/" "Drafts"',
        '(\\HasNoChildren \\Sent) "/" "Sent"',
    ]
    assert data(mail.list('""', "inb%")) == [b'(\\HasNoChildren) "/" "INBOX"']
    assert data(mail.namespace()) == [b'(("" "/")) NIL NIL']


def test_folders_are_created_renamed_and_deleted(mail):
    data(mail.create('"Old letters"'))
    assert data(mail.status('"Old letters"', "(MESSAGES UIDNEXT)")) == [
        b'"Old letters" (MESSAGES 0 UIDNEXT 1)'
    ]
    assert mail.create('"Old letters"')[0] == "NO"
    data(mail.rename('"Old letters"', "Letters"))
    assert mail.select('"Old letters"')[0] == "NO"
    data(mail.delete("Letters"))
    assert len(data(mail.list())) == 3


def test_select_and_status_tell_what_is_there(mail):
    assert data(mail.select()) == [b"3"]
    assert mail.response("UIDNEXT")[1] == [b"4"]
    assert b"\\Seen" in mail.response("PERMANENTFLAGS")[1][0]
    status = data(mail.status("Sent", "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"))
    assert status == [b'"Sent" (MESSAGES 0 RECENT 0 UIDNEXT 1 UIDVALIDITY 3 UNSEEN 0)']
    assert data(mail.status("INBOX", "(UNSEEN)")) == [b'"INBOX" (UNSEEN 3)']
    assert mail.select("Nowhere")[0] == "NO"


def test_every_sample_message_is_fetched_octet_for_octet(mail):
    mail.select()
    messages = [
        message_from_bytes(fetched(mail, str(n), "(RFC822)"), policy=policy.default) for n in (1, 2, 3)
    ]
    sizes = [int(line.split()[-1].rstrip(b")")) for line in data(mail.fetch("1:*", "(RFC822.SIZE)"))]
    assert sizes == [len(fetched(mail, str(n), "(BODY.PEEK[])")) for n in (1, 2, 3)]
    assert messages[2]["Subject"] == "Grüße from many cities ✉"
    assert "東京" in messages[2].get_content()
    attachment = next(messages[1].iter_attachments())
    assert (attachment.get_filename(), attachment.get_content()[:4]) == ("Parts.csv", "item")
    assert not any(message.defects for message in messages)


def test_envelope_and_structure_describe_the_message_with_the_attachment(mail):
    mail.select()
    envelope = data(mail.fetch("2", "(ENVELOPE)"))[0]
    assert b'"The list of parts" (("Petra Pfortner" NIL "petra" "example.test"))' in envelope
    assert envelope.endswith(b' NIL NIL NIL "<sample-3@example.test>"))')
    structure = data(mail.fetch("2", "(BODYSTRUCTURE)"))[0]
    assert structure.startswith(b'2 (BODYSTRUCTURE (("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 50 1 ')
    assert b'("attachment" ("filename" "Parts.csv"))' in structure
    assert b'"mixed"' in data(mail.fetch("2", "BODY"))[0]


def test_parts_headers_and_ranges_are_fetched(mail):
    mail.select()
    whole = fetched(mail, "2", "(BODY.PEEK[])")
    assert fetched(mail, "2", "(BODY.PEEK[HEADER])") + fetched(mail, "2", "(BODY.PEEK[TEXT])") == whole
    assert fetched(mail, "2", "(RFC822.HEADER)") == whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert fetched(mail, "2", "(BODY.PEEK[]<10.20>)") == whole[10:30]
    assert fetched(mail, "2", "(BODY.PEEK[1])") == b"The parts of the gate are in the attached table.\r\n"
    assert b"filename" in fetched(mail, "2", "(BODY.PEEK[2.MIME])")
    chosen = fetched(mail, "2", "(BODY.PEEK[HEADER.FIELDS (Subject X-None)])")
    assert chosen == b"Subject: The list of parts\r\n\r\n"
    others = fetched(mail, "2", "(BODY.PEEK[HEADER.FIELDS.NOT (Subject)])")
    assert b"Subject" not in others
    assert b"From" in others
    assert data(mail.fetch("2", "(BODY.PEEK[7])")) == [b"2 (BODY[7] NIL)"]


def test_reading_marks_as_seen_and_peeking_does_not(mail):
    mail.select()
    mail.fetch("1", "(BODY.PEEK[])")
    assert data(mail.search(None, "UNSEEN")) == [b"1 2 3"]
    mail.fetch("1", "(BODY[])")
    assert data(mail.search(None, "UNSEEN")) == [b"2 3"]


def test_flags_are_set_added_and_taken_away(mail):
    mail.select()
    assert data(mail.store("1:2", "+FLAGS", "(\\Flagged \\seen)")) == [
        b"1 (FLAGS (\\Flagged \\Seen))",
        b"2 (FLAGS (\\Flagged \\Seen))",
    ]
    assert data(mail.store("1", "-FLAGS", "(\\Flagged)")) == [b"1 (FLAGS (\\Seen))"]
    assert data(mail.uid("STORE", "2", "FLAGS", "($Work)")) == [b"2 (FLAGS ($Work) UID 2)"]
    assert data(mail.store("3", "+FLAGS.SILENT", "\\Deleted")) == [None]


def test_an_examined_folder_cant_be_changed(mail):
    data(mail.select("INBOX", readonly=True))
    mail.fetch("1", "(BODY[])")
    with pytest.raises(mail.error):
        mail.store("1", "+FLAGS", "(\\Seen)")
    assert mail.expunge()[0] == "NO"
    assert data(mail.search(None, "UNSEEN")) == [b"1 2 3"]


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("ALL", b"1 2 3"),
        ('FROM "petra"', b"2"),
        ('OR SUBJECT "welcome" SUBJECT "cities"', b"1 3"),
        ('NOT TO "user"', b""),
        ('HEADER Message-ID "sample-4"', b"3"),
        ('BODY "attached table"', b"2"),
        ('TEXT "Petra"', b"2"),
        ("SENTSINCE 3-Nov-2026", b"2 3"),
        ("SENTON 3-Nov-2026 2:*", b"2"),
        ("UID 3:9", b"3"),
        ("LARGER 10 (1 UNSEEN)", b"1"),
        ("UNKEYWORD $Work SMALLER 5", b""),
    ],
)
def test_search_finds_by_key(mail, keys, found):
    mail.select()
    assert data(mail.search(None, keys)) == [found]
    assert data(mail.uid("SEARCH", keys)) == [found]


def test_search_knows_utf_8_and_refuses_unknown_keys_and_charsets(mail):
    mail.select()
    assert data(mail.search("UTF-8", 'SUBJECT "grüße"'.encode())) == [b"3"]
    assert mail.search("KOI8-R", "ALL")[0] == "NO"
    for wrong in ("BOGUS", "FROM", "NOT"):
        with pytest.raises(mail.error):
            mail.search(None, wrong)


def test_a_message_is_appended_copied_and_expunged(mail):
    mail.select()
    sent = b"Subject: sent\r\n\r\nHello\r\n"
    data(mail.append("Sent", "(\\Seen)", '"02-Nov-2026 10:00:00 +0100"', sent))
    assert data(mail.append("INBOX", None, None, sent)) == [b"[APPENDUID 1 4] APPEND completed"]
    data(mail.uid("COPY", "1,4", "Sent"))
    assert mail.response("COPYUID")[1] == [b"3 1,4 2,3"]
    assert mail.append("Nowhere", None, None, sent)[1][0].startswith(b"[TRYCREATE]")
    assert mail.copy("1", "Nowhere")[1][0].startswith(b"[TRYCREATE]")
    mail.store("1,3", "+FLAGS", "(\\Deleted)")
    assert data(mail.expunge()) == [b"3", b"1"]
    assert data(mail.uid("SEARCH", "ALL")) == [b"2 4"]
    assert data(mail.select("Sent")) == [b"3"]
    assert fetched(mail, "1", "(BODY[])") == sent
    assert b'"02-Nov-2026 10:00:00 +0100"' in data(mail.fetch("1", "(INTERNALDATE FLAGS)"))[0]


def test_uid_expunge_removes_the_named_ones_among_the_deleted(mail):
    mail.select()
    mail.store("1,3", "+FLAGS", "(\\Deleted)")
    data(mail.uid("EXPUNGE", "2:*"))
    assert mail.response("EXPUNGE")[1] == [b"3"]
    assert data(mail.uid("SEARCH", "ALL")) == [b"1 2"]
    with pytest.raises(mail.error):
        mail.uid("EXPUNGE", "all")


def test_a_message_within_a_message_has_its_own_envelope(mail):
    inner = b"Subject: inner\r\nFrom: a@example.test\r\n\r\nText\r\n"
    data(mail.append("Drafts", None, None, b"Content-Type: message/rfc822\r\n\r\n" + inner))
    mail.select("Drafts")
    assert b'"rfc822" NIL NIL NIL "7bit" 46 (NIL "inner"' in data(mail.fetch("1", "(BODYSTRUCTURE)"))[0]
    assert fetched(mail, "1", "(BODY[1.HEADER])") == inner.partition(b"Text")[0]
    assert fetched(mail, "1", "(BODY[1])") == b"Text\r\n"


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n",
        b"no header at all",
        b"To: undisclosed-recipients:;\r\nContent-Type: text/plain;\r\n\r\n",
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n--x--\r\nSubject: \xff\xfe\r\n',
        b"Subject: raw \xc3\xbc\r\nFrom: <>, \xff@\xfe\r\n\r\n\x00\xff",
        b"Content-Type: message/rfc822\r\n\r\n" * 40,
    ],
)
def test_a_message_of_any_shape_is_described(mail, octets):
    data(mail.append("Drafts", None, None, octets))
    mail.select("Drafts")
    assert data(mail.fetch("1", "(ENVELOPE BODYSTRUCTURE BODY FLAGS)"))[0].startswith(b"1 (ENVELOPE (")
    assert fetched(mail, "1", "(BODY[])") == octets


def test_two_sessions_of_a_user_see_each_others_changes(port, login, mail):
    mail.select()
    with client(port, login) as other:
        other.select()
        other.append("INBOX", None, None, b"Subject: new\r\n\r\n")
        other.store("1", "+FLAGS", "(\\Deleted)")
        other.expunge()
        assert data(mail.uid("FETCH", "4", "(UID)"))[-1] == b"4 (UID 4)"
        data(mail.noop())
        assert mail.response("EXISTS")[1][-1] == b"4"
        assert mail.response("EXPUNGE")[1] == [b"1"]
        assert data(mail.uid("FETCH", "4", "(UID)")) == [b"3 (UID 4)"]


def test_an_idle_session_is_told_of_new_and_of_expunged_mail(port, login):
    with client(port, login) as idler, client(port, login) as other:
        idler.select()
        other.select()
        idler.send(b"x IDLE\r\n")
        assert idler.readline() == b"+ \r\n"
        other.append("INBOX", None, None, b"Subject: new\r\n\r\n")
        assert idler.readline() == b"* 4 EXISTS\r\n"
        other.store("2", "+FLAGS.SILENT", "(\\Deleted)")
        assert idler.readline() == b"* 2 FETCH (FLAGS (\\Deleted))\r\n"
        other.close()
        assert idler.readline() == b"* 2 EXPUNGE\r\n"
        idler.send(b"DONE\r\n")
        assert idler.readline() == b"x OK IDLE terminated\r\n"


def test_users_have_a_mailbox_each(port, mail):
    mail.append("INBOX", None, None, b"Subject: for one\r\n\r\n")
    with client(port, LOGINS[-1]) as other:
        assert data(other.select()) == [b"3"]


def test_mail_lives_on_when_the_user_comes_back(port, login):
    with client(port, login) as first:
        first.append("INBOX", None, None, b"Subject: kept\r\n\r\n")
    with client(port, login) as second:
        assert data(second.select()) == [b"4"]


def test_a_message_beyond_the_limit_is_refused_before_it_is_sent(port, login):
    with client(port, login) as session:
        session.send(b"x APPEND INBOX {999999999}\r\n")
        assert session.readline().startswith(b"x BAD")

"""The demo's IMAP server, driven over a socket by Python's own client: logging in, reading, searching."""

import imaplib
import socket
from email import message_from_bytes, policy

import pytest

from tests.demo.mailhost import LOGINS, PASSWORD, SHARED, data, fetched, imap_client


@pytest.mark.parametrize("password", [PASSWORD, SHARED])
def test_a_user_logs_in_by_the_main_password_or_by_the_gateways(port, login, password):
    for spelling in (login, login.upper()):
        with imap_client(port, spelling, password) as session:
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
        imap_client(port, name, password)


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

"""The demo's IMAP server, driven over a socket by Python's own client: messages that come, go and change."""

import pytest

from tests.demo.mailhost import LOGINS, data, fetched, imap_client


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
    with imap_client(port, login) as other:
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
    with imap_client(port, login) as idler, imap_client(port, login) as other:
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
    with imap_client(port, LOGINS[-1]) as other:
        assert data(other.select()) == [b"3"]


def test_mail_lives_on_when_the_user_comes_back(port, login):
    with imap_client(port, login) as first:
        first.append("INBOX", None, None, b"Subject: kept\r\n\r\n")
    with imap_client(port, login) as second:
        assert data(second.select()) == [b"4"]


def test_a_message_beyond_the_limit_is_refused_before_it_is_sent(port, login):
    with imap_client(port, login) as session:
        session.send(b"x APPEND INBOX {999999999}\r\n")
        assert session.readline().startswith(b"x BAD")

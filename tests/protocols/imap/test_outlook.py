"""What Outlook sends, on desktops, on phones and through Microsoft's cloud."""

from tests.protocols.imap.fronts import over_tls, with_starttls


def test_outlook_starts_tls_and_logs_in_with_quoted_strings():
    with_starttls(
        r"""
        C: i3jx CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED
        S: i3jx OK Capability completed
        C: ryw0 STARTTLS
        S: ryw0 OK Begin TLS negotiation now
        tls
        C: 7pxr CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: 7pxr OK Capability completed
        C: x2kf LOGIN "alice@example.test" "abcd efgh ijkl mnop"
        login alice@example.test "abcd efgh ijkl mnop" -> accepted Welcome
        S: x2kf OK Welcome
        relay
        """
    )


def test_outlook_sends_its_id_with_literals_that_do_not_wait():
    over_tls(
        r"""
        C: A1 ID ("name" {23+}\r\nMicrosoft.Exchange.Imap "version" {6+}\r\n15.0.1)
        S: * ID ("name" "Wicketgate")
        S: A1 OK ID completed
        C: A2 LOGIN alice {6+}\r\nsecret
        login alice secret from Microsoft.Exchange.Imap 15.0.1 -> accepted Welcome
        S: A2 OK Welcome
        relay
        """
    )


def test_outlook_sends_its_id_with_literals_that_wait():
    over_tls(
        r"""
        C: A1 ID ("name" {7}
        S: + OK
        C: Outlook "version" {4}
        S: + OK
        C: 14.0)
        S: * ID ("name" "Wicketgate")
        S: A1 OK ID completed
        C: A2 LOGIN alice secret
        login alice secret from Outlook 14.0 -> accepted Welcome
        S: A2 OK Welcome
        relay
        """
    )


def test_outlook_on_phones_starts_tls_a_second_time_and_logs_in_all_the_same():
    with_starttls(
        r"""
        C: 1 STARTTLS
        S: 1 OK Begin TLS negotiation now
        tls
        C: 2 STARTTLS
        S: 2 BAD TLS is already on
        C: 3 AUTHENTICATE PLAIN
        S: +\x20
        C: AGFsaWNlAHNlY3JldA==
        login alice secret -> accepted Welcome
        S: 3 OK Welcome
        relay
        """
    )


def test_outlook_through_microsofts_cloud_gives_the_user_name_inline():
    over_tls(
        r"""
        C: A1 AUTHENTICATE LOGIN YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: c2VjcmV0
        login alice secret -> accepted Welcome
        S: A1 OK Welcome
        relay
        """
    )

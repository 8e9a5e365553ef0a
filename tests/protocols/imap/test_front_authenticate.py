"""AUTHENTICATE PLAIN and LOGIN, with and without an initial response."""

import pytest

from tests.protocols.imap.fronts import over_tls

ACCEPTED = """
login alice secret -> accepted Welcome
S: a1 OK Welcome
relay
"""


@pytest.mark.parametrize("mechanism", ["PLAIN", "plain", '"PLAIN"'])
@pytest.mark.parametrize("response", ["AGFsaWNlAHNlY3JldA==", "YWxpY2UAYWxpY2UAc2VjcmV0"])
def test_plain_with_an_initial_response(mechanism, response):
    over_tls(f"C: a1 AUTHENTICATE {mechanism} {response}" + ACCEPTED)


@pytest.mark.parametrize("empty", ["", " =", " "])
def test_plain_without_an_initial_response(empty):
    over_tls(
        rf"""
C: a1 AUTHENTICATE PLAIN{empty}
S: +\x20
C: AGFsaWNlAHNlY3JldA==
"""
        + ACCEPTED
    )


def test_plain_whose_response_does_not_wait_for_the_challenge():
    over_tls(
        r"""
C: a1 AUTHENTICATE PLAIN
C: AGFsaWNlAHNlY3JldA==
S: +\x20
"""
        + ACCEPTED
    )


@pytest.mark.parametrize("empty", ["", " ="])
def test_login_asks_for_user_name_and_password(empty):
    over_tls(
        f"""
C: a1 AUTHENTICATE LOGIN{empty}
S: + VXNlcm5hbWU6
C: YWxpY2U=
S: + UGFzc3dvcmQ6
C: c2VjcmV0
"""
        + ACCEPTED
    )


def test_login_with_the_user_name_inline_asks_for_the_password_alone():
    over_tls(
        """
C: a1 AUTHENTICATE login YWxpY2U=
S: + UGFzc3dvcmQ6
C: c2VjcmV0
"""
        + ACCEPTED
    )


def cancelled(transcript, complaint):
    over_tls(
        f"""
{transcript}
S: a1 BAD {complaint}
C: a2 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
login alice secret -> accepted Welcome
S: a2 OK Welcome
relay
"""
    )


@pytest.mark.parametrize(
    "transcript",
    [
        "C: a1 AUTHENTICATE PLAIN\nS: +\\x20\nC: *",
        "C: a1 AUTHENTICATE PLAIN *",
        "C: a1 AUTHENTICATE LOGIN\nS: + VXNlcm5hbWU6\nC: *",
        "C: a1 AUTHENTICATE LOGIN\nS: + VXNlcm5hbWU6\nC: YWxpY2U=\nS: + UGFzc3dvcmQ6\nC: *",
    ],
)
def test_a_star_cancels_with_bad_and_the_next_login_works(transcript):
    cancelled(transcript, "The login was cancelled")


@pytest.mark.parametrize(
    "wrong",
    [
        "!",
        "AGFsaWNl AHNlY3JldA==",
        "AGFsaWNlAHNlY3JldA",
        "AGFs==",
        "AGFsaWNlAHNlY3JldA===",
        "AGFsaWNlAHNlY3JldB==",
        "=",
        "==",
    ],
)
def test_what_is_not_base64_is_bad_and_the_next_login_works(wrong):
    cancelled(f"C: a1 AUTHENTICATE PLAIN\nS: +\\x20\nC: {wrong}", "That is not valid base64")
    cancelled(f"C: a1 AUTHENTICATE LOGIN\nS: + VXNlcm5hbWU6\nC: {wrong}", "That is not valid base64")
    asked = "C: a1 AUTHENTICATE LOGIN YWxpY2U=\nS: + UGFzc3dvcmQ6"
    cancelled(f"{asked}\nC: {wrong}", "That is not valid base64")


@pytest.mark.parametrize("arguments", ["", "PLAIN AGFsaWNl AHNlY3JldA==", '"PLAIN', "(PLAIN)"])
def test_other_arguments_are_bad(arguments):
    cancelled(
        f"C: a1 AUTHENTICATE {arguments}",
        "AUTHENTICATE takes a mechanism and, if wanted, a response",
    )


def test_the_response_may_be_a_literal():
    over_tls(r"C: a1 AUTHENTICATE PLAIN {20+}\r\nAGFsaWNlAHNlY3JldA==" + ACCEPTED)

"""`wicketgate doctor` finds names that lead to nobody, and names by which a backend knows a user besides."""

import pytest

from tests.servers.dovecot import Dovecot

FRITZ, WORD = "fritz@example.test", "main-password"
# As Dovecot's documentation has it for users without a domain: whichever is written is dropped.
WITHOUT_DOMAIN = "auth_username_format = %Ln\n"
SETTINGS = """
[policy]
unknown_users = "pass"
unknown_domains = [{domains}]
[login]
{login}
[[backend]]
protocol = "imap"
address = "localhost:{port}"
tls = "implicit"
ca_file = "{ca_file}"
login = "shared-password"
shared_password_file = "secret"
"""


@pytest.fixture(scope="module")
def lenient():
    with Dovecot({"fritz": WORD}, settings=WITHOUT_DOMAIN) as dovecot:
        yield dovecot


@pytest.fixture
def configure(shell, lenient):
    (shell.folder / "secret").touch(0o600)
    (shell.folder / "secret").write_text(WORD)

    def configure(domains='"example.test"', login=""):
        port = lenient.port("imap", "implicit")
        shell.configure(SETTINGS.format(domains=domains, login=login, port=port, ca_file=lenient.ca_file))

    configure()
    return configure


def tried(shell, login=FRITZ, code=0):
    """What is found of the names at the backend."""
    words = ("--try-login", login, "--password-file", str(shell.folder / "secret"), "--json")
    found = shell("doctor", *words, code=code).json
    return [(one["level"], one["what"]) for one in found if one["area"] == "names imap"]


def test_a_backend_that_takes_a_user_in_another_listed_domain_is_found(shell, configure):
    configure('"example.test", "other.test"')
    shell.add(FRITZ, "--mfa", "enforced")
    [(level, what)] = tried(shell, code=1)
    assert level == "failed"
    assert what.startswith(f"it takes {FRITZ} under fritz@other.test too, which pass here as unknown users")


@pytest.mark.parametrize(
    ("domains", "login"),
    [('"example.test"', ""), ('"example.test"', 'domains = { "other.test" = "example.test" }')],
    ids=["not-listed", "made-one"],
)
def test_what_the_configuration_makes_one_is_well(shell, configure, domains, login):
    configure(domains, login)
    shell.add(FRITZ, "--mfa", "enforced")
    [(level, what)] = tried(shell)
    assert level == "ok"
    assert what.endswith(f"other spellings of {FRITZ} passes as an unknown user")


def test_a_wrong_password_and_somebody_unknown_are_told(shell, configure):
    shell.add(FRITZ)
    (shell.folder / "secret").write_text("wrong")
    assert tried(shell, code=1) == [
        ("failed", f"it does not take {FRITZ} with that password. Is it the right one?")
    ]
    words = ("doctor", "--try-login", "other@example.test", "--password-file", str(shell.folder / "secret"))
    assert "other@example.test is no user here. Add it" in shell(*words, code=1).out


def test_user_and_password_go_together(shell, configure):
    assert shell.misused("doctor", "--try-login", FRITZ).endswith("go together; give both.")


def test_check_config_and_doctor_warn_of_what_nobody_can_look_into(shell, configure):
    configure('"example.test", "other.test"')
    shell.add(FRITZ)
    warned = shell("check-config").err.splitlines()
    assert [line.partition(",")[0] for line in warned] == [
        'warning: policy.unknown_users is "pass"',
        "warning: policy.unknown_domains has example.test",
    ]
    assert shell("check-config", "--quiet").err == ""
    assert sum(line.startswith("warning  names: ") for line in shell("doctor").out.splitlines()) == 2


def test_a_name_that_no_client_can_present_any_more_is_told(shell, configure):
    shell.configure("")
    shell.add("fritz+x@example.test", "--alias", "f@old.test")
    shell.configure('[login]\nrecipient_delimiter = "+"\ndomains = { "old.test" = "example.test" }\n')
    [told] = [line for line in shell("doctor", code=1).out.splitlines() if " names: " in line]
    assert "makes others of 2 names of users (fritz+x@example.test, f@old.test)" in told


def test_a_bare_pass_is_refused_with_what_to_write(shell):
    shell.configure('[policy]\nunknown_users = "pass"\n')
    said = shell("check-config", code=78).err
    what = 'policy.unknown_users: "pass" holds only in domains that are listed: write unknown_domains = ["'
    assert what in said

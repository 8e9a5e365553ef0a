"""What is wrong is said at once, with file and line, in plain words."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ConfigurationError, Problem, Settings, load
from tests.config.conftest import Folder

LISTENER = '[[listener]]\nprotocol="imap"\naddress="[::1]:{port}"\ntls="none"\n'


def test_all_errors_of_all_sources_come_at_once_in_order(folder: Folder) -> None:
    folder.write("[log]\nlevel = 'verbose'\n", "conf.d/a.toml")
    text = "[policy]\nobserve = 1\n[[listener]]\nprotocol = 'imap'\naddress = '[::]:1'\ntls = 'implict'\n"
    assert folder.problems(text, {"WICKETGATE__LIMITS__SESSIONS": "0"}) == [
        "w.toml:2: policy.observe: 1 is not allowed; write true or false, without quotes",
        'w.toml:6: listener[0].tls: "implict" is not one of implicit, starttls, none.'
        ' Did you mean "implicit"?',
        'conf.d/a.toml:2: log.level: "verbose" is not one of debug, info, warning.',
        "WICKETGATE__LIMITS__SESSIONS: limits.sessions: 0 is too small; allowed is at least 1",
    ]


def test_rules_between_tables_are_told_together_with_other_errors(folder: Folder) -> None:
    text = LISTENER.format(port=1) + LISTENER.format(port=1) + "[log]\nformat=1\n"
    assert folder.problems(text) == [
        'w.toml:2: listener[0].protocol: there is no [[backend]] with protocol = "imap"; add one',
        'w.toml:6: listener[1].protocol: there is no [[backend]] with protocol = "imap"; add one',
        "w.toml:7: listener[1].address: listener[0] listens on [::1]:1 too; each needs an address of its own",
        "w.toml:10: log.format: 1 is not one of logfmt, json.",
    ]


def test_a_backend_that_cannot_be_read_is_not_called_missing(folder: Folder) -> None:
    problems = folder.problems(LISTENER.format(port=1) + '[[backend]]\nprotocol="imap"\n')
    assert not any("there is no [[backend]]" in problem for problem in problems)
    assert [problem.split(": ")[1] for problem in problems] == [
        "backend[0].address",
        "backend[0].tls",
        "backend[0].login",
    ]
    assert all(problem.startswith("w.toml:5: ") and ": it is missing; " in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("polcy.a = 1", 'w.toml:1: polcy: there is no such key. Did you mean "policy"?'),
        ("[store]\npepper='s'", 'w.toml:2: store.pepper: there is no such key. Did you mean "pepper_file"?'),
        (
            "[log]\nzzz=1",
            "w.toml:2: log.zzz: there is no such key. Allowed are format, level, lines_per_source.",
        ),
        ("[login.domains]\n'A B' = 'x y'", 'w.toml:2: login.domains."A B": "x y" is not a domain'),
        ("[login.domains]\n'' = 'x'", 'w.toml:2: login.domains."": this must be 1 to 255 characters'),
        ("[login.domains]\na='x'\nA='y'", "w.toml:1: login.domains: two names differ only in"),
        ("log = 1", "w.toml:1: log: this is a table; write [log], and its keys below"),
        ("[[log]]", "w.toml:1: log: this is a table; write [log], and its keys below"),
        ("[listener]", "w.toml:1: listener: this is a list of tables; write [[listener]], with two brackets"),
        ("listener = [1]", "w.toml:1: listener[0]: this is a table; write [[listener]], and its keys below"),
        ("login.domains = 1", "w.toml:1: login.domains: 1 is not a table; write it as [login.domains]"),
        ("policy.portal_url = 1", "w.toml:1: policy.portal_url: 1 is not a string; write it in quotes"),
        ("policy.portal_url = 'ftp://x'", "w.toml:1: policy.portal_url: this must be empty or an http://"),
        ('policy.portal_url = "https://x/\\r\\nA"', "w.toml:1: policy.portal_url: this must be empty or"),
        ("policy.trusted_networks = '10.0.0.0/8'", 'is not a list; write it in brackets, as in ["…"]'),
        (
            "policy.trusted_networks = [\n'10.0.0.0/8',\n'10.0.0.1/8']",
            "w.toml:3: policy.trusted_networks[1]: ",
        ),
        ("policy.trusted_networks = ['10.0.0.1/8']", 'Did you mean "10.0.0.0/8"?'),
        ("policy.trusted_networks = ['x']", '"x" is not a network; write it as in "10.0.0.0/8"'),
        ("policy.trusted_networks = [10]", "a network is a string"),
        ("policy.protocols_off = ['IMAP']", 'policy.protocols_off[0]: "IMAP" is not one of imap, pop3'),
        ("policy.max_app_passwords = 1001", "1001 is too large; allowed is at most 1000"),
        ("policy.max_app_passwords = '40'", '"40" is not a whole number'),
        ("policy.max_app_passwords = true", "true is not a whole number"),
        ("limits.preauth_seconds = nan", "nan is not allowed; write a finite number"),
        ("limits.preauth_seconds = 0", "0 is too small; allowed is more than 0"),
        ("limits.preauth_seconds = 1979-05-27", "1979-05-27 is not a number"),
        ("limits.sessions = 1.5", "1.5 is not a whole number"),
        ("limits.feed_seconds = 11", "limits.feed_seconds: 11 is too slow for lease_seconds = 30"),
        ("limits.learn_seconds = 0.5", "limits.learn_seconds: 0.5 is too small; allowed is at least 1"),
        ("limits.learn_seconds = 86401", "86401 is too large; allowed is at most 86400"),
        ("public.host = 'a b'", 'w.toml:1: public.host: "a b" is not a domain; write it as in'),
        ("public.host = '192.0.2.1:993'", 'public.host: "192.0.2.1:993" is not a domain'),
        ('public.host = "a\\r\\nb"', 'public.host: "a\\r\\nb" is not a domain'),
        (
            "[[backend]]\ntrusted_commands=['xclient']",
            'trusted_commands[0]: "xclient" is not one of XCLIENT, XFORWARD, AUTH, UNAUTHENTICATE.',
        ),
        ("[argon2]\nmemory_kib=8\nparallelism=2", "w.toml:2: argon2.memory_kib: 8 is too little"),
        ("cache.url = 'memcached://x'", "cache.url: this is not the address of a cache; allowed are memory:"),
        ("store.url = 'mysql://x'", "store.url: this is not the address of a store; allowed are sqlite:////"),
        ("store.url = 'sqlite:///:memory:'", "store.url: this is not the address of a store"),
        (
            "store.url = 'postgresql://h1,h2:5433/d?target_session_attrs=prefer-standby'",
            "store.url: a standby can't be the store: it takes no writes",
        ),
        ("store.pepper_file = 5", "store.pepper_file: this must be the path of a file, as a string"),
        ("tls.key = 'k'", "w.toml:1: tls.certificate: it is missing; tls.key needs"),
        ("tls.certificate = 'k'", "w.toml:1: tls.key: it is missing; tls.certificate needs"),
        (
            "[[tls.sni]]\nnames=[]\nkey='k'\ncertificate='c'",
            "w.toml:2: tls.sni[0].names: the list has too few",
        ),
        ("[[tls.sni]]\nnames=['a b']\nkey='k'\ncertificate='c'", "w.toml:2: tls.sni[0].names[0]: "),
        ("[[tls.sni]]\nnames=['*.a']\nkey='k'\ncertificate='c'", "list every name that clients ask for"),
        ("[[policy.override]]\nobserve=true", "policy.override[0]: it does not say whom it is for"),
        ("[[policy.override]]\nusers=['a']", "policy.override[0]: it changes nothing; give at least one of"),
        ("[[policy.override]]\nusers=['a\\b']\nrefuse=true", "policy.override[0].users[0]: "),
        (
            "login.default_domain='x.org'\n[[policy.override]]\nusers=['a']\nrefuse=true",
            'w.toml:3: policy.override[0].users[0]: "a" has no domain. Did you mean "a@x.org"?',
        ),
        (f"control.socket = '/{'s' * 107}'", "control.socket: the path of a socket may have at most 107"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_is_allowed(folder: Folder, text: str, line: str) -> None:
    problems = folder.problems(text)
    assert any(line in problem for problem in problems), problems
    assert all(problem.startswith("w.toml:") for problem in problems)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@h/d",
        "postgresql://u:hunter2@h1,h2:5433/d",
        "postgresql://h/d?password=hunter2",
        "postgresql://h/d?sslpassword=hunter2",
        "postgresql://[hunter2",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(folder: Folder, url: str) -> None:
    problems = folder.problems(f"store.url = '{url}'")
    assert len(problems) == 1
    assert "hunter2" not in problems[0]


def test_the_value_of_an_unknown_key_is_not_repeated(folder: Folder) -> None:
    assert "hunter2" not in "".join(folder.problems("[[backend]]\nmaster_password = 'hunter2'\n"))


def test_a_line_break_in_a_value_stays_in_its_line(folder: Folder) -> None:
    problems = folder.problems('log.level = "info\\nforged: line\\u0085\\u2028"')
    assert len(problems) == 1
    assert "info\\nforged" in problems[0]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[store]\nurl = \n", "w.toml:2: this is not valid TOML, column 7: Invalid value"),
        (b"[store\n", "w.toml:1: this is not valid TOML, column 7: "),
        (b"[a]\n[a]\n", "w.toml:2: this is not valid TOML"),
        (b"a = '''x\n\n", "w.toml:3: this is not valid TOML, at the end of the file: "),
        (b"a = 1\nb = \xff", "w.toml:2: byte 0xff is not valid UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbfa = 1", "w.toml:1: the file begins with a byte order mark"),
        (b"a = " + b"[" * 5000, "w.toml: tables or lists are nested too deep"),
        (b"a = " + b"[" * 60 + b"]" * 60, "w.toml: tables or lists are nested too deep"),
        (b".".join([b"a"] * 500) + b" = 1", "w.toml: tables or lists are nested too deep"),
        (b"a = " + b"9" * 5000, "w.toml:1: this is not valid TOML"),
        (b"#" * (1 << 20) + b"#", "w.toml: the file is too large"),
    ],
)
def test_what_is_not_toml_is_told_in_the_same_form(folder: Folder, content: bytes, line: str) -> None:
    (folder.path / "w.toml").write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        load(folder.path / "w.toml", {})
    assert str(raised.value).startswith(f"{folder.path}/{line}")


def test_files_that_cannot_be_read_are_all_told(folder: Folder) -> None:
    (folder.path / "conf.d" / "a.toml").mkdir(parents=True)
    folder.write("x", "conf.d/b.toml")
    with pytest.raises(ConfigurationError) as raised:
        load(folder.path / "absent.toml", {})
    absent, directory, broken = str(raised.value).splitlines()
    assert absent.startswith(f"{folder.path}/absent.toml: there is no such file; name the file with -c")
    assert directory.endswith(f"conf.d/a.toml: the file can't be read: {os.strerror(21)}")
    assert "conf.d/b.toml:1: this is not valid TOML" in broken


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("POLCY__X", "1", 'WICKETGATE__POLCY__X: polcy: there is no such key. Did you mean "policy"?'),
        ("LISTENER__0__TLS", "none", "listener.0.tls: a variable can't set an item of a list"),
        ("LOG__LEVEL__X", "1", "log.level.x: a variable can't set a key inside of what is no table"),
        ("POLICY__", "1", 'WICKETGATE__POLICY__: policy."": there is no such key.'),
        ("", "1", 'WICKETGATE__: "": there is no such key.'),
    ],
)
def test_a_mistaken_variable_is_named(folder: Folder, name: str, value: str, line: str) -> None:
    problems = folder.problems("log.level = 'info'", {f"WICKETGATE__{name}": value})
    assert len(problems) == 1
    assert line in problems[0]


def test_a_credentials_folder_that_cannot_be_read_is_named(folder: Folder) -> None:
    problems = folder.problems("", {"CREDENTIALS_DIRECTORY": f"{folder.path}/absent"})
    assert problems == [f"CREDENTIALS_DIRECTORY: the folder can't be read: {os.strerror(2)}"]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
words = st.sampled_from([*Settings.model_fields, "protocol", "address", "tls", "users", "sni", "key"])
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(words, trees, max_size=5))
def test_any_tree_of_values_gives_settings_or_named_problems(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object]
) -> None:
    path = tmp_path_factory.getbasetemp() / "empty.toml"
    path.touch()
    environ = {f"WICKETGATE__{name}": written(value) for name, value in values.items()}
    problems = problems_of(path, environ)
    assert problems is None or 0 < len(problems) == len("\n".join(map(str, problems)).splitlines())


def problems_of(path: Path, environ: dict[str, str]) -> tuple[Problem, ...] | None:
    try:
        load(path, environ)
    except ConfigurationError as error:
        return error.problems
    return None


def written(value: object) -> str:
    """The value as TOML; what TOML has no word for becomes text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)} = {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, int | float):
        return str(value)
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in str(value)) + '"'


def test_a_relative_name_of_the_file_stays_as_it_was_given(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("a = 1")
    monkeypatch.chdir(folder.path)
    with pytest.raises(ConfigurationError, match=r"^w\.toml:1: a: there is no such key"):
        load(Path("w.toml"), {})

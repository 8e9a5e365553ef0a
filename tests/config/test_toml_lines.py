"""The scanner for lines, held against tomllib."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from config.key import paths
from config.sources.toml_lines import key_lines

NAMES = {
    "plain": "plain",
    "with-dash_1": "with-dash_1",
    "1234": "1234",
    "true": "true",
    "a.b": '"a.b"',
    "c d": "'c d'",
    "é": '"\\u00e9"',
    'q"uote=#': '"q\\"uote=#"',
    "]x[": "']x['",
}
SCALARS = (
    "1",
    "-1.5e3",
    "true",
    "1979-05-27 07:32:00",
    "07:32:00",
    '""',
    "''",
    '"a#b]}, = \\" \\\\"',
    "'[not] # a = comment'",
    '""""""',
    '"""\nplain = 1\n[plain]\n # "" \\""" , ] }\n"""',
    '"""two quotes at the end"""""',
    "'''\nplain = 1\n'' ]'''",
    "'''one at the end''''",
)

blanks = st.sampled_from(["", " ", "\n", "\t# c ] } = \" '\n", "\r\n\n"])
names = st.sampled_from(sorted(NAMES))


def written_list(items: list[tuple[str, str]]) -> str:
    return "[" + ",".join(f"{blank}{item}{blank}" for item, blank in items) + "]"


def written_table(items: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{NAMES[name]} = {value}" for name, value in items.items()) + " }"


values = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: (
        st.lists(st.tuples(inner, blanks), max_size=3).map(written_list)
        | st.dictionaries(names, inner, max_size=3).map(written_table)
    ),
    max_leaves=6,
)
dotted = st.lists(names, min_size=1, max_size=3)
pairs = st.tuples(dotted, values, blanks)
headers = st.tuples(dotted, st.sampled_from(["[]", "[[]]"]), blanks)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Statements that tomllib takes, one after the other; those that would contradict are left out."""
    text = ""
    for statement in draw(st.lists(pairs | headers, max_size=12)):
        longer = text + written(*statement)
        try:
            tomllib.loads(longer)
        except tomllib.TOMLDecodeError:
            continue
        text = longer
    return text


def written(key: list[str], value: str, blank: str) -> str:
    name = " . ".join(NAMES[part] for part in key)
    if value in ("[]", "[[]]"):
        half = len(value) // 2
        return f"{value[:half]} {name} {value[half:]} # header\n{blank}\n"
    return f"  {name}\t= {value} # pair\n{blank}\n"


@given(documents())
@settings(max_examples=300)
def test_exactly_the_keys_that_tomllib_finds_have_a_line_and_stand_on_it(text: str) -> None:
    lines = key_lines(text)
    assert set(lines) == set(paths(tomllib.loads(text))) - {()}
    written_lines = text.replace("\r\n", "\n").split("\n")
    for key, line in lines.items():
        assert isinstance(key[-1], int) or NAMES[key[-1]] in written_lines[line - 1]


def test_each_table_of_a_list_and_each_item_has_its_own_line() -> None:
    text = '[[a]]\nx = 1\n[[a]]\nx = [\n  1,\n  2, # two\n]\n[[a.b]]\ny = 1\n[[a.b]]\ny = """\n"""\nz = 2\n'
    lines = key_lines(text)
    assert lines["a", 0] == 1
    assert lines["a", 1] == 3
    assert lines["a", 1, "x", 1] == 6
    assert lines["a", 1, "b", 1] == 10
    assert lines["a", 1, "b", 1, "z"] == 13

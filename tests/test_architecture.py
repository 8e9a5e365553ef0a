"""The shape of the code, as far as a program can hold it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "protocols", "store", "gateway")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
BANNED_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "base", "misc"}


def names_of(modules):
    return [str(path.relative_to(ROOT)) for path in modules]


@pytest.mark.parametrize("path", MODULES, ids=names_of(MODULES))
class TestModule:
    def test_is_one_idea_of_at_most_300_lines(self, path):
        assert len(path.read_text().splitlines()) <= 300

    def test_says_what_it_is(self, path):
        assert ast.get_docstring(ast.parse(path.read_text()))

    def test_has_no_function_over_50_lines(self, path):
        functions = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        assert [node.name for node in functions if node.end_lineno - node.lineno >= 50] == []

    def test_has_a_name_that_says_something(self, path):
        assert path.stem not in BANNED_NAMES


def test_imports_point_down():
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_imports_have_no_circles():
    imported = {module_name(path): set(imports_of(path)) for path in MODULES}
    done = set()
    while ready := {
        name for name, needs in imported.items() if name not in done and needs & set(imported) <= done
    }:
        done |= ready
    assert set(imported) - done == set()


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path):
    """Modules of ours that are imported when `path` is: what stands in a function is not."""
    own = module_name(path)
    known = {module_name(each) for each in MODULES}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                target = whole if whole in known else node.module
                if target != own:
                    yield target

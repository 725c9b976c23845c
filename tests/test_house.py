"""The house rules that a linter does not know: sizes, names, and documents that follow the code."""

from __future__ import annotations

import ast
import importlib.util
import io
import os
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "feeds"

MODULE_LINES = 300
FUNCTION_LINES = 45
PARAMETERS = 7

EXEMPT = {"store/schema.py": "the tables of the database"}
"""Modules that are tables rather than code, with what they hold; migrations are exempt as well."""

FORBIDDEN = re.compile(
    r"(?:^|_)(?:utils?|helpers?|manager|service|common|base|processor|handler|misc)(?:$|_)", re.IGNORECASE
)
FORBIDDEN_CLASSES = re.compile(r"(?:Manager|Service|Handler|Helper|Processor|Utils?|Base|Common)$")

MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if "migrations" not in path.parts and path.relative_to(PACKAGE).as_posix() not in EXEMPT
)
NAMES = [path.relative_to(PACKAGE).as_posix() for path in MODULES]

Functions = ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(source: str) -> set[int]:
    """Numbers of the lines that hold code: no blank lines, comments, docstrings, strings that stand alone."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def functions_of(source: str) -> list[Functions]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, Functions)]


def count_parameters(function: Functions) -> int:
    """Every parameter but self and cls."""
    arguments = function.args
    named = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return len([name for name in named if name not in {"self", "cls"}]) + sum(
        argument is not None for argument in (arguments.vararg, arguments.kwarg)
    )


def test_lines_of_code_are_counted_without_words() -> None:
    words = '"""Doc\n\nstring."""\n\n# comment\n'
    code = 'X = """\ntext\n"""\n"""About X."""\ndef f():\n    """Doc."""\n    return 1\n'
    assert code_lines(words + code) == {6, 7, 8, 10, 12}


def test_parameters_are_counted_without_self() -> None:
    (function,) = functions_of("class A:\n    def f(self, a, /, b, *c, d=1, **e): ...")
    assert count_parameters(function) == 5


def test_there_are_modules_to_measure() -> None:
    assert {"model.py", "errors.py", "config/load.py"} <= set(NAMES)


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_module_keeps_its_budget(path: Path) -> None:
    assert len(code_lines(path.read_text(encoding="utf-8"))) <= MODULE_LINES


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_functions_keep_their_budget(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    lines = code_lines(source)
    long = {
        function.name: count
        for function in functions_of(source)
        if (count := len(lines & set(range(function.lineno, (function.end_lineno or 0) + 1)))) > FUNCTION_LINES
    }
    assert long == {}


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_signatures_keep_their_budget(path: Path) -> None:
    functions = functions_of(path.read_text(encoding="utf-8"))
    wide = {function.name: count for function in functions if (count := count_parameters(function)) > PARAMETERS}
    assert wide == {}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_names_say_what_a_thing_is(path: Path) -> None:
    """A room called utils is where things go that nobody finds again."""
    assert [part for part in path.relative_to(PACKAGE).with_suffix("").parts if FORBIDDEN.search(part)] == []
    classes = [
        node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ClassDef)
    ]
    assert [name for name in classes if FORBIDDEN_CLASSES.search(name)] == []


def test_exempt_modules_are_data() -> None:
    """What is exempt from the budget has no functions to be long."""
    assert [name for name in EXEMPT if functions_of((PACKAGE / name).read_text(encoding="utf-8"))] == []


def test_the_glossary_follows_the_model() -> None:
    """Where this fails: `make glossary`."""
    spec = importlib.util.spec_from_file_location("make_glossary", ROOT / "docs" / "make_glossary.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made = script.render_glossary(*(path.read_text(encoding="utf-8") for path in script.NOUNS))
    assert made == (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def test_every_noun_of_the_model_has_a_sentence() -> None:
    tree = ast.parse((PACKAGE / "model.py").read_text(encoding="utf-8"))
    assert [node.name for node in tree.body if isinstance(node, ast.ClassDef) and not ast.get_docstring(node)] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-peers.txt"])
def test_the_locked_requirements_name_no_registry_and_no_machine(name: str) -> None:
    """Users of a mirror must not be sent elsewhere."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url.*|--find-links.*|file:\S+|/home/\S+|/opt/\S+", text) == []
    pinned = re.findall(r"^[a-z0-9._-]+(?:\[[^\]]*\])?==", text, re.MULTILINE | re.IGNORECASE)
    assert len(pinned) > 20
    assert text.count(" \\\n    --hash=sha256:") >= len(pinned)


def test_a_run_is_locked_to_the_versions_that_are_tested() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}

    assert pins("requirements.txt") - pins("requirements-dev.txt") == set()


def test_make_says_what_can_be_made() -> None:
    # The suite itself runs under make, whose variables would change what this make prints.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    said = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20, env=environ
    )
    assert {"run", "test", "lint", "bench", "clean", "help"} <= {line.split()[1] for line in said.stdout.splitlines()}

"""Makes docs/glossary.md from the docstrings of the nouns in feeds: model.py and the modules beside it (NOUNS).

`make glossary` runs it; a test fails where they drift.

The script reads the source and imports nothing of it.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOUNS = tuple(ROOT / "feeds" / name for name in ("model.py", "mailboxes.py", "targets.py", "files.py", "facts.py"))
GLOSSARY = ROOT / "docs" / "glossary.md"

HEAD = """# Glossary

One word for one thing, in code, tables, configuration, pages and documents. Made from the docstrings in
`feeds/model.py`, `feeds/mailboxes.py`, `feeds/targets.py`, `feeds/files.py` and `feeds/facts.py` by `make glossary`;
change it there.
"""


def render_glossary(*sources: str) -> str:
    """Markdown with a section per public class of the sources, in their order."""
    nouns = [
        node
        for source in sources
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    return "\n".join([HEAD, *(_render_noun(noun) for noun in nouns)])


def _render_noun(noun: ast.ClassDef) -> str:
    lines = [f"## {_split_words(noun.name)}", "", _join_lines(ast.get_docstring(noun) or ""), ""]
    lines += [f"- `{name}`{': ' if text else ''}{text}" for name, text in _list_fields(noun)]
    return "\n".join(lines).rstrip() + "\n"


def _list_fields(noun: ast.ClassDef) -> list[tuple[str, str]]:
    """Each field or value of a class with the string that stands under it; a property with its docstring."""
    fields: list[tuple[str, str]] = []
    for node in noun.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)):
                fields.append((name, ""))
            case ast.Assign(value=ast.Constant(value=str(value))):
                fields.append((value, ""))
            case ast.FunctionDef(name=name) if not name.startswith("_"):
                fields.append((name, _join_lines(ast.get_docstring(node) or "")))
            case ast.Expr(value=ast.Constant(value=str(text))) if fields:
                fields[-1] = (fields[-1][0], _join_lines(text))
            case _:
                continue
    return fields


def _split_words(name: str) -> str:
    """`AlertItem` -> `alert item`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def _join_lines(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    GLOSSARY.write_text(render_glossary(*(path.read_text(encoding="utf-8") for path in NOUNS)), encoding="utf-8")
    print(f"wrote {GLOSSARY}")

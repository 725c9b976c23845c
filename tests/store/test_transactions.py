"""No transaction is held over anything but the database: read from the source, for all rooms."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import feeds

ROOT = Path(feeds.__file__).parent
DOORS = {"write", "read"}


def opens_transaction(node: ast.AST) -> bool:
    """Tell `async with X.write() as tx` and `async with X.read() as tx`."""
    return isinstance(node, ast.AsyncWith) and any(
        isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Attribute)
        and item.context_expr.func.attr in DOORS
        and isinstance(item.optional_vars, ast.Name)
        for item in node.items
    )


def takes_transaction(node: ast.AST) -> bool:
    return isinstance(node, ast.AsyncFunctionDef) and any(argument.arg == "tx" for argument in node.args.args)


def find_foreign_awaits(source: str) -> Iterator[int]:
    """Yield the lines of awaits inside a transaction that have nothing to do with it."""
    for node in ast.walk(ast.parse(source)):
        if not (opens_transaction(node) or takes_transaction(node)):
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Await):
                names = {name.id for name in ast.walk(inner.value) if isinstance(name, ast.Name)}
                if not names & {"tx", "connection"}:
                    yield inner.lineno


def test_the_rule_sees_a_fetch_inside_a_transaction() -> None:
    source = (
        "async def poll(db, client):\n"
        "    async with db.write() as tx:\n"
        "        page = await client.get('http://songbei.example/')\n"
        "        await notices.add_notice(tx, page)\n"
    )
    assert list(find_foreign_awaits(source)) == [3]


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_but_the_database_is_awaited_inside_a_transaction(path: Path) -> None:
    assert list(find_foreign_awaits(path.read_text())) == []

"""Databases for every room's tests: a fresh one for each test, on SQLite and on a real PostgreSQL started once."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import structlog

from feeds.store.engine import Database, open_database
from feeds.store.migrate import upgrade
from tests.audiences import check_audiences
from tests.postgres import serve_postgres

_TEMPLATE = "tables_ready"


_DAEMONS = ("tests/daemon/", "tests/demo/", "tests/soak/")
"""Where tests start `feeds` as a process, or as an operator's environment configures it."""
_OWN_STORE = {"postgres_url", "empty_postgres", "sqlite_url", "database_url", "empty_url", "server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the daemons of the tests run on the other engine."""
    parser.addoption("--engine", choices=("local", "distributed"), default="local", help="what runs a daemon's work")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is about the local engine where it is not the one that runs."""
    if config.getoption("--engine") == "local":
        return
    for item in items:
        if own := item.get_closest_marker("local_engine"):
            item.add_marker(pytest.mark.skip(reason=own.args[0]))


@pytest.fixture(autouse=True)
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure a fresh PostgreSQL and the queue for daemons whose test names no database itself."""
    if request.config.getoption("--engine") == "local" or _OWN_STORE & set(request.fixturenames):
        return
    if request.node.nodeid.startswith(_DAEMONS):
        monkeypatch.setenv("FEEDS_STORE__URL", request.getfixturevalue("postgres_url"))
        monkeypatch.setenv("FEEDS_WORK__ENGINE", "distributed")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[str], str]]:
    """Start PostgreSQL; give the address of a database by name."""
    with serve_postgres() as address:
        _prepare(address)
        yield address


def _prepare(address: Callable[[str], str]) -> None:
    with psycopg.connect(address("postgres"), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")  # nothing here outlives the tests
        admin.execute("SELECT pg_reload_conf()")
        admin.execute(f"CREATE DATABASE {_TEMPLATE}")
    upgrade(address(_TEMPLATE))


_numbers = itertools.count(1)


def _create_postgres(address: Callable[[str], str], template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(address("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield address(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: Callable[[str], str]) -> Iterator[str]:
    """Give the address of a fresh PostgreSQL database that has its tables."""
    yield from _create_postgres(postgres_server, _TEMPLATE)


@pytest.fixture
def empty_postgres(postgres_server: Callable[[str], str]) -> Iterator[str]:
    """Give the address of a PostgreSQL database without any table."""
    yield from _create_postgres(postgres_server, "template0")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the address of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/feeds.db"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a SQLite file that has its tables, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "feeds.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a fresh database that has its tables, of each kind in turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "feeds.db")
    return str(request.getfixturevalue("sqlite_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """Give the address of a database without any table, of each kind in turn."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "empty_postgres"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give a fresh open database, of each kind in turn."""
    opened = await open_database(database_url)
    yield opened
    try:
        await check_audiences(opened)
    finally:
        await opened.close()


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    """Leave no log that goes where a test before looked: its file is closed by now."""
    yield
    structlog.reset_defaults()

"""What a process takes of PostgreSQL has an end, and whoever meets it is told in a sentence."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from feeds.errors import StoreError
from feeds.store import limits as bounds
from feeds.store.engine import open_database
from feeds.store.limits import Limits
from tests.store.builders import stock

_LOCK = text("SELECT id FROM notice FOR UPDATE")


async def test_connections_have_a_name_and_are_as_many_as_allowed(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "WAIT_SECONDS", 1)
    database = await open_database(postgres_url, Limits(connections=2, name="feeds worker"))
    async with database.read() as tx, database.write():
        with pytest.raises(StoreError, match=r"no connection .* \[store\] connections is too low"):
            async with database.read():
                raise AssertionError("a third one")
        named = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'feeds worker'")
        assert await tx.scalar(named) == 2
    await database.close()


async def test_what_an_operator_says_in_the_address_counts(postgres_url: str) -> None:
    mark = "&" if "?" in postgres_url else "?"
    said = f"{postgres_url}{mark}application_name=mine&options=-c%20statement_timeout%3D7s"
    database = await open_database(said)
    async with database.read() as tx:
        assert await tx.scalar(text("SHOW statement_timeout")) == "7s"
        assert await tx.scalar(text("SHOW lock_timeout")) == "30s"
        assert await tx.scalar(text("SHOW application_name")) == "mine"
    await database.close()


async def test_a_statement_that_takes_too_long_is_stopped(postgres_url: str) -> None:
    database = await open_database(postgres_url, Limits(statement_seconds=1))
    with pytest.raises(StoreError, match="took too long and was stopped"):
        async with database.read() as tx:
            await tx.execute(text("SELECT pg_sleep(60)"))
    await database.close()


async def test_nobody_waits_for_ever_for_rows_that_somebody_holds(postgres_url: str) -> None:
    database = await open_database(postgres_url, Limits(lock_seconds=1))
    await stock(database)
    async with database.write() as holder:
        await holder.execute(_LOCK)
        with pytest.raises(StoreError, match="somebody else held the rows for too long"):
            async with database.write() as tx:
                await tx.execute(_LOCK)
    await database.close()


async def test_a_transaction_that_hangs_gives_its_rows_back(postgres_url: str) -> None:
    hung, other = [await open_database(postgres_url, Limits(idle_seconds=seconds)) for seconds in (1, 0)]
    await stock(other)

    async def hang() -> None:
        async with hung.write() as tx:
            await tx.execute(_LOCK)
            async with asyncio.timeout(25), other.write() as mine:
                await mine.execute(_LOCK)  # waits until the server has ended the first
            await tx.execute(_LOCK)

    with pytest.raises(StoreError):
        await hang()
    await hung.close()
    await other.close()

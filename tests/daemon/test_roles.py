"""Roles: schedulers, workers and web roles as processes of their own, on one PostgreSQL."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import func, select, text

from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.demo.portal import ReplicaPortal
from feeds.demo.server import serve_replica
from feeds.store import status
from feeds.store.engine import open_database
from feeds.store.schema import notice, subscriber
from tests.daemon.test_run import port

__all__ = ["port"]

PATIENCE = 300.0
"""Longer than the lease of what a killed worker had in its hands."""
_SUBSCRIBER = "lawyer@example.com"


@dataclass
class Crew:
    """Processes with roles, before one replica portal."""

    folder: Path
    url: str
    replica: ReplicaPortal
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *words: str) -> None:
        """Start a process; `name` begins with its role."""
        command = [sys.executable, "-m", "feeds", "run", "--role", name.partition("-")[0], *words]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*command, "--config", str(self.folder / "feeds.toml")], stderr=log, cwd=self.folder
            )

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """Stop a process; return how it ended."""
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(PATIENCE)

    def read_logs(self) -> str:
        """Return what all have said."""
        return "\n".join(log.read_text(encoding="utf-8") for log in sorted(self.folder.glob("*.log")))

    def read_mails(self) -> list[str]:
        """Return the subjects of the mails that were sent."""
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in self._list_mails()]
        return [str(mail["Subject"]) for mail in mails if mail["To"] and _SUBSCRIBER in mail["To"]]

    def _list_mails(self) -> list[Path]:
        return sorted((self.folder / "mail").rglob("*.eml"))

    async def wait_for(self, what: str, is_so: object) -> None:
        """Wait until a coroutine function says yes."""
        for _ in range(int(PATIENCE / 0.25)):
            if await is_so():  # type: ignore[operator]
                return
            await asyncio.sleep(0.25)
        pytest.fail(f"{what} never was\n{self.read_logs()[-6000:]}")

    async def count_notices(self) -> int:
        """Return how many notices are stored."""
        database = await open_database(self.url)
        try:
            async with database.read() as tx:
                return int(await tx.scalar(select(func.count()).select_from(notice)) or 0)
        finally:
            await database.close()


@asynccontextmanager
async def open_crew(folder: Path, url: str, port: int) -> AsyncIterator[Crew]:
    """Serve a replica, write a configuration for it on PostgreSQL, and end every process behind the block."""
    begin = datetime.now(ZoneInfo("Asia/Shanghai"))
    replica = ReplicaPortal(make_archive(2022, begin), lambda: datetime.now(ZoneInfo("Asia/Shanghai")))
    async with serve_replica(replica) as address:
        configure_replica(folder, port, address, speed=4)
        file = folder / "feeds.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("sqlite:///feeds.db", url), encoding="utf-8")
        crew = Crew(folder, url, replica)
        try:
            yield crew
        finally:
            for process in crew.processes.values():
                process.kill()
                process.wait(PATIENCE)


async def subscribe(crew: Crew) -> None:
    """Have somebody subscribe to everything, at once."""
    words = ["subscribers", "add", _SUBSCRIBER, "--feed", "all", "--config", "feeds.toml"]
    done = await asyncio.create_subprocess_exec(sys.executable, "-m", "feeds", *words, cwd=crew.folder)
    assert await done.wait() == 0


async def test_a_notice_goes_through_processes_with_roles_even_if_one_is_killed(
    tmp_path: Path, postgres_url: str, port: int
) -> None:
    async with open_crew(tmp_path, postgres_url, port) as crew:
        for name in ("scheduler-1", "scheduler-2", "worker-1", "worker-2", "web-1"):
            crew.start(name)

        async def is_published() -> bool:
            try:
                async with httpx.AsyncClient() as client:
                    answer = await client.get(f"http://127.0.0.1:{port}/feeds/harbin-renda/tzgg.atom")
            except httpx.TransportError:
                return False
            return answer.text.count("<entry>") > 5

        await crew.wait_for("a feed", is_published)
        await subscribe(crew)
        crew.stop("worker-1", signal.SIGKILL)
        crew.stop("scheduler-1", signal.SIGKILL)
        before = await crew.count_notices()
        title = crew.replica.play("new")
        assert title

        async def is_told() -> bool:
            return bool(crew.read_mails())

        await crew.wait_for("a mail", is_told)
        assert len(crew.read_mails()) == len(set(crew.read_mails()))
        assert await crew.count_notices() > before
        for name in list(crew.processes):
            assert crew.stop(name) == 0
        assert "Traceback" not in crew.read_logs()
        database = await open_database(postgres_url)
        async with database.read() as tx:
            assert (await status.load_ledger(tx)).unaccounted == 0
            assert await tx.scalar(select(func.count()).select_from(subscriber)) == 1
            queued = await tx.execute(text("SELECT task_name, status FROM work_3_10.procrastinate_jobs"))
            assert {row.status for row in queued} <= {"todo", "doing"}, "what ended is deleted"
        await database.close()

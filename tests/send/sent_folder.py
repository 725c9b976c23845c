"""A real IMAP server on loopback with one account and its folders: as much of RFC 3501 as looking for a mail takes."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass
class SentFolder:
    """What the account holds, by folder as IMAP names it, and what clients said."""

    port: int = 0
    login: tuple[str, str] = ("alerts", "secret")
    folders: dict[str, list[str]] = field(default_factory=dict)
    """Message-IDs by folder."""
    wants_id: bool = False
    """As NetEase: opens no folder to a client that did not give its name."""
    broken: bool = False
    """Answers every search with NO."""
    rude: bool = False
    """Hangs up instead of answering LOGOUT."""
    said: list[str] = field(default_factory=list)


@asynccontextmanager
async def imap_account(tls: ssl.SSLContext | None = None, **facts: object) -> AsyncIterator[SentFolder]:
    """Serve an account on loopback until the block ends."""
    account = SentFolder(**facts)  # type: ignore[arg-type]
    talks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await _talk(account, reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            talks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    account.port = server.sockets[0].getsockname()[1]
    try:
        yield account
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _talk(account: SentFolder, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"* OK [CAPABILITY IMAP4rev1 ID] ready\r\n")
    folder: str | None = None
    named = False
    while (line := await reader.readline()) and not (account.rude and b"LOGOUT" in line):
        tag, *words = [
            (match[1].replace(b'\\"', b'"') if match[1] is not None else match[2]).decode()
            for match in _WORD.finditer(line)
        ]
        command = words[0].upper()
        account.said.append(command)
        answer, lines = "OK done", []
        if command == "CAPABILITY":
            lines = ["CAPABILITY IMAP4rev1 ID"]
        elif command == "LOGIN" and tuple(words[1:]) != account.login:
            answer = "NO wrong password"
        elif command == "ID":
            named = True
        elif command == "EXAMINE":
            folder = words[1]
            if account.wants_id and not named:
                answer = "NO Unsafe Login. Please contact kefu"
            elif folder not in account.folders:
                answer = "NO no such folder"
            else:
                lines = [f"{len(account.folders[folder])} EXISTS"]
        elif command == "SEARCH" and account.broken:
            answer = "NO try later"
        elif command == "SEARCH":
            held = account.folders[folder or ""]
            found = [str(number) for number, one in enumerate(held, 1) if words[3] in one]
            lines = [" ".join(["SEARCH", *found])]
        elif command == "LOGOUT":
            lines = ["BYE"]
        writer.write("".join([*(f"* {one}\r\n" for one in lines), f"{tag} {answer}\r\n"]).encode())
        await writer.drain()
        if command == "LOGOUT":
            return

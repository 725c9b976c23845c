"""A small IMAP server on loopback: one mailbox of folders, the commands that reading mails that came back takes."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass
class ImapFolders:
    """What the server keeps, and how it behaves."""

    port: int = 0
    login: tuple[str, str] = ("bounces", 'pass"word\\')
    offers: str = "IMAP4rev1 MOVE NAMESPACE"
    prefix: str = ""
    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    flagged: set[int] = field(default_factory=set)
    """Mails that somebody marked as deleted."""
    wants_id: bool = False
    """As NetEase: opens no folder to a client that did not give its name."""
    refused: str = ""
    """A command that is answered NO."""
    asked: list[str] = field(default_factory=list)
    latest: int = 0

    def arrive(self, content: bytes) -> str:
        """Let a mail arrive; return its number."""
        self.latest += 1
        self.folders["INBOX"][self.latest] = content
        return str(self.latest)

    def answer(self, line: str) -> list[bytes]:
        """Return untagged lines and the tagged one's rest."""
        words = [re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for quoted, plain in _WORD.findall(line)]
        command = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
        self.asked.append(command)
        if command == self.refused:
            return [b"NO [UNAVAILABLE] not today"]
        return self._answer_uid(command, words) if command.startswith("UID ") else self._answer_plain(command, words)

    def _answer_plain(self, command: str, words: list[str]) -> list[bytes]:
        match command:
            case "CAPABILITY":
                return [f"* CAPABILITY {self.offers}".encode(), b"OK done"]
            case "LOGIN":
                return [b"OK in" if tuple(words[1:3]) == self.login else b"NO [AUTHENTICATIONFAILED] wrong password"]
            case "NAMESPACE":
                return [f'* NAMESPACE (("{self.prefix}" ".")) NIL NIL'.encode(), b"OK done"]
            case "CREATE":
                fresh = words[1].startswith(self.prefix) and words[1] not in self.folders
                if fresh:
                    self.folders[words[1]] = {}
                return [b"OK made" if fresh else b"NO [ALREADYEXISTS] it is there"]
            case "ID":
                return [b"* ID NIL", b"OK done"]
            case "SELECT" if self.wants_id and "ID" not in self.asked:
                return [b"NO Unsafe Login. Please contact kefu"]
            case "SELECT":
                known = words[1] in self.folders
                return [
                    f"* {len(self.folders['INBOX'])} EXISTS".encode(),
                    b"OK [READ-WRITE] in" if known else b"NO no such folder",
                ]
            case "LOGOUT":
                return [b"* BYE", b"OK bye"]
        return [b"BAD what"]

    def _answer_uid(self, command: str, words: list[str]) -> list[bytes]:
        inbox = self.folders["INBOX"]
        match command:
            case "UID SEARCH":
                return [f"* SEARCH {' '.join(map(str, inbox))}".strip().encode(), b"OK done"]
            case "UID FETCH":
                content = inbox.get(int(words[2]))
                head = f"* 1 FETCH (UID {words[2]} BODY[]<0> {{{len(content or b'')}}}".encode()
                return [b"OK done"] if content is None else [head + b"\r\n" + content + b")", b"OK done"]
            case "UID MOVE" | "UID COPY":
                number = int(words[2])
                if number in inbox:
                    self.folders[words[3]][number] = inbox[number]
                if command == "UID MOVE":
                    inbox.pop(number, None)
                return [b"OK done"]
            case "UID STORE":
                self.flagged.add(int(words[2]))
                return [b"OK done"]
            case "UID EXPUNGE":
                inbox.pop(int(words[2]), None)
                return [b"OK done"]
        return [b"BAD what"]


@asynccontextmanager
async def serve_imap(context: ssl.SSLContext | None = None, **options: object) -> AsyncIterator[ImapFolders]:
    """Serve on loopback until the block ends."""
    folders = ImapFolders(**options)  # type: ignore[arg-type]
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode().strip():
            tag, _, rest = line.partition(" ")
            *untagged, last = folders.answer(rest)
            writer.write(b"".join(one + b"\r\n" for one in untagged) + tag.encode() + b" " + last + b"\r\n")
            if rest.upper() == "LOGOUT":
                break
        writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(talk(reader, writer))
        talks.add(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    folders.port = server.sockets[0].getsockname()[1]
    try:
        yield folders
    finally:
        server.close()
        for task in talks:
            task.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await task

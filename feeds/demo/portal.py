"""The replica portal as an ASGI app: the bytes and headers of its original, a script by the clock, events by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from feeds.demo.addresses import SCHEMES, Addresses, Wanted, read_address
from feeds.demo.cut import encode_text
from feeds.demo.files import make_file, read_image
from feeds.demo.moods import MOODS
from feeds.demo.pages import links_of_article, render_article, render_home, render_list
from feeds.demo.paper import CHANNELS, Archive, Paper
from feeds.demo.reply import HTML, Reply
from feeds.demo.script import Event, Played, default_script, play_event
from feeds.demo.stock import Stock

Message = MutableMapping[str, Any]

_NOT_FOUND = (
    "<html><head><title>Apache Tomcat/6.0.20 - Error report</title></head><body><h1>HTTP Status 404 - </h1>"
    "<HR size='1' noshade='noshade'><p><b>type</b> Status report</p><p><b>description</b> <u>The requested resource () "
    "is not available.</u></p></body></html>"
)


class ReplicaPortal(Stock):
    """A portal to poll: an ASGI app, deterministic but for its clock.

    `scheme` is `jsp` (dynamic pages, a session cookie, no validators) or `founder` (static pages, validators and 304).
    `base_path` is where the portal's root is, without a slash at its end. `script` is what `advance` plays; None is the
    default script. `on_event` is told each event in a line. `full_titles` puts whole titles into `a@title`.
    """

    def __init__(
        self,
        content: Archive,
        clock: Callable[[], datetime],
        scheme: str = "jsp",
        base_path: str = "",
        *,
        script: Sequence[Event] | None = None,
        on_event: Callable[[str], None] | None = None,
        full_titles: bool = False,
    ) -> None:
        if scheme not in SCHEMES:
            raise ValueError(f"scheme is one of {', '.join(SCHEMES)}, not {scheme!r}")
        super().__init__(content, clock, scheme)
        self.base_path = base_path.rstrip("/")
        self.full_titles = full_titles
        self._script = list(script if script is not None else default_script())[::-1]
        self._script.sort(key=lambda event: event.after, reverse=True)
        self._played = Played()
        self.on_event = on_event
        self._sessions = 0

    def advance(self, now: datetime) -> list[str]:
        """Play every event that is due, each at its own time; return their lines and tell them."""
        lines: list[str] = []
        while self._script and self.started_at + self._script[-1].after <= now:
            event = self._script.pop()
            self._moment = self.started_at + event.after
            try:
                lines.append(self.play(event.kind))
            finally:
                self._moment = None
        return lines

    def play(self, kind: str) -> str:
        """Let an event of that kind, a key of PLAYS, happen now; return its line and tell it."""
        line = play_event(self, kind, self._played)
        if self.on_event:
            self.on_event(line)
        return line

    def address(self, paper: Paper, cid: int | None = None) -> str:
        """Return the path of a paper's page from the host's root (or its external address)."""
        link = Addresses(self.scheme, self.base_path).article(paper, cid)
        return link if paper.draft.external else f"{self.base_path}/{link}"

    def answer(self, path: str, query: str = "") -> Reply:
        """Return the page at a path; what is not there is 404. The path is percent-encoded, as on the wire."""
        if not path.startswith(self.base_path):
            return Reply(404, _NOT_FOUND.encode())
        wanted = read_address(self.scheme, path.removeprefix(self.base_path), query)
        reply = self._find_moved(path.removeprefix(self.base_path), query) or self._write(wanted)
        asked = replace(wanted, asked=f"{path}?{query}" if query else path)
        for name in [name for name in MOODS if name in self.moods]:
            reply = MOODS[name].change(self, asked, reply)
        return reply

    def _write(self, wanted: Wanted) -> Reply:
        writers: dict[str, Callable[[Wanted], Reply | None]] = {
            "home": self._write_home,
            "list": self._write_list,
            "article": self._write_article,
            "file": self._write_file,
            "image": self._write_image,
        }
        write = writers.get(wanted.kind)
        reply = write(wanted) if write else None
        return reply or Reply(404, _NOT_FOUND.encode())

    def _find_moved(self, path: str, query: str) -> Reply | None:
        """Send who asks for a list under the former scheme to where it is now; articles are not found any more."""
        if self.former_scheme is None:
            return None
        wanted = read_address(self.former_scheme, path, query)
        if wanted.kind != "list":
            return None
        return Reply(301, b"", location=f"{self.base_path}/{self._links().listing(wanted.cid, wanted.page)}")

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request (ASGI); other scopes are refused, as ASGI allows."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        self.requests += 1
        path = scope.get("raw_path") or scope["path"].encode()
        reply = self.answer(path.decode("latin-1").partition("?")[0], scope["query_string"].decode("latin-1"))
        headers = dict(scope["headers"])
        while reply.hangs:
            if (await receive())["type"] == "http.disconnect":
                return
        status, body = reply.status, reply.body
        if self._is_unchanged(reply, headers):
            status, body = 304, b""
        await send({"type": "http.response.start", "status": status, "headers": self._head(reply, status, headers)})
        await send({"type": "http.response.body", "body": body})

    # ---- pages ----

    def _links(self) -> Addresses:
        return Addresses(self.scheme, self.base_path)

    def _page(self, html: str, modified: datetime) -> Reply:
        changed = max(modified, self.turned_at or modified)
        return Reply(200, encode_text(html), modified=changed if self.scheme == "founder" else None)

    def _write_home(self, _: Wanted) -> Reply:
        html = render_home(self._links(), self.boxes(), full_titles=self.full_titles)
        return self._page(html, self.home_changed_at())

    def _write_list(self, wanted: Wanted) -> Reply | None:
        if not 1 <= wanted.cid <= len(CHANNELS):
            return None
        shelf = self.shelf(wanted.cid, wanted.page)
        if self.scheme == "founder" and shelf.page != wanted.page:
            return None
        return self._page(render_list(self._links(), shelf, full_titles=self.full_titles), self.changed_at(wanted.cid))

    def _write_article(self, wanted: Wanted) -> Reply | None:
        def number(paper: Paper) -> int:
            return paper.id if self.scheme == "jsp" else paper.content_id

        paper = next((paper for paper in self.papers() if number(paper) == wanted.id), None)
        if paper is None or paper.draft.external:
            return None
        html = render_article(links_of_article(self._links()), paper, self.boxes(), full_titles=self.full_titles)
        return self._page(html, max(paper.modified, self.boxes_changed_at()))

    def _write_file(self, wanted: Wanted) -> Reply | None:
        for paper in self.papers():
            for block in paper.draft.blocks:
                if block.url and block.url.upper() == wanted.path.upper():
                    kind, body = make_file(block.url)
                    return Reply(200, body, kind, paper.modified)
        return None

    def _write_image(self, wanted: Wanted) -> Reply | None:
        try:
            kind, body = read_image(wanted.path)
        except FileNotFoundError:
            return None
        return Reply(200, body, kind, self.content.papers[0].modified)

    # ---- headers ----

    def _head(self, reply: Reply, status: int, asked: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        jsp = self.scheme == "jsp"
        names = {
            "server": "Apache-Coyote/1.1" if jsp else "nginx/1.4.4",
            "content-type": reply.type,
            "date": _say_time(self.now()),
        }
        if status != 304:
            names["content-length"] = str(len(reply.body))
        if reply.modified:
            names |= {"last-modified": _say_time(reply.modified), "etag": _make_etag(reply)}
        if reply.location:
            names["location"] = reply.location
        if jsp and reply.type == HTML and b"JSESSIONID=" not in asked.get(b"cookie", b""):
            self._sessions += 1
            session = hashlib.sha256(f"{self.content.seed}:{self._sessions}".encode()).hexdigest()[:32].upper()
            names["set-cookie"] = f"JSESSIONID={session}; Path={self.base_path or '/'}"
        return [(name.encode(), value.encode("latin-1")) for name, value in names.items()]

    @staticmethod
    def _is_unchanged(reply: Reply, asked: dict[bytes, bytes]) -> bool:
        """RFC 9110, section 13.2.2: an If-None-Match alone decides where there is one."""
        if reply.modified is None or reply.status != 200:
            return False
        if tags := asked.get(b"if-none-match"):
            return _make_etag(reply) in tags.decode("latin-1")
        since = asked.get(b"if-modified-since")
        return since is not None and _is_since(since.decode("latin-1"), reply.modified)


def _is_since(since: str, modified: datetime) -> bool:
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except ValueError:
        return False


def _make_etag(reply: Reply) -> str:
    """Return nginx's way: hexadecimal time, hexadecimal length."""
    assert reply.modified is not None
    return f'"{int(reply.modified.timestamp()):x}-{len(reply.body):x}"'


def _say_time(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)

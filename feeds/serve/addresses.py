"""The addresses of the site, made in one place. Paths carry the path of `base_url`: a site may live under one."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit


@dataclass(frozen=True)
class Addresses:
    """Addresses are what pages link to: paths for links, absolute ones for what is copied elsewhere."""

    base_url: str

    @property
    def prefix(self) -> str:
        """Path of the base address without a slash at the end; mostly nothing."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether readers reach us over TLS."""
        return self.base_url.startswith("https://")

    def page(self, path: str, **query: str | int) -> str:
        """A page of ours by its path (`/status`), with a query."""
        tail = f"?{urlencode(query)}" if query else ""
        return f"{self.prefix}{quote(path)}{tail}"

    def list_page(self, feed: str, number: int = 1) -> str:
        """The page that lists what a feed holds."""
        path = "/" if feed == "all" else f"/p/{feed}"
        return self.page(path, page=number) if number > 1 else self.page(path)

    def notice(self, public_id: str) -> str:
        """The page of a notice."""
        return self.page(f"/n/{public_id}")

    def copy(self, public_id: str, sha256: str) -> str:
        """A copy of a file that a notice links or linked to."""
        return self.page(f"/n/{public_id}/files/{sha256}")

    def said(self, public_id: str, at: str) -> str:
        """The page of a notice at a sentence: `p3` is that of its fourth person fact, `l0` of its first law fact."""
        return f"{self.page(f'/n/{public_id}', at=at)}#said"

    def feed(self, name: str, fmt: str) -> str:
        """A feed, absolute: it is pasted into readers."""
        return f"{self.base_url.rstrip('/')}/feeds/{quote(name)}.{fmt}"

    def search_feed(self, query: str, fmt: str) -> str:
        """The feed of a search by its query, absolute."""
        return f"{self.base_url.rstrip('/')}/feeds/search.{fmt}?{query}"

    def api(self, path: str, query: str = "") -> str:
        """An address of the API by its path (`/notices`), absolute: programs have no page to be on."""
        return f"{self.base_url.rstrip('/')}/api{quote(path)}{f'?{query}' if query else ''}"

    def whole_page(self, path: str) -> str:
        """A page of ours by its path, absolute."""
        return f"{self.base_url.rstrip('/')}{quote(path)}"

    def calendar(self, name: str) -> str:
        """A feed's calendar, absolute: it is pasted into calendar programs."""
        return f"{self.base_url.rstrip('/')}/calendar/{quote(name)}.ics"

    def subscribe(self, feed: str | None = None) -> str:
        """The sign-up page, with a feed ticked."""
        return self.page("/subscribe", feed=feed) if feed else self.page("/subscribe")

    def token_page(self, purpose: str, token: str) -> str:
        """`/confirm/...`, `/manage/...`, `/erase/...` or `/unsubscribe/...`."""
        return self.page(f"/{purpose}/{token}")

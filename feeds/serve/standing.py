"""How the feed files of a web role stand to what is published, where they are copies: on several machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.serve.wording import Words

LATE = timedelta(minutes=1)
"""How long after the last look copies count as those of now: it is looked every ten seconds."""


@dataclass(frozen=True)
class Standing:
    """A standing is since when the copies are what they are."""

    since: datetime
    """When they were last what is published; at first, when this process began to copy."""
    complete: bool
    """Whether there was a copy of everything once."""
    problem: str | None
    """Why they cannot be brought up to date, for the operator. None: nothing is wrong."""

    def count_lag(self, now: datetime) -> float:
        """Seconds since the copies were last known to be what is published."""
        return max(0.0, (now - self.since).total_seconds())

    def is_stale(self, now: datetime) -> bool:
        """Whether something newer may have been published."""
        return self.problem is not None or now - self.since > LATE

    def describe(self, now: datetime) -> dict[str, str]:
        """What watchers are told; nothing that would help an attacker."""
        at = self.since.isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"documents": f"stale since {at}" if self.is_stale(now) else "as published"}


def explain_stale(when: str) -> Words:
    """Why visitors see no status; `when` is as pages show times."""
    return Words(
        f"数据库暂时连不上：订阅源照常提供，内容截至 {when}；其他页面请稍后再试。",
        f"The database cannot be reached: feeds are served as of {when}; please come back later for other pages.",
    )

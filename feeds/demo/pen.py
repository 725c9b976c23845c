"""The pen that papers are written with: words, a source of chance, and the day; the same seed writes the same paper."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from feeds.demo.calendar import find_meeting, find_term, say_number
from feeds.demo.paper import Block

_Thing = TypeVar("_Thing")

CITY = "哈尔滨市"
COMMITTEE = "哈尔滨市人民代表大会常务委员会"
SHORT = "哈尔滨市人大常委会"


@cache
def load_words() -> Mapping[str, Any]:
    """Return the word lists of `text/words.toml`."""
    return tomllib.loads((resources.files("feeds.demo") / "text" / "words.toml").read_text(encoding="utf-8"))


@dataclass
class Pen:
    """A pen writes one paper: chance, the local time of its publication, and what it is about."""

    rng: random.Random
    at: datetime
    topic: Mapping[str, Any]

    @property
    def day(self) -> date:
        """The day of publication."""
        return self.at.date()

    @property
    def term(self) -> str:
        """第十六届: the congress of the day."""
        return f"第{say_number(find_term(self.day))}届"

    @property
    def meeting(self) -> tuple[int, date]:
        """Number and day of the last meeting of the standing committee."""
        return find_meeting(self.day)

    @property
    def law(self) -> str:
        """《哈尔滨市供热用热条例》."""
        return f"《{CITY}{self.topic['law']}》"

    @property
    def today(self) -> str:
        """9月15日: as news say it."""
        return f"{self.day.month}月{self.day.day}日"

    def pick(self, things: Sequence[_Thing]) -> _Thing:
        """Return one of them."""
        return self.rng.choice(things)

    def word(self, name: str) -> str:
        """Return one word of a list of the word file."""
        return str(self.pick(load_words()[name]))

    def some(self, name: str, count: int) -> list[str]:
        """Return `count` different words of a list."""
        return self.rng.sample(load_words()[name], count)

    def say(self, name: str, count: int = 1) -> str:
        """Return `count` different phrases of the topic, numbers filled in, joined as one sentence."""
        chosen = self.rng.sample(self.topic[name], count)
        return "；".join(text.format_map(self._numbers()) for text in chosen)

    def _numbers(self) -> dict[str, int]:
        return {
            "a": self.rng.randint(12, 98),
            "b": self.rng.randint(110, 980),
            "c": self.rng.randint(3, 29),
            "p": self.rng.randint(81, 99),
        }


def write_paragraphs(*texts: str) -> tuple[Block, ...]:
    """Return ordinary paragraphs."""
    return tuple(Block("p", text) for text in texts)


def sign_paper(body: str, day: str) -> tuple[Block, ...]:
    """Return a signature: who, and when, as written."""
    return Block("right", body), Block("right", day)


def pad_name(name: str) -> str:
    """Return the name as lists print it: two characters are set as wide as three."""
    return f"{name[0]}\u3000{name[1]}" if len(name) == 2 else name

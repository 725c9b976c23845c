"""What of a text is the notice itself: its heading, its sentences, the note under a title, the signature.

A 公告 is often followed by the whole 条例 that it puts in force; facts come from what stands before that, and from the
note in brackets under the title (题注).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from feeds.facts import Said
from feeds.read.characters import fold_width
from feeds.read.facts.days import Mention, find_mentions
from feeds.read.facts.numerals import ZEROS

MOST_TEXT = 100_000
"""Characters of a text that are read: what comes later is an attached rule, at most."""
_NOTE = re.compile(
    r"^ {0,20}\((?=[^()\n]{0,10}\d"
    r"|[^()\n]{0,10}[一二三四五六七八九〇○零])[^()]{4,900}?(?:\([^()]{0,40}\)[^()]{0,400}?){0,6}"
    r"(?:(?:通过|批准|修订|修正|公布|发布|选举产生|选举)[^()\n]{0,200}(?:\([^()\n]{0,40}\)[^()\n]{0,80}){0,4}"
    r"|会议)\) {0,20}$",
    re.MULTILINE,
)
"""The note in brackets under the title of a rule, a decision or a list: when and by whom it was adopted."""
_RULE_LINE = re.compile(
    r"(?:^|\n)[^\n。]{3,80}(?:条例|办法|规定|决定|决议|细则|规则|法|修正案|章程)(?:\([^()\n]{0,20}\))?$"
)
_ATTACHED = re.compile(
    r"^ {0,20}(?:目 {0,8}录|第 ?[一1] ?章(?: .{0,30})?|第 ?一 ?条(?:[ :].*|$)|关于[^。\n]{4,80}的(?:起草|修订"
    r"|修改)?说 ?明|附 ?件 ?\d?)$"
    # On a page whose lines were lost, behind the day of the signature.
    r"|(?<=\d[日号]) {1,8}(?=第 ?[一1] ?[条章] |目录 |-{8,})",
    re.MULTILINE,
)
"""Where the text of a rule begins, or what was put behind a notice."""
_END = re.compile(r"[。!?;\n]")
_EMPTY = "。!?; \n"
"""What a sentence without words is made of."""
_DAY = (
    rf"(?:(?:19|20) ?\d ?\d|(?:[一二三四五六七八九{ZEROS}] ?){{4}}) ?年 ?(?:[\d一二三四五六七八九十 ]{{1,5}}|元)月 ?"
    r"[\d一二三四五六七八九十廿 ]{1,6}[日号]"
)
_SIGNATURE = re.compile(
    rf"^(?P<body>.{{0,60}}?) {{0,60}}(?P<date>{_DAY}|(?:19|20)\d\d ?[-./] ?\d{{1,2}} ?[-./] ?\d{{1,2}})"
    r" {0,60}(?:[(\[【][^()\[\]【】\d]{1,20}[)\]】] {0,8})?$"
)
_SIGNED_BEHIND = re.compile(
    r"(?<=[。 ])(?P<body>[^ 。,;:()]{2,40}(?:委员会|常委会|政府|大会|主席团|办公[室厅]|[局院厅])) {1,8}"
    rf"(?P<date>{_DAY}) {{0,8}}$"
)
"""A signature behind the last sentence, on a page whose lines were lost."""
_NO_SIGNER = re.compile(r"[。,;:!?]|^\(|时间|日期|来源|通过|公布|发布|施行|截止")
_TOLD = 300
"""Characters of a sentence before and behind a fact that are told with it."""
_NOTED = 20_000
"""Characters of a text in which its first note in brackets stands."""
_MOST_DATES = 12
"""Lines with nothing but a day, from the last one up, among which the signature's is looked for."""
_SIGNED = 140
"""Characters at the end of a text in which a signature stands."""
_ALIKE = (
    *((sign, " ") for sign in "\t\u2002\u2003\u2009"),
    *((sign, "-") for sign in "\u2010\u2011\u2212"),
    ("\r", "\n"),
    ("\u2236", ":"),
    ("\u301c", "~"),
    ("\u223c", "~"),
)
"""What is typed for a space, a dash, a colon or a tilde, each one character long."""
_SALUTATION = re.compile(r"[。;]|公告|通知|如下|任命|免去|任免|决定|名单|通过")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence is a part of a text between full stops, semicolons and line ends."""

    start: int
    end: int
    text: str
    """Its widths folded; as long as in the text."""


@dataclass(frozen=True)
class Scope:
    """A scope is a notice as facts are read from it."""

    raw_title: str
    raw: str
    """The text, at most the first 100,000 characters, lines that were broken in mid sentence joined."""
    cuts: tuple[int, ...]
    """Where in `raw` a line end was taken out, in order."""
    published: date | None
    channel: str

    @cached_property
    def title(self) -> str:
        """The title with its widths folded."""
        return fold_width(self.raw_title)

    @cached_property
    def text(self) -> str:
        """The text with its widths folded, as long as `raw`."""
        text = fold_width(self.raw)
        for sign, plain in _ALIKE:
            text = text.replace(sign, plain)
        return text

    @cached_property
    def note(self) -> tuple[int, int] | None:
        """The span of the first note in brackets."""
        found = _NOTE.search(self.text, 0, _NOTED) if "(" in self.text else None
        return found.span() if found else None

    @cached_property
    def end(self) -> int:
        """Where the notice ends and a rule attached to it begins."""
        attached = _ATTACHED.finditer(self.text)
        stop = self.text.find("。")
        first = next((one for one in attached if 0 <= stop < one.start() or "录" in one[0] or "一" in one[0]), None)
        is_list = re.search("任|名单", self.title) is not None
        ends = [first.start()] if first and not (is_list and first[0].lstrip().startswith("附")) else []
        if self.note and "。" in self.text[: self.note[0]] and _RULE_LINE.search(self.text[: self.note[0]].rstrip()):
            ends.append(self.note[0])
        return min(ends, default=len(self.text))

    @cached_property
    def own(self) -> str:
        """The notice's own text."""
        return self.text[: self.end]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the notice, that of the note behind them where it stands further down."""
        found = [*split_sentences(self.own, 0)]
        if self.note and self.note[0] >= self.end:
            found.append(Sentence(*self.note, self.text[slice(*self.note)]))
        return tuple(found)

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """The days that the notice names, those of a note further down behind them."""
        found = find_mentions(self.own)
        if self.note and self.note[0] >= self.end:
            start = self.note[0]
            inside = find_mentions(self.text[start : self.note[1]])
            found += [
                Mention(one.start + start, one.end + start, one.year, one.month, one.day, one.shift, one.continues)
                for one in inside
            ]
        return tuple(found)

    @cached_property
    def table_heading(self) -> tuple[str, ...]:
        """The cells of the first row of a table; none without one."""
        end = max(0, self.raw.find("\t"))
        start = self.raw.rfind("\n", 0, end) + 1
        return tuple(self.raw[start:].split("\n", 1)[0].split("\t"))

    @cached_property
    def head(self) -> str:
        """The first lines of the notice, up to the first that is a sentence."""
        lines: list[str] = []
        for line in self.own.split("\n")[:12]:
            if "。" in line or len(line) > 80:
                break
            lines.append(line.strip())
        return "\n".join(lines)

    @cached_property
    def signature(self) -> tuple[str, int, int] | None:
        """The body that signs and the span of the day: the last line of the notice that is a day, below a sentence."""
        end = len(self.own)
        lines = self.own.split("\n")
        tries = 0
        for number in range(len(lines) - 1, 0, -1):
            line = lines[number]
            start = end - len(line)
            end = start - 1
            if tries == _MOST_DATES:
                break
            if (
                not line
                or len(line) > 140
                or "\t" in self.raw[start : start + len(line)]
                or not (found := _SIGNATURE.match(line.strip()))
            ):
                continue
            tries += 1
            before = "\n".join(lines[:number])
            body = found["body"].strip()
            if _NO_SIGNER.search(body) or not _SALUTATION.search(f"{self.title}\n{before}"):
                continue
            indent = len(line) - len(line.lstrip())
            signer = body or next((text.strip() for text in reversed(lines[:number]) if text.strip()), "")
            return signer, start + indent + found.start("date"), start + indent + found.end("date")
        end = len(self.own.rstrip())
        behind = _SIGNED_BEHIND.search(self.own, max(0, end - _SIGNED), end)
        return (behind["body"], *behind.span("date")) if behind else None

    def say(self, start: int, end: int, confidence: float) -> Said:
        """Return where words of the text stand, with their sentence."""
        sentences = self.sentences
        place = max(0, bisect_right(sentences, start, key=lambda sentence: sentence.start) - 1)
        if sentences and sentences[place].start <= start <= sentences[place].end:
            sentence = sentences[place]
            first = max(sentence.start, start - _TOLD)
            around = self.raw[first : min(sentence.end, end + _TOLD)].strip()
        else:
            around = self.raw[start:end]
        moved = start + bisect_right(self.cuts, start)
        return Said(around, moved, end + bisect_right(self.cuts, end - 1), confidence)


def split_sentences(text: str, offset: int) -> list[Sentence]:
    """Return the sentences of a text with their places, moved by `offset`; a full stop belongs to the one it ends."""
    sentences: list[Sentence] = []
    start = 0
    for found in _END.finditer(text):
        end = found.end() if found[0] != "\n" else found.start()
        if text[start:end].strip(_EMPTY):
            sentences.append(Sentence(start + offset, end + offset, text[start:end]))
        start = found.end()
    if text[start:].strip():
        sentences.append(Sentence(start + offset, len(text) + offset, text[start:]))
    return sentences

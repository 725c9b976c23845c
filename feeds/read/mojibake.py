"""Text that makes no sense: characters lost, or decoded wrongly once and saved so.

What was decoded wrongly is told by undoing it: hardly any true text turns into Chinese when its bytes are read again.
"""

from __future__ import annotations

import re

COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定"
    "行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些"
    "然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公"
    "无系情者最立代已通并提直题党程展五员位入常文总次设及管特件长基资组见计期论运农指区强决任据处门即保治规领东导务议"
    "市府委届届告号监督选举报章例院省県"
    "這個國來們說時會對學發後為與經關機當從業應開還過現實動產種電體點長問題條書報務處變門間議選舉員東無總"
)
"""A fourth of any Chinese text at least, in either script; of wrongly decoded text hardly anything."""

_ASCII = bytes(range(0x80))
_ASCII_BLANKED = b" " * 0x80 + bytes(range(0x80, 0x100))
_HAN = re.compile("[\u4e00-\u9fff]")
_OTHER_ASIAN = re.compile("[\u3040-\u30ff\uac00-\ud7a3]")
_LOST = re.compile(r"\?{3,}")
_DEBRIS = re.compile("锟斤拷|锟.拷|斤拷|烫烫烫|屯屯屯")
"""U+FFFD in UTF-8 read as GBK, and memory that a program never filled, read as GBK."""

_WESTERN = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_WESTERN_RUN = re.compile(f"[\x80-\xff{_WESTERN}]{{3,}}")
_LOOKED_AT = 1_000_000
"""Characters of a text that are judged."""
_OF_UTF8_AS_GBK = "锛銆鐨涓浜鍏浼绗鏄鍜鎴鍦"
"""What the first bytes of ，。的中人公会第是和成在 in UTF-8 are in GBK; rare in any true text."""
_COMMONEST = "的年月一大工会在有人中市国关行发"
_SHARE_LOST = 0.02
_SHARE = 0.1
"""Of what is not ASCII: a template that is fine around a ruined text may be most of a page."""
_FEW = 12
"""Characters of debris that a text may quote."""
_SENSE = 0.05
_ENOUGH = 50
"""Different Chinese characters that tell whether common ones are among them."""


def find_mojibake(text: str, share_lost: float = _SHARE_LOST) -> str | None:
    """Say what happened to a text that makes no sense; nothing where it makes sense, or is too short to tell."""
    text = text[:_LOOKED_AT]
    foreign = drop_ascii(text)
    total = len(foreign)
    lost = foreign.count("\ufffd")
    if lost > max(3, total * share_lost):
        return f"{lost} characters are lost"
    # Looking for single signs is a hundred times faster than decoding, and most pages have none of them.
    least = max(_FEW, total * _SHARE)
    if any(sign in foreign for sign in "锟烫屯") and sum(map(len, _DEBRIS.findall(text))) > least:
        return "its characters were lost before it was saved (锟斤拷)"
    if any(sign in foreign for sign in _OF_UTF8_AS_GBK) and _is_utf8_as_gbk(text, least):
        return "it was UTF-8, read as GBK and saved so"
    if len(foreign.encode("latin-1", "ignore")) > _FEW and (found := _find_latin(text, least)):
        return found
    if not _has_common(foreign, total) and makes_sense(foreign) is False:
        return "none of its characters are common in Chinese"
    return None


def drop_ascii(text: str) -> str:
    """Return the characters of a text that are not ASCII: a tenth of a page, in which looking for signs is fast."""
    return text.encode("utf-8", "ignore").translate(None, _ASCII).decode("utf-8")


def _keep_runs(text: str) -> str:
    """Return the runs of characters of a text that are not ASCII, one a line."""
    return b"\n".join(text.encode("utf-8", "ignore").translate(_ASCII_BLANKED).split()).decode("utf-8")


def _is_utf8_as_gbk(text: str, least: float) -> bool:
    return count_chinese(_keep_runs(text).encode("gb18030", "ignore"), "utf-8") * 1.5 > least


def _find_latin(text: str, least: float) -> str | None:
    """Say that a text was read as Latin-1, in either of its two forms."""
    runs = "\n".join(_WESTERN_RUN.findall(_keep_runs(text)))
    western, raw = runs.encode("cp1252", "ignore"), runs.encode("latin-1", "ignore")
    if max(count_chinese(western, "utf-8"), count_chinese(raw, "utf-8")) * 3 > least:
        return "it was UTF-8, read as Latin-1 and saved so"
    if count_chinese(raw, "gb18030") * 2 > least and makes_sense(raw.decode("gb18030", "ignore")):
        return "it was GBK, read as Latin-1 and saved so"
    return None


def _has_common(text: str, total: int) -> bool:
    """Tell by the commonest characters alone that enough of a text's are common; False proves nothing."""
    seen = 0
    for sign in _COMMONEST:
        seen += text.count(sign)
        if seen > total * _SENSE:
            return True
    return False


def find_lost_text(visible: str) -> str | None:
    """Say that question marks stand where a database lost its Chinese; a question asked loudly is something else."""
    lost = sum(map(len, _LOST.findall(visible)))
    if lost <= max(_FEW, sum(map(str.isalnum, visible[: 2 * lost + 1])) // 2):
        return None
    left = sum(map(str.isalnum, visible))
    return f"{lost} question marks stand where its text was lost" if lost > left // 2 else None


def count_chinese(data: bytes, charset: str) -> int:
    """Count the Chinese characters and signs that bytes hold in a charset, errors passed over."""
    return len(re.findall("[\u3001-\u3011\u4e00-\u9fff\uff01-\uff1f]", data.decode(charset, "ignore")))


def makes_sense(text: str) -> bool | None:
    """Tell whether common characters are among the Chinese ones of a text; None where there are too few to tell."""
    han = _HAN.findall(text)
    if len(set(han)) < _ENOUGH or len(_OTHER_ASIAN.findall(text)) * 10 > len(han):
        return None
    return sum(1 for sign in han if sign in COMMON) > len(han) * _SENSE

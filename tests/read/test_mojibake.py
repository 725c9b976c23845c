from __future__ import annotations

import pytest

from feeds.read.mojibake import find_lost_text, find_mojibake

TEXT = (
    "某市第十六届人民代表大会常务委员会第二十次会议听取和审议了市人民政府关于环境保护工作情况的报告，"
    "会议认为，过去一年全市上下共同努力，空气质量明显改善，但是仍然存在一些问题，需要认真研究解决。"
)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("锟斤拷锟斤拷" * 5, "锟斤拷"),
        ("烫烫烫烫烫烫" * 5, "锟斤拷"),
        (TEXT + "\ufffd" * 20, "lost"),
        (TEXT.encode().decode("gb18030", "replace").replace("\ufffd", ""), "UTF-8, read as GBK"),
        (TEXT.encode().decode("latin-1"), "UTF-8, read as Latin-1"),
        (TEXT.encode().decode("cp1252", "ignore"), "UTF-8, read as Latin-1"),
        (TEXT.encode("gbk").decode("latin-1"), "GBK, read as Latin-1"),
        (TEXT.encode("gbk").decode("big5hkscs", "ignore"), "common"),
    ],
)
def test_what_happened_to_a_ruined_text_is_told(text: str, what: str) -> None:
    assert what in (find_mojibake(text) or "")


def test_a_template_that_is_fine_does_not_hide_a_ruined_body() -> None:
    ruined = TEXT.encode().decode("gb18030", "replace").replace("\ufffd", "")
    assert find_mojibake(TEXT * 3 + ruined) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "联通",
        "plain words",
        TEXT,
        f"{TEXT}乱码如“锟斤拷”“烫烫烫”是怎么来的？",
        "页面显示鍝堝皵婊怎么办",
        "Les élections sont déjà passées, à Montréal — l’été, où « ça » naît",
        "Größe ÄÖÜ äöüß",
        "議会の公告です。日本語の文章は仮名を含みます。" * 20,
        "대한민국 국회의 공고입니다" * 20,
        "王喆、李堃、赵翊、钱琨、孙珺、周珩、吴瑶、郑璟、冯璐、陈玥、褚瑾、卫瑜",
        "——……“”‘’、。《》" * 20,
    ],
)
def test_text_that_makes_sense_or_quotes_rubbish_is_left_alone(text: str) -> None:
    assert find_mojibake(text) is None


def test_question_marks_for_every_character_are_lost_text() -> None:
    assert "question marks" in (find_lost_text("???????? ?????????? 2022-09-15 ???") or "")
    assert find_lost_text("怎么办???? 这是怎么回事??? 请大家想一想") is None
    assert find_lost_text(TEXT + "?" * 20) is None

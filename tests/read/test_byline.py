from __future__ import annotations

import pytest

from feeds.read.byline import read_beside_date, read_byline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("责任编辑：市人大研究室\xa0\xa0 \xa0\xa0时间：2022-09-15", {"editor": "市人大研究室"}),
        ("责任编辑: 张 三  时间: 2022", {"editor": "张 三"}),
        ("编　　辑：李四\n责　　编：王五", {"editor": "李四"}),
        ("编 辑: X | 来 源: 某报", {"editor": "X", "source": "某报"}),
        ("来源：新华社 作者：某某 发布时间：2022-09-15", {"source": "新华社", "author": "某某"}),
        ("信息来源：办公室（宣传处）　　浏览次数：12", {"source": "办公室（宣传处）"}),
        ("2022-09-15 10:12来源：某报网作者：某某", {"source": "某报网", "author": "某某"}),
        ("来源:(某报) 作者:「某某」 责编:）某处（", {"source": "某报", "author": "某某", "editor": "某处"}),
        ("作者：记者 某某", {"author": "某某"}),
        ("来源：  时间：2022-09-15", {}),
        ("来源：\n作者：某某", {"author": "某某"}),
        ("来源：  作者：   责编：", {}),
        ("本报编辑：部", {}),
        ("没有标签的一行", {}),
    ],
)
def test_a_byline_is_read_in_either_width_with_spaces_anywhere(text: str, expected: dict[str, str]) -> None:
    assert read_byline(text) == expected


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("2023-11-06 10:12 某某报", "某某报"),
        ("某某客户端 2023年11月6日", "某某客户端"),
        ("2023-11-06 10:12 星期一", None),
        ("2023-11-06 10:12 来源：某报", None),
        ("某某报", None),
        ("2023-11-06", None),
        ("生效日期 2023-11-06", None),
        ("会议时间2023-11-06", None),
        ("关于开展某某专项检查工作的补充通知 2023-11-06", None),
    ],
)
def test_what_stands_alone_beside_a_date_is_the_source(line: str, source: str | None) -> None:
    assert read_beside_date(line) == source

"""Whether a text was taken over from another outlet, and from which: by its dateline, else by its 来源 line."""

from __future__ import annotations

import re

from feeds.read.facts.scope import Scope

_OUTLETS = (
    "新华社|新华网|中新社|中新网|中国新闻网|人民网|人民日报|央视网|央视新闻|央广网|光明网|光明日报|法治日报|法制日报"
    "|经济日报|经济参考报|"
    "中国人大网|中国人大|人民政协报|人民政协网|工人日报|农民日报|科技日报|中国青年报|中国青年网|中国日报网|中国网"
    "|国际在线|澎湃新闻|界面新闻|"
    "交汇点|齐鲁壹点|津云|长江云|红网|东北网|大众网|齐鲁网|荆楚网|东方网|北方网|千龙网|浙江在线|四川在线|南方网|华龙网|黑龙江日报"
)
_DATELINE = re.compile(
    rf"(?:^|[\n(【\[]) {{0,8}}(?:据 ?)?(?P<outlet>{_OUTLETS}|[一-鿿]{{2,8}}(?:日报|晚报|时报|早报|都市报|商报|法治报"
    rf"|法制报|新闻网|新闻|在线|网)|(?!本报)[一-鿿]{{1,5}}[^本书公简]报(?=(?:\d{{1,2}}月)?\d{{0,2}} ?日?讯))"
    r"(?:客户端)? {0,3}(?:(?:记者"
    r"|通讯员)[^电讯\n]{0,20})?(?:[一-鿿·]{1,12} {0,2})?(?:\d{1,2}月 ?)?(?:\d{1,2} ?日)? {0,2}(?:\([^()\n]{0,40}\)"
    r"|[^。\n]{0,12}?)? {0,2}"
    r"(?:\d{1,2}月 ?\d{1,2} ?日 ?)?(?:电|讯|消息)(?=[ \n:)】\](—-]|[一-鿿]|$)"
)
_SOURCE = re.compile(
    r"(?:^|[\n (【\[])(?:(?:信息|文章|新闻|稿件|内容)?来 {0,4}源|转载?自|原载) {0,2}[:：] {0,4}(?P<outlet>[^\n]{2,40})",
    re.MULTILINE,
)
_SOURCE_END = re.compile(
    r" {1,8}|[|,;)】\]]|(?:作者|编辑|责任编辑|责编|记者|时间|日期|发布|发表|浏览|点击|字号|阅读)[:： ]"
)
_MEDIUM = re.compile(
    rf"(?:{_OUTLETS})|(?:日报|晚报|时报|早报|都市报|商报|周报|周刊|杂志|通讯社|电视台|广播|新闻网|新闻|新华|在线"
    rf"|客户端|公众号|报|网|网站)$"
)
_ISSUER = re.compile(r"(?:办公厅|办公室|委员会|人大常委会|研究室|工委|法工委|本网|本站|本机关|局|处|科)$")
_LOOK = 600
"""Characters at the start, and at the end, of a text where an outlet is named."""


def find_origin(scope: Scope) -> str | None:
    """Return the outlet that a text names as its own source; nothing where it is the portal's own.

    A mention in the text (接受新华社记者采访) is none.
    """
    text = scope.text
    places = (0, max(0, len(text) - _LOOK))
    for start in places:
        if found := _DATELINE.search(text, start, start + _LOOK):
            return found["outlet"]
    for start in places:
        if found := _SOURCE.search(text, start, start + _LOOK):
            outlet = _SOURCE_END.split(found["outlet"].strip(), maxsplit=1)[0].strip('《》"“” ').removesuffix("讯")
            if outlet and _MEDIUM.search(outlet) and not _ISSUER.search(outlet):
                return outlet
    return None

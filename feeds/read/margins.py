"""What stands around an article and is not the article, told by the words of a line: bylines, shares, ends, footers.

Only short lines are judged, and by how they begin: a sentence may speak of anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feeds.read.dates import drop_moments

_SHORT = 60
"""Characters up to which a line may be the heading of what follows an article."""
_BYLINE = 200
"""Characters up to which a line may be a byline."""

_OPENING = r"^[\s【\[(（〖《<«·•>|*#\-—_=▪■◆►]{0,6}"
_AFTER = re.compile(
    _OPENING
    + r"""(?:
    (?:上|下|前|后)\s?(?:一\s?)?(?:篇|条|则|页|个|张)(?:文章|新闻|信息)?\s*(?:[::|】\]>»]|$|没有|无|\S.{0,50}$)
    | (?:相关|推荐|延伸|热门|热点|精彩|最新|更多|近期|其他|同类|往期|关联|猜你|为[您你]|编辑)\s?
      (?:新闻|文章|阅读|链接|信息|报道|推荐|内容|稿件|资讯|文档|专题|话题|评论|喜欢|精彩|图片|视频|热点|排行|政策|解读|动态|荐读)
    | (?:网友|网民|用户|发表|全部|热门|最热|我要|查看)\s?评论 | 评论(?:区|列表|\s*[(（:]|$)
    | 我来说两句 | 文明上网 | 发表留言
    | (?:点击|新闻|阅读|热文|一周|本周|今日)\s?(?:排行|热点|热门) | 排行榜$ | 友情链接 | 网站地图 | 网站导航$
    | (?:免责|版权|特别|重要|郑重)\s?(?:声明|说明|提示)\s*[::]? | 声明\s?[::] | 转载请注明 | 凡(?:本网|注明)
    | 扫一扫|扫码|扫描二维码|微信扫|手机扫|用手机 | 返回(?:顶部|列表|首页|上页|目录)
    | Related|Read\s(?:more|next)|More\s(?:on|from|stories)|You\smay\s|Most\s(?:read|viewed|popular)|Recommended
    | Topics\b|Comments?\b\s*(?:[(:]|$)|Leave\sa\s|(?:Sign\sup|Subscribe)\b|Share\sthis|Previous\b|Next\b|«\s?\S
    | Kommentare|Auch\sauf|Mehr\szum|Lire\saussi|Sur\sle\smême|Newsletter
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SOFT = re.compile(
    _OPENING
    + r"""(?:
    责\s{0,4}任?\s{0,4}编\s{0,4}辑?\s*[::] | 编\s{0,4}辑\s*[::] | (?:初|复|终)审\s*[::]
    | (?:审\s?核|校\s?对|签\s?发|监\s?制)\s*[::]
    | (?:本文|文章|信息|稿件|新闻|内容|资料)?来\s{0,4}源\s*[::] | 原(?:标题|题|文链接)\s*[::] | 信息(?:发布|提供|录入)
    | (?:标签|关键[字词]|所属分类|分类|Tags?)\s*[::]? | 分享 | 收藏 | 点赞 | 赞\s?\d | 举报
    | 我要(?:反馈|纠错|分享) | (?:内容|我要|网页)?纠错
    | 打\s?印 | 关\s?闭 | 字\s?体 | 字\s?号 | 保存$ | 复制链接 | 转发 | A[-+]
    | (?:已?阅读|浏览|点击|访问|阅览|查看)\s?(?:次数|数|量|人数|率)?\s*[::\d]
    | (?:正在)?加载(?:中|更多)? | 展开(?:全文|阅读) | 阅读(?:全文|原文)
    | (?:发布|发表|发文|刊发|更新|修改|成文|上传|录入|公开)\s?(?:时\s?间|日\s?期)\s*[::]?
    | (?:时\s{0,2}间|日\s{0,2}期)\s*[::] | 作\s{0,4}者\s*[::] | (?:发布|发文|公开)(?:机构|单位|机关|人|者)\s*[::]?
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_END = re.compile(
    _OPENING
    + r"(?:责\s{0,4}任?\s{0,4}编\s{0,4}辑?|编\s{0,4}辑)\s{0,4}[::]|"
    + _OPENING
    + r"(?:上|下|前|后)\s?一?\s?(?:篇|条|则)(?:文章|新闻|信息)?\s{0,4}(?:[::|】\]>»]|$|没有|无)|"
    + _OPENING
    + r"(?:打\s?印(?:本[页文])?|关闭(?:窗口|本页|页面)?|返回(?:列表|上页))[】\]]?$"
)
_TOOLS = re.compile(r"打\s?印|关\s?闭|大\s?中\s?小|分享|收藏|字体|字号|浏览|阅读|点击|A[-+]")
_LABELS = re.compile(
    r"来\s{0,4}源|作\s{0,4}者|编\s{0,4}辑|责编|时\s{0,4}间|日\s{0,4}期|字体|字号|浏览|阅读|点击|访问|打印|分享|记者|发布|评论"
)
_ALONE = 12
"""Characters that may stand beside a date in a byline without labels."""
_FOOTER = re.compile(
    r"版权所有|All\s?rights\s?reserved|Copyright|©|ICP[备证]|公网安备|网站标识码|技术支持\s?[::]|免责声明|(?:举报|客服)(?:电话|邮箱)|风险自担|(?:主办|承办)单位?\s?[::]|网站管理",
    re.IGNORECASE,
)
_PLACE = re.compile(
    _OPENING + r"(?:(?:您|你)?(?:现|目前|当前|所)?在?的?(?:位置|所在)|当前位置|当前栏目|首\s?页\s*[>»›/|\-—_→])"
    r"|^.{0,20}\s?[>»›]\s?.{1,30}[>»›]"
)
_CARD = re.compile(
    r"索\s?引\s?号|发文字号|文\s{0,4}号|主题分类|主题词|公开(?:方式|范围|形式|日期|时限)|信息(?:分类|名称|索引)|体裁分类|组配分类"
    r"|发布机构|发文机关|成文日期|生成日期|有效性|时效性|信息类别|公文种类|著录"
)
_PROSE = re.compile(r"[。！？；，、：!?…;,]|[a-zà-ÿ][.:](?:\s|$)")
_SENTENCE = re.compile(r"[。！？!?]|\.(?:\s|$)")
_DIGITS = re.compile(r"\d\d|年")


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks are what the words of a line say about its part on the page."""

    ends: bool = False
    """It heads what follows an article: previous and next, related texts, comments, terms of use."""
    closes: bool = False
    """It stands under an article and nowhere else, or in its byline: previous and next, the editor, page tools."""
    labelled: bool = False
    """It begins with a label of bylines: source, time, editor, counter, share, print."""
    byline: bool = False
    """It is of a byline: labelled, or with a date among labels or nearly alone."""
    footer: bool = False
    """It is of a site's footer: owner, registration, makers."""
    place: bool = False
    """It says where on the site the page stands (breadcrumb)."""
    prose: bool = False
    """It has the marks of sentences."""


_NOTHING, _PROSE_ONLY = Marks(), Marks(prose=True)


def mark_line(text: str, *, linked: bool) -> Marks:
    """Return the marks of a line, its widths folded; a line that is mostly `linked` is never of a byline."""
    prose = _PROSE.search(text) is not None
    if len(text) > _BYLINE:
        return _PROSE_ONLY if prose else _NOTHING
    short = len(text) <= _SHORT
    ends = short and _AFTER.match(text) is not None
    closes = short and (_END.match(text) is not None or len(_TOOLS.findall(text)) > 1)
    place = _PLACE.match(text) is not None
    footer = _FOOTER.search(text) is not None
    labelled = not linked and _SOFT.match(text) is not None and _SENTENCE.search(text, 0, len(text) - 1) is None
    byline = labelled or (not linked and _is_byline(text))
    if not (ends or closes or place or footer or byline):
        return _PROSE_ONLY if prose else _NOTHING
    return Marks(ends, closes, labelled, byline, footer, place, prose)


def _is_byline(text: str) -> bool:
    if "。" in text[:-1]:
        return False
    if len(_TOOLS.findall(text)) > 1:
        return True
    if _DIGITS.search(text) is None:
        return False
    rest = drop_moments(text)
    return rest != text and (len("".join(rest.split())) <= _ALONE or _LABELS.search(rest) is not None)


def count_card(text: str) -> int:
    """Count the labels of an index card, the table of facts above public documents (索引号, 发布机构, 成文日期 …)."""
    return len({found[0] for found in _CARD.finditer(text[:2_000])})

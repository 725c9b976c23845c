"""What stands around an article and is not the article, told by the words of a line: bylines, tools, ends, footers.

Words alone are weak evidence, since a sentence may speak of anything: only short lines are judged, by how they begin or
by there being nothing else in them, and whoever uses a mark also asks where the line stands.

Every line of a page comes by here, its widths folded. Alternatives that are searched for begin with a letter each, not
with a group or a class: then the engine skips to the letters that may begin one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feeds.read.dates import drop_moments

_SHORT = 60
"""Characters up to which a line may be the heading of what follows an article, or a row of tools."""
_LONGEST = 200
"""Characters up to which a line may be of a byline or a footer."""
_ALONE = 12
"""Characters that may stand beside a date in a byline without labels."""

_OPENING = r"^[\s【\[(（〖《<«·•>|*#\-—_=▪■◆►]{0,6}"
_EDITOR = r"责\s{0,4}任?\s{0,4}编\s{0,4}辑?|编\s{0,4}辑"
_NEIGHBOUR = r"(?:上|下|前|后)\s?一?\s?(?:篇|条|则)\s?(?:文章|新闻|信息|公告)?\s{0,4}(?:[::|】\]>»]|\s|$|没有|无|暂无)"

_ENDS = re.compile(
    _OPENING
    + rf"""(?:
    {_NEIGHBOUR} | (?:上|下|前|后)一?[页个张]\s{{0,4}}(?:[::|】\]>»]|$)
    | (?:相关|推荐|延伸|热门|热点|精彩|最新|更多|近期|其他|同类|往期|关联|猜你|为[您你]|编辑)\s?
      (?:新闻|文章|阅读|链接|信息|报道|推荐|内容|稿件|资讯|文档|专题|话题|评论|喜欢|精彩|图片|视频|热点|排行|解读|动态|荐读)
      (?=[^一-鿿]|$|推荐|更多|排行|列表)
    | (?:网友|网民|用户|发表|全部|热门|最热|最新|我要|查看)\s?评论 | 评论(?:区|列表|\s{{0,4}}[(（:\d]|$)
    | 我来说两句 | 发表留言
    | (?:点击|新闻|阅读|热文|一周|本周|今日)\s?(?:排行|热点|热门) | 排行榜$ | 友情链接 | 网站(?:地图|导航)$
    | Related\s(?:articles?|stor|news|links|topics|content|posts) | Read\s(?:more|next)\b | More\s(?:on|from|stories)\b
    | You\smay\s(?:also\s)?(?:like|be) | Most\s(?:read|viewed|popular) | Recommended(?:\sfor|\sread|\sstor|$)
    | Topics$ | Comments?\s{{0,2}}(?:[(:\d]|$) | Leave\sa\s(?:comment|reply)
    | (?:Previous|Next)\s?(?:article|story|post)?[:»>]
    | Kommentare\b | Auch\sauf\b | Mehr\szum\b | Lire\saussi | Sur\sle\smême\ssujet
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_CLOSES = re.compile(_OPENING + rf"(?:(?:{_EDITOR})\s{{0,4}}[::]|{_NEIGHBOUR})")
_LABELLED = re.compile(
    _OPENING
    + rf"""(?:
    (?:{_EDITOR} | (?:初|复|终)\s?审 | 审\s{{0,4}}核 | 校\s{{0,4}}对 | 签\s{{0,4}}发 | 监\s{{0,4}}制
      | (?:本文|文章|信息|稿件|新闻|内容|资料|消息)?来\s{{0,4}}源 | 稿\s?源
      | 作\s{{0,4}}者 | 供\s?稿(?:单位|人)? | 撰\s?稿(?:人)?
      | 信息(?:发布|提供|录入)(?:人|单位)? | (?:发布|发文|公开)(?:机构|单位|机关|人|者)
      | (?:时间|日期)?(?:发布|发表|刊发|上传|录入|更新)\s?(?:时\s?间|日\s?期)?
      | 所属分类 | 标签 | 关键[字词] | 原(?:标题|题|文链接) | [Tt]ags?
      | (?:浏览|阅读|点击|访问|阅览)\s?(?:次数|数|量|人数)? | 字\s?体 | 字\s?号 )\s{{0,4}}[::]
    | (?:时\s{{0,4}}间 | 日\s{{0,4}}期)\s{{0,4}}[::]$ | 标签\s | 扫一扫
    | (?:扫码|扫描|长按).{{0,8}}(?:关注|阅读|浏览|分享|二维码)
    | (?:免责|版权|特别|郑重)?声明\s?[::] | 转载请注明 | 凡(?:本网|注明)
    | 文明上网 | 返回(?:顶部|列表|首页|上页|目录) | (?:[Ss]hare|Sign\sup|Subscribe|[Tt]ags)\b\s?(?:this|on|to|for|:|$)
    )""",
    re.VERBOSE,
)
_TOOLS = re.compile(
    r"""(?:[\W\d_]++ |
    分享(?:到|至)? | 微信|微博|朋友圈|QQ空间|QQ好友|二维码 | (?:我的|加入)?收藏(?:本页|夹)?
    | 点赞 | [赞赏踩](?=\s{0,2}(?:\d|\s|$))
    | 打\s?印(?:本[页文]|文章|页面)? | 关\s?闭(?:窗口|本页|页面)? | 字\s?[体号](?:大小)? | 放大|缩小|默认
    | 大[\s\[\]【】〖〗/|]{0,6}中[\s\[\]【】〖〗/|]{0,6}小 | 小[\s\[\]【】〖〗/|]{0,6}中[\s\[\]【】〖〗/|]{0,6}大
    | 保存|复制(?:链接|本页)?|转发|语音(?:播报|朗读)?|朗读 | (?<=\d)\s?[次人]
    | 阅读全文 | (?:已?阅读|浏览|点击|访问|阅览|查看)(?:次数|人数|数|量)? | (?:查看|我要|写|发表)?评论
    | (?:内容|我要|网页)?纠错|我要反馈|举报 | 返回(?:顶部|列表|上页|首页)? | 扫码(?:浏览|阅读|分享)?
    | (?:正在)?加载(?:中|更多)?|展开(?:全文)? | 自动播放|播放|开关|隐藏边栏|手机(?:版|看) | 上一页|下一页
    | (?<![A-Za-z])[Aa](?=[-+\s]|$) | [Ss]hare(?:\sthis)?|Facebook|Twitter|E-?[Mm]ail|Print|Save
    )++\Z""",
    re.VERBOSE,
)
"""Longer names stand before shorter ones they begin with: nothing is tried twice."""
_LETTER = re.compile(r"[^\W\d_]")
_LABELS = re.compile(
    r"来\s{0,4}源|作\s{0,4}者|编\s{0,4}辑|责编|时\s{0,4}间|日\s{0,4}期|字体|字号|浏览|阅读|点击|访问|打印|分享|记者|发布|评论|大\s?中\s?小"
)
_FOOTER = re.compile(
    r"版权所有|All\s?[Rr]ights\s?[Rr]eserved|all\s?[Rr]ights\s?[Rr]eserved|Copyright|copyright|COPYRIGHT|©|ICP[备证]"
    r"|公网安备|网站标识码|技术支持\s?:|主办单位?\s?:|承办单位?\s?:|网站管理|免责声明"
    r"|客服(?:电话|邮箱)|不良信息举报(?:电话|邮箱)|风险自担"
)
_CONTACT = re.compile(
    _OPENING + r"(?:(?:办公|单位|通讯|联系)?地\s{0,4}址|邮\s{0,4}编|(?:联系|服务|值班)?电\s{0,4}话|传\s{0,4}真|备案)"
    r"\s{0,4}[::(（]"
)
_PLACE = re.compile(
    _OPENING
    + r"(?:(?:您|你)?(?:现|目前|当前|所)?在?的?(?:位置|所在)|当前栏目|首\s?页\s*[>»›/|\-—_→])"
    + r"|^.{0,20}\s?[>»›]\s?.{1,30}[>»›]"
)
_CARD = re.compile(
    r"索\s?引\s?号|发文字号|文\s{0,4}号|主题分类|主题词|公开(?:方式|范围|形式|日期|时限)|信息(?:分类|名称|索引)|体裁分类"
    r"|组配分类|发布机构|发文机关|成文日期|生成日期|有效性|时效性|信息类别|公文种类|著录"
)
_TIME = re.compile(_OPENING + r"(?:[一二三四五六七八九十\d][、.])?\s{0,4}时\s{0,4}间\s{0,4}[::]")
_SPOT = re.compile(r"地\s{0,4}点\s{0,4}[::]")
_PROSE = re.compile(r"[。！？；，、:!?…;,]|[a-zà-ÿ][.](?:\s|$)")
_SENTENCE = re.compile(r"[。！？!?]|\.(?:\s|$)")
_YEAR = re.compile(r"19\d\d|20\d\d|〇.{0,6}年|零.{0,6}年|○.{0,6}年|一.{0,6}年|二.{0,6}年")


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks are what the words of a line say about its part on the page."""

    tools: bool = False
    """It holds nothing but names of tools and counters: share, print, close, font size."""
    labelled: bool = False
    """It begins with a label of bylines or with terms of use."""
    byline: bool = False
    """It is of a byline: labelled, tools, or with a date among labels or nearly alone."""
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
    if len(text) > _LONGEST:
        return _PROSE_ONLY if prose else _NOTHING
    tools = len(text) <= _SHORT and _is_tools(text)
    place = _PLACE.match(text) is not None
    footer = _FOOTER.search(text) is not None
    labelled = not linked and _LABELLED.match(text) is not None and _SENTENCE.search(text, 0, len(text) - 1) is None
    byline = labelled or tools or (not linked and _is_dated(text))
    if not (place or footer or byline):
        return _PROSE_ONLY if prose else _NOTHING
    return Marks(tools, labelled, byline, footer, place, prose)


def is_end(text: str) -> bool:
    """Tell whether a line heads what follows an article: previous and next, related texts, comments."""
    return len(text) <= _SHORT and _ENDS.match(text) is not None


def is_close(text: str) -> bool:
    """Tell whether a line stands under an article, or in the byline above it: previous and next, editor, page tools."""
    return len(text) <= _SHORT and (_CLOSES.match(text) is not None or _is_tools(text))


def is_footer(text: str) -> bool:
    """Tell whether a line is of a site's footer, without its other marks."""
    return len(text) <= _LONGEST and _FOOTER.search(text) is not None


def is_contact(text: str) -> bool:
    """Tell whether a line begins with an address, as footers do, and notices too."""
    return len(text) <= _LONGEST and _CONTACT.match(text) is not None


def is_meeting(text: str, below: str) -> bool:
    """Tell whether a line gives the time of a meeting: 地点 stands behind it, or begins the line `below`."""
    if _TIME.match(text) is None:
        return False
    return _SPOT.search(text) is not None or _SPOT.search(below[:_ALONE]) is not None


def _is_tools(text: str) -> bool:
    return _TOOLS.match(text) is not None and _LETTER.search(text) is not None


def _is_dated(text: str) -> bool:
    if _YEAR.search(text) is None or "。" in text:
        return False
    rest = drop_moments(text)
    return rest != text and (len("".join(rest.split())) <= _ALONE or _LABELS.search(rest) is not None)


def count_card(text: str) -> int:
    """Count the labels of an index card, the table of facts above public documents (索引号, 发布机构, 成文日期 …)."""
    return len({found[0] for found in _CARD.finditer(text[:2_000])})

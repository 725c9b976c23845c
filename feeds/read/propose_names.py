"""What names and addresses say: whether people follow a list of that name, and the slug it gets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

RESERVED = frozenset({"all", "search", "changes", "archive", "people", "rules"})
"""Slugs that addresses of our own use."""

_TAIL = r"(?:中心|专栏|栏目|平台|窗口|系统|大厅|专区|频道|一览)?$"
_STATIC = re.compile(
    r"(?:简介|概况|概述|介绍|机构|机构设置|机构职能|职能|职责|分工|领导|班子|成员|人员|研究员|研究所|研究院|研究组|办公室|实验室|名录|名单|通讯录|电话|我们|方式|本站|联系"
    r"|地图|导航|导览|搜索|检索|查询|下载|登录|登陆|注册|收藏|信箱|邮箱|留言|留言板|来信|信件|选登|答复|咨询|投诉|举报|信访|反馈|问答|问卷|调查|投票|互动"
    r"|访谈|直播|链接|网站|单位|帮助|声明|申明|条款|问题|大事记|寄语|致辞|版权|隐私|风采|风貌|展馆|相册|图库|图集|图片|照片|影像|视频|音频|办事|服务|指南|清单"
    r"|章程|须知|沿革|历史|荣誉|专题|专栏|客户端|微博|微信|公众号|首页|主页|英文|繁体|手机版|移动版|无障碍|长者|关怀版|返回|打印|关闭"
    r"|\bEnglish|\bRSS|\bAPP|\bhome)" + _TAIL,
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?:年报|年度报告|规划|计划|预算|决算|预决算|标准|目录|制度|课件|资料|数据|名片|书籍|期刊|杂志)" + _TAIL
)
_FOLLOWED = re.compile(
    r"新闻|动态|要闻|快讯|资讯|消息|信息|公告|通告|通知|公示|公报|政策|法规|规章|条例|文件|决议|决定|任免|招标|采购|中标|招聘|招考"
    r"|录用|解读|调研|研究|会议|常委|主任会|人代会|大会|报告|报道|时政|时事|聚焦|关注|观察|视点|评论|讲话|活动|工作|执法|监督|立法"
    r"|选举|培训|预警|提示|曝光|处罚|许可|征集|听证|发布|播报|简报|头条|热点|速递|党建|建设"
)
_SCREENED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PLAIN = re.compile(r"index|default|list|lists|main|home|node|more|channel|col|column|content|page|class|articlecolumn")
"""Words of addresses that say nothing of the list."""
_PAGES = frozenset({"page", "pageno", "pagenum", "pageindex", "currentpage", "p"})
_SUFFIXES = frozenset({"com", "gov", "org", "net", "edu", "ac", "mil", "cn", "hk", "mo", "tw", "www"})
_PROVINCES = frozenset(
    "bj sh tj cq he sx nm ln jl hl js zj ah fj jx sd ha hb hn gd gx hi sc gz yn xz sn gs qh nx xj".split()
)
"""Second-level domains under .cn that are provinces (js.cn), and no part of a name."""


class NameKind(Enum):
    """What the name of a page says about it. In a Chinese compound the last word says what the thing is."""

    FOLLOWED = "followed"
    REFERENCE = "reference"
    STATIC = "static"
    UNKNOWN = "unknown"


def judge_name(name: str) -> NameKind:
    """Tell whether a list of that name is news and notices, works of reference, or no list at all."""
    if _STATIC.search(name):
        return NameKind.STATIC
    if _REFERENCE.search(name):
        return NameKind.REFERENCE
    return NameKind.FOLLOWED if _FOLLOWED.search(name) else NameKind.UNKNOWN


def fold_address(url: str) -> str:
    """Return what two addresses of one page have in common: no scheme, no www, no index.html, no first page.

    A fragment counts: where links keep one it says which list of the page is meant.
    """
    parts = urlsplit(url)
    path = re.sub(r"/(?:index|default)(?:_[01])?\.\w{2,5}$", "/", parts.path or "/").rstrip("/")
    pairs = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not (name.lower() in _PAGES and value in {"0", "1", ""})
    ]
    query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
    tail = f"{'?' + query if query else ''}{'#' + parts.fragment if parts.fragment else ''}"
    return f"{parts.netloc.lower().removeprefix('www.')}{path}{tail}"


def shape_of_folder(url: str) -> str:
    """Return the folder of an address with all numbers alike: days and months are one folder."""
    return re.sub(r"\d+", "0", folder_of(url))


def shape_of(url: str) -> str:
    """Return what addresses made by one template have in common: numbers are alike."""
    return re.sub(r"\d+", "0", fold_address(url).rpartition("/")[2])


def folder_of(url: str) -> str:
    """Return the folder in which a page stands, host and path without the last part, with a slash at its end."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rpartition('/')[0]}/"


def is_within(url: str, host: str) -> bool:
    """Tell whether an address is on a host, given without www, or on one below it."""
    found = urlsplit(url).netloc.lower().removeprefix("www.")
    return found == host or found.endswith(f".{host}")


def share_owner(url: str, other: str) -> bool:
    """Tell whether two addresses are in one registered domain: of one owner, though perhaps of two portals."""
    return _registered(url) == _registered(other)


def _registered(url: str) -> str:
    labels = urlsplit(url).netloc.lower().split(".")
    return ".".join(labels[-3 if len(labels) > 2 and labels[-2] in _SUFFIXES | _PROVINCES else -2 :])


def is_front(url: str) -> bool:
    """Tell whether an address is that of a folder's first page, which a home page's is."""
    return fold_address(url) == folder_of(url)[:-1]


def keep_own_folder(urls: Sequence[str], home: str) -> tuple[str, ...]:
    """Return the addresses in a home page's folder where most are: the others are another portal's on the same host."""
    folder = folder_of(home)
    inside = tuple(url for url in urls if f"{fold_address(url)}/".startswith(folder))
    return inside if len(inside) * 3 >= len(urls) * 2 else tuple(urls)


def stands_beside(url: str, other: str) -> bool:
    """Tell whether a page stands beside another one or below it: folders of one folder, or pages of one program."""
    folder, here = folder_of(url), folder_of(other)
    return folder.startswith(here) or folder[:-1].rpartition("/")[0] == here[:-1].rpartition("/")[0] != ""


def make_slugs(urls: tuple[str, ...]) -> tuple[str, ...]:
    """Return a slug for each list page, in order, unique: a word of its address, the last that says something."""
    slugs: list[str] = []
    for url in urls:
        spellings = [*_spell(url)]
        free = [slug for slug in spellings if slug not in slugs and slug not in RESERVED]
        number = 2
        while not free:
            free = [slug for slug in [f"{spellings[0]}-{number}"] if slug not in slugs]
            number += 1
        slugs.append(free[0])
    return tuple(slugs)


def make_portal_name(url: str) -> str:
    """Return the name of a portal by its host: rd-harbour for www.rd.harbour.gov.cn."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        ip_address(host)
    except ValueError:
        labels = [label for label in host.split(".") if label not in _SUFFIXES]
        if len(labels) > 1 and labels[-1] in _PROVINCES:
            labels.pop()
        name = _clean("-".join(labels))
        return _clean(f"portal-{name}") if name in RESERVED or not name else name
    return _clean(f"portal-{host}")


def _spell(url: str) -> list[str]:
    """Return spellings of a list page's address as a slug, best first; never empty."""
    parts = urlsplit(url)
    words = [_clean(re.sub(r"\.\w{2,5}$", "", word)) for word in parts.path.split("/")]
    words = [word for word in words if word]
    telling = [word for word in words if not _PLAIN.fullmatch(word)]
    values = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _PAGES]
    spelled = [_clean(f"{value}" if re.search(r"[a-z]", value) else f"c{value}") for _, value in values[:1]]
    if len(values) > 1:
        spelled.append(_clean("-".join(value for _, value in values)))
    spelled += [_clean(f"c{parts.fragment}")] if parts.fragment else []
    spelled += telling[-1:] if not spelled else []
    spelled += ["-".join(telling[-2:])] if len(telling) > 1 else []
    spelled = [slug if re.search(r"[a-z]", slug) else f"c{slug}" for slug in spelled if slug]
    return [*spelled, _clean("-".join(words)) or "channel"]


def _clean(text: str) -> str:
    """Return the text as slugs are written: lower-case letters, digits and single hyphens, at most forty."""
    return "-".join(_SCREENED.findall(re.sub(r"[^a-z0-9]+", "-", text.lower())))[:40].strip("-")

"""What a page is that shows next to nothing but a message: challenges, firewalls, logins, errors, shells.

Words are never enough: a notice may speak of 验证码, 系统维护 or 页面不存在. Only a page that says little is judged by
them, and only where nothing on it proves that it is what was asked for (`shows_content`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Verdict
from feeds.read.characters import fold_width
from feeds.read.dates import find_moment, find_published
from feeds.read.dom import attribute, short_text
from feeds.read.links import resolve_link
from feeds.read.metatags import read_metatags
from feeds.read.titles import site_title

Found = tuple[Verdict, str]
"""A verdict with the sentence that an operator needs."""

MOST_WORDS = 500
"""Characters of visible text up to which a page may be nothing but a message."""
_NOTHING = 60
"""Characters up to which a page shows nothing."""
_FORM = 200
"""Characters up to which a page may be nothing but a form."""
_LOGIN = re.compile(
    r"登[录陆].*密\s?码|密\s?码.*登[录陆]|(?:log|sign) ?in.*password|password.*(?:log|sign) ?in", re.IGNORECASE
)
_SENTENCE = 40
"""Characters between two spaces up to which a page says nothing but labels, as forms do."""
_HEAD = 50_000
"""Characters of the source in which signs are looked for."""
_TITLE = 8
"""Characters of a link's text from which it is a title: names of columns are shorter."""
_NAME = 8
"""Characters of the name of a document, at least: 系统维护公告 is what a portal that is down calls itself."""
_DOCUMENT = re.compile(r"(?:公告|通知|公示|通报|通告|决定|决议|批复|意见|办法|说明|答复|名单|情况|函)$")
_TITLES = 3
"""Such links on a page, from which it is a list."""

_CHALLENGES = (
    ("加速乐 (jsl)", re.compile(r"__jsl_clearance|__jsluid|\('_'\)\+\('_'\)\+\('j'\)\+\('s'\)\+\('l'\)")),
    ("瑞数 (ruishu)", re.compile(r"\$_ts\s*[=\[.]|<(?:meta|script)[^>]{0,300}\sr=['\"]m['\"]")),
    ("an edge bot check", re.compile(r"EO_Bot_Ssid")),
    ("Aliyun WAF", re.compile(r"acw_sc__v[23]|aliyun_waf|var\s+arg1\s*=\s*'[0-9A-F]{20,}'")),
    ("a browser check", re.compile(r"cf-chl-|challenge-platform|_guard/(?:auto|slide|click)\.js|__tst_status|_waf_")),
)
_COOKIE_AND_AGAIN = re.compile(
    r"document\.cookie\s*=(?=.{0,2000}?(?:\breload\(|location(?:\.href)?\s*=\s*(?:window\.|document\.|self\.)?location))",
    re.DOTALL,
)
_AT_THE_DOOR = (
    (
        Verdict.BLOCKED,
        re.compile(
            r"电信云防护|云防护|网站防火墙|网站安全狗|Web Application Firewall|Access Denied"
            r"|(?:访问|请求).{0,6}被\s{0,2}(?:WAF)?\s{0,2}(?:拦截|拒绝|禁止|阻断)"
            r"|您的(?:访问|请求|IP).{0,20}(?:拒绝|拦截|禁止|限制|威胁|攻击)"
            r"|(?:访问|操作|请求)(?:过于|太|过)频繁|所在(?:的)?地区.{0,6}(?:不支持|无法|限制)访问|仅限中国大陆"
        ),
        "blocked by a firewall: {said}; ask the portal to admit this machine, or poll less often",
    ),
    (
        Verdict.LOGIN,
        re.compile(
            r"(?:请|需).{0,4}(?:输入|填写).{0,6}验证码|滑动验证|拖动.{0,8}滑块|安全验证|人机验证|点击.{0,6}完成验证"
            r"|请先登[录陆]|(?:尚未|需要?|请重新|没有)登[录陆]|登[录陆](?:已?超时|已?失效|后.{0,4}(?:查看|访问|浏览))|captcha",
            re.IGNORECASE,
        ),
        "the page asks for a login or a CAPTCHA: {said}; it is not for everybody, or we ask too often",
    ),
    (
        Verdict.MAINTENANCE,
        re.compile(  # not 网站建设 or 网站维护 alone: footers name who does it
            r"(?:系统|网站|平台|服务器?|本站|页面|栏目).{0,4}(?:维护|升级|检修|改版|建设)(?:中|期间)|^.{0,20}系统(?:维护|升级)"
            r"|(?:正在|进行|例行|临时|紧急).{0,6}(?:维护|升级|检修|改版|建设)|暂停(?:服务|访问|对外)"
            r"|(?:under|down for|scheduled) maintenance",
            re.IGNORECASE,
        ),
        "the portal is being maintained: {said}; it is asked again later",
    ),
)
"""Signs of what stands before the portal: they mean the same with status 200 and with an error."""
_MESSAGES = (
    (
        Verdict.TAKEN_OVER,
        re.compile(r"域名.{0,10}(?:出售|转让|过期|待售)|domain (?:is|may be) for sale|buy this domain", re.IGNORECASE),
        "the domain is for sale: {said}",
    ),
    (
        Verdict.SOFT_ERROR,
        re.compile(
            r"HTTP Status 5\d\d|Internal Server Error|Service (?:Temporarily )?Unavailable|Bad Gateway"
            r"|系统(?:错误|繁忙|异常)|参数(?:错误|无效|不正确|有误)|非法(?:请求|参数|访问|操作)|访问出错|服务器(?:错误|繁忙|内部|出错)|数据库.{0,6}(?:错误|失败)|程序异常|运行时错误"
            r"|Server Error in|It works!|Welcome to nginx|网站已(?:关闭|停止)|(?:未|没有)备案"
        ),
        "an error page with status 200: {said}",
    ),
    (
        Verdict.GONE,
        re.compile(
            r"页面不存在|页面没有找到|找不到(?:该|您|你|所|页)|(?:文章|信息|内容|网页|文件|记录)(?:不存在|已(?:被)?删除|已(?:被)?撤)"
            r"|未找到(?:该|您|页)|已被删除|404\s*(?:Not Found|错误|页面)|Not Found"
        ),
        "a page with status 200 that says: {said}",
    ),
)
_CASINO = re.compile(
    r"娱乐城|百家乐|博彩|棋牌|老虎机|六合彩|时时彩|真人荷官|捕鱼王|彩票(?!管理|中心|公益|发行)|bet\d{2,3}|pk10",
    re.IGNORECASE,
)
_TOUT = re.compile(r"官网|官方(?:网站|入口|平台)|登[录陆]|注册|APP|下载|开户|[送彩]\d{2}|彩金|网址|平台", re.IGNORECASE)
"""What nobody writes about a casino but the casino: a notice that forbids one has no 官网 in its title."""
_INSTEAD = (
    (
        Verdict.GONE,
        re.compile(r"(?:信息|文章|内容)(?:未|尚未|没有)(?:发布|公开)|审核中|已下线"),
        "a page with status 200 that says: {said}",
    ),
    (
        Verdict.SHELL,
        re.compile(r"(?:数据|内容|页面)?(?:正在)?加载中|loading", re.IGNORECASE),
        "the page waits for its scripts: {said}",
    ),
)
"""What only says why there is no article where one should stand."""
_COURTESY = re.compile(
    r"(?:非常|很)?(?:对不起|抱歉)|敬请(?:期待|谅解)|不便之处|给您带来|您|你|所?要?(?:访问|查看|浏览|请求|查找|找)的?|该|此|本"
    r"|页面|文章|信息|内容|网页|文件|记录|网站|栏目|系统|提示|错误|不存在|可能|或者?|已经?被?|正在|删除|移动|下线|发布|升级|改版|维护|建设"
    r"|请|返回|首页|上一页|稍[后候]|再试|点击|这里|联系|管理员|自动|跳转|秒|后|中|的|了|将|\W|\d"
)
"""Words that such a sentence has beside its message."""
_MESSAGE = 80
_LEFT = 6
_WITHOUT_MENU = frozenset({Verdict.MAINTENANCE, Verdict.LOGIN})
_REFRESH = re.compile(r"<meta[^>]{0,200}http-equiv\s*=\s*[\"']?refresh[^>]{0,200}url\s*=", re.IGNORECASE)
_SCRIPT_MOVE = re.compile(r"(?:window\.|document\.|self\.|top\.)?location(?:\.href)?\s*=\s*[\"']|location\.replace\(")
_SCRIPT = re.compile(r"<script[\s>]", re.IGNORECASE)
_WANTS_SCRIPT = re.compile(r"(?:enable|requires?|without|启用|开启|不支持|支持).{0,12}JavaScript", re.IGNORECASE)
_MENU = 8
"""Links that a page of a portal that is up has, at least."""
_CAPTCHA = re.compile(r"captcha|validatecode|verifycode|checkcode|randcode|codevalue|yanzheng", re.IGNORECASE)


def shows_content(tree: LexborHTMLParser, visible: str, url: str, content: str | None) -> bool:
    """Tell whether something on a short page proves that it is what was asked for.

    That is an element by the selector `content`; without one, a time of publication with its label, the meta tags of an
    article, or links of the same portal that have titles.
    """
    if content is not None:
        return tree.css_first(content) is not None
    if find_published(visible, "UTC") or {"articletitle", "pubdate"} & read_metatags(tree).keys():
        return True
    if _shows_headline(tree, visible):
        return True
    return len(_own_links((link for link in tree.css("a[href]") if len(short_text(link)) >= _TITLE), url)) >= _TITLES


def _shows_headline(tree: LexborHTMLParser, visible: str) -> bool:
    """Tell whether a page shows a date and what its `<title>` calls itself, and that is the name of a document."""
    title = tree.css_first("title")
    name = "".join(fold_width(site_title(title.text())).split()) if title is not None else ""
    if len(name) < _NAME or not _DOCUMENT.search(name):
        return False
    return name in "".join(visible.split()) and find_moment(visible, "UTC") is not None


def _own_links(links: Iterable[LexborNode], url: str) -> set[str]:
    """Return the addresses of links that lead to the page's own host."""
    base = url or "http://page.invalid/"
    targets = (resolve_link(attribute(link, "href"), base) for link in links)
    return {target for target in targets if target and _host(target) == _host(base)}


def judge_challenge(status: int, text: str, visible: str) -> Found | None:
    """Recognise a challenge on a page that says little."""
    head = text[:_HEAD]
    name = next((name for name, sign in _CHALLENGES if sign.search(head)), None)
    if name is None and len(visible) < _NOTHING and _COOKIE_AND_AGAIN.search(head):
        name = "a script that sets a cookie and loads the page again"
    if name:
        return Verdict.CHALLENGE, (
            f"blocked by {name}: the page is a challenge for browsers, which is not answered; "
            "ask the portal to admit us, or try http for https"
        )
    if status in {412, 521}:
        return Verdict.CHALLENGE, f"blocked: the server says {status}, a challenge for browsers"
    return None


def judge_door(tree: LexborHTMLParser, visible: str, url: str) -> Found | None:
    """Recognise what stands before a portal, on a page that says little: a firewall, a login, a maintenance page."""
    for verdict, pattern, sentence in _AT_THE_DOOR:
        found = pattern.search(visible)
        if found and not (verdict in _WITHOUT_MENU and _shows_menu(tree, visible, url, verdict)):
            return verdict, sentence.format(said=_quote(visible, found))
    is_form = len(visible) <= _FORM or (_LOGIN.search(visible) and max(map(len, visible.split())) <= _SENTENCE)
    if is_form and find_moment(visible, "UTC") is None and any(map(_asks_for_people, tree.css("input, img"))):
        return Verdict.LOGIN, "the page is a form to log in or to show that one is human: it is not for everybody"
    return None


def _shows_menu(tree: LexborHTMLParser, visible: str, url: str, verdict: Verdict) -> bool:
    """Tell whether a page has the portal's menu: one that is down shows none, one that asks for a login no date."""
    if verdict is Verdict.LOGIN and find_moment(visible, "UTC") is None:
        return False
    return len(_own_links(tree.css("a[href]"), url)) >= _MENU


def judge_message(text: str, visible: str) -> Found | None:
    """Recognise a page with status 200 that only says what is wrong, sends elsewhere, or waits for its scripts."""
    for verdict, pattern, sentence in _MESSAGES:
        if found := pattern.search(visible):
            return verdict, sentence.format(said=_quote(visible, found))
    head = text[:_HEAD]
    if len(visible) < 2 * _NOTHING and (_REFRESH.search(head) or _SCRIPT_MOVE.search(head)):
        return Verdict.MOVED, "the page only sends browsers elsewhere"
    if (len(visible) < _NOTHING and _SCRIPT.search(head)) or (
        len(visible) < 2 * _NOTHING and _WANTS_SCRIPT.search(head)
    ):
        return Verdict.SHELL, (
            f"the page is a shell of {len(visible)} characters that scripts fill: "
            "look in a browser for the address that its rows or its text come from"
        )
    return None


def judge_title(tree: LexborHTMLParser) -> Found | None:
    """Recognise a page by what it calls itself: a domain that was given up is often a casino the next day."""
    title = tree.css_first("title")
    name = fold_width(title.text()) if title is not None else ""
    if _CASINO.search(name) and _TOUT.search(name):
        return Verdict.TAKEN_OVER, f"a gambling site lives there: {name.strip()[:60]}"
    return None


def judge_words(text: str) -> Found | None:
    """Judge the text that stands where an article should be: one that only says why there is none is no article.

    A notice may say that a record was withdrawn: what is left of it without such words is more than courtesy.
    """
    if len(text) > _MESSAGE:
        return None
    for verdict, pattern, sentence in (*_AT_THE_DOOR, *_MESSAGES, *_INSTEAD):
        found = pattern.search(text)
        if found and len(_COURTESY.sub("", text[: found.start()] + text[found.end() :])) <= _LEFT:
            return verdict, sentence.format(said=text)
    return None


def _asks_for_people(field: LexborNode) -> bool:
    """Tell whether a field takes a password, or belongs to a CAPTCHA."""
    if field.tag == "input" and attribute(field, "type").strip().lower() == "password":
        return True
    return any(_CAPTCHA.search(attribute(field, name)) for name in ("name", "id", "src"))


def _quote(visible: str, found: re.Match[str]) -> str:
    """Return the words of a message around what was found up to the spaces, at most 60 characters."""
    start = visible.rfind(" ", 0, found.start()) + 1
    end = visible.find(" ", found.end())
    return visible[max(start, found.start() - 20) : end if end >= 0 else None][:60]


def _host(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])

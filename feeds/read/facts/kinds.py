"""The kind of a notice: by what its title calls it, by the words that such a text has, and last by its channel."""

from __future__ import annotations

import re

from feeds.model import Kind
from feeds.read.facts.scope import Scope

_LOOK = 1_500
"""Characters of a notice that are looked at."""
_PLENARY = r"(?:人民代表大会|人代会|代表大会)(?!常务委员会|常委会|代表)"
_REPORTED = re.compile(
    r"(?:召开|举行|闭幕|开幕|举办|开展|审议|视察|调研|会见|考察|强调|指出|走进|来(?:我|哈|访)|赴|启动|推进|助力|圆满|顺利|收到|热议|座谈|培训|学习|"
    r"聚焦|纪实|综述|侧记|访谈|专访|解读|答记者问|图解|一图|动态|简讯|速览|综合|报道|谈|看|说|如何|为何|[?!]|将于|施行|出台|获|亮|让|护|守)"
)
_DATELINE = re.compile(
    r"^.{0,60}(?:电|讯)[ (:—-]|^.{0,20}本(?:报|网|台)(?:讯|消息)|记者(?:从|在|获悉|日前|近日|昨日|今日|[一-鿿]{2,3} )",
    re.MULTILINE,
)
_BYLINE = re.compile(r"[(（ \n](?:本报|本网|全媒体)?(?:记者|通讯员|见习记者)[ :][一-鿿 、]{2,20}[)）\n]|文/|图/|\n供稿")
_CONSULT = re.compile(r"征求意见|公开征求|征集|征询|听取(?:社会|公众)?意见|意见征求|意见建议的(?:公告|通告|公示)")
_ASK = re.compile(
    r"(?:提出|反馈|反映|寄送|寄|发送|发|提交|报送)[^。\n]{0,30}(?:意见|建议)|(?:意见|建议)[^。\n]{0,40}(?:反馈|寄|发送|发至|电子邮件|提交|报送|传真|邮箱)|征求意见|有异议"
)
_DEPUTIES = re.compile(
    r"代表资格|代表名额|代表(?:出缺|辞职|补选|选举结果)|补选[^。]{0,60}代表|(?:辞去|罢免)[^。]{0,60}代表(?:职务)?|代表(?:的)?(?:补选|变动|名单)|当选[^。]{0,20}代表(?!大会)|选举产生[^。]{0,30}代表(?!大会)"
)
_APPOINT = re.compile(r"(?:决定|批准)?任命|免去|选举[^。]{0,80}为|当选为?|代理|接受[^。]{0,40}辞去")
_FORCE = re.compile(r"(?:现予|予以|现)(?:公布|发布)|公布施行|起施行|施行。")
_RULE = r"(?:条例|办法|规定|规则|细则|法|决定|实施意见|准则|规程|章程|修正案)"
_RULE_TITLE = re.compile(rf"^[^,。:]{{2,60}}{_RULE}(?:\([^()]{{2,12}}\))?$")
_CALLS = (
    (
        re.compile(
            r"任免(?:职|名单|事项|情况)|人事任免|任命名单|免职名单|任职名单|任免$|(?:任命|免职|任职|拟任免)人员名单"
        ),
        Kind.APPOINTMENTS,
    ),
    (
        re.compile(r"(?:议程|日程)(?:\([^()]{0,20}\))?$|主席团|秘书长名单|议案(?:提出|提交)?截止|代表提出议案"),
        Kind.SESSION,
    ),
    (re.compile(r"旁听|听证"), Kind.MEETING),
)


def find_kind(scope: Scope) -> Kind:
    """Return what a notice is. Where two answers are defensible, the one that its title names."""
    title = "".join(scope.title.split())
    body = scope.own[:_LOOK]
    whole = f"{title}\n{body}"
    if kind := _by_title(title, body, scope):
        return kind
    if _is_news(title, body, scope.channel):
        return Kind.NEWS
    if _CONSULT.search(title) or (("公示" in title or "草案" in title) and _ASK.search(whole)):
        return Kind.CONSULTATION
    return Kind.OTHER


def _by_title(title: str, body: str, scope: Scope) -> Kind | None:
    whole = f"{title}\n{body}"
    journalism = _is_journalism(body)
    if re.search(r"(?:公告|通告|令|公布)(?:\(.{1,20}\))?(?:第?.{1,8}号)?(?:\(.{1,20}\))?$", title) and not journalism:
        return _judge_announcement(title, body)
    if journalism or re.search(r"解读|答记者问|图解|一图|侧记|综述|纪实", title):
        return Kind.NEWS
    for call, kind in _CALLS:
        if call.search(title) and not _reports(title):
            return kind
    if _CONSULT.search(title) and not _reports(title):
        return Kind.CONSULTATION
    return _by_ending(title, whole, scope)


def _by_ending(title: str, whole: str, scope: Scope) -> Kind | None:
    ending = re.sub(r"(?:\([^()]{0,30}\)|〔.{0,12}〕|【.{0,12}】)+$", "", title)
    if ending.endswith("决议"):
        return Kind.RESOLUTION
    if ending.endswith("决定") and not _reports(ending[:-2]):
        if re.search(rf"(?:召开|举行)[^。]{{0,30}}{_PLENARY}.{{0,16}}(?:会议)?的?决定$", ending):
            return Kind.SESSION
        return Kind.DECISION
    if re.search(r"(?:报告|审议意见|汇报|说明)$|报告(?:书|摘要|全文)$", ending) and "作报告" not in ending:
        return Kind.REPORT
    if re.search(r"(?:通知|通告|公告|预告|安排)$", ending):
        return _judge_announcement(title, whole)
    if "公示" in ending:
        return Kind.CONSULTATION if _ASK.search(whole) else Kind.OTHER
    if ending.endswith("名单"):
        return Kind.DEPUTIES if "代表" in ending else Kind.APPOINTMENTS
    if (
        _RULE_TITLE.match(ending)
        and (scope.note or re.search(r"第一条|第一章", scope.text))
        and not _reports(ending[:6])
    ):
        return Kind.CONSULTATION if re.search(r"草案|征求意见", title) and _ASK.search(whole) else Kind.PROMULGATION
    return None


def _judge_announcement(title: str, body: str) -> Kind:
    """Return the kind of a 公告, 令 or 通知 by what it does."""
    whole = f"{title}\n{body}"
    if _CONSULT.search(title) or (_CONSULT.search(body[:400]) and _ASK.search(body)):
        return Kind.CONSULTATION
    if re.search(r"旁听|听证", whole):
        return Kind.MEETING
    if "《" in body and _FORCE.search(body) and re.search(r"通过|批准|修订|修正|修改|制定", body):
        return Kind.PROMULGATION
    if _DEPUTIES.search(whole):
        return Kind.DEPUTIES
    if re.search(
        rf"议案|主席团|{_PLENARY}[^。\n]{{0,12}}会议[^。]{{0,20}}(?:召开|举行|会期|开幕)|召开[^。\n]{{0,20}}{_PLENARY}",
        whole,
    ) and not re.search("选举.{0,40}为|当选", body):
        return Kind.SESSION
    if _APPOINT.search(body):
        return Kind.APPOINTMENTS
    if _FORCE.search(body) and "《" in whole:
        return Kind.PROMULGATION
    if (
        re.search(r"会议|座谈|视察|检查|培训", whole)
        and re.search(r"召开|举行|举办|定于|时间", body)
        and not title.endswith("工作的通知")
    ):
        return Kind.MEETING
    return Kind.CONSULTATION if _ASK.search(body) else Kind.OTHER


def _is_journalism(body: str) -> bool:
    return _DATELINE.search(body[:400]) is not None or _BYLINE.search(body) is not None


def _is_news(title: str, body: str, channel: str) -> bool:
    if _is_journalism(body):
        return True
    if (
        channel in {"工作动态", "新闻", "要闻", "工作要闻", "代表工作", "监督工作", "gzdt", "机关建设"}
        and "\n" not in title
    ):
        return not re.search(r"(?:讲话|致辞|要点|计划|规划|方案|制度|招聘|采购|招标|中标)", title)
    return _REPORTED.search(title) is not None and not re.search(
        r"(?:讲话|致辞|要点|计划|规划|方案|制度|招聘|采购|招标)", title
    )


def _reports(title: str) -> bool:
    """Tell whether a title is a sentence about what was done."""
    return re.search(r"(?:召开|举行|闭幕|开幕|通过了|作出|审议|表决)", title) is not None and "关于" not in title[:30]

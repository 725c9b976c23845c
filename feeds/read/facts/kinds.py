"""The kind of a notice: by what its title calls it, by the words that such a text has, and last by its channel."""

from __future__ import annotations

import re

from feeds.facts import Kind
from feeds.read.facts.origins import find_origin
from feeds.read.facts.scope import Scope

_LOOK = 1_500
"""Characters of a notice that are looked at."""
_PLENARY = r"(?:人民代表大会|人代会)(?!常务委员会|常委会|代表)"
_STANDING = re.compile(r"常务委员会|常委会|主任会议|委员长会议|主席团会议")
_PRESIDIUM = r"(?<![乡镇]人大)(?<!人民代表大会)主席团(?!关于|公告|通告|通知|令|办公|组织|开展|工作)"
"""That of a session; a township's signs notices of every kind."""
_TAIL = re.compile(
    r"(?:[(\[〔【(](?:[〔\[]\d{4}[〕\]])?[^()\[\]〔〕【】]{0,30}[)\]〕】)]"
    r"|(?:第|[N][Oo]\.?)? ?[一二三四五六七八九十百零〇○\d]{1,6} ?号"
    r"|全文|\d{4}年第?)+$"
)
"""What may stand behind the word that says what a document is: its number, its stage, 全文."""
_DATELINE = re.compile(
    r"^[^\n]{0,30}?(?:社|网|报|台)(?:客户端)?[^\n。]{0,40}?(?:\d ?日|社|网|报"
    r"|台) {0,2}(?:\([^()\n]{0,40}\))? ?(?:电(?!话|子|邮)|讯(?!息)|消息)"
    r"|^[^\n]{0,20}本(?:报|网|台)(?:讯|消息|记者)|记者(?:从|在|获悉|日前|近日|昨日|今日|[一-鿿]{2,3} )",
    re.MULTILINE,
)
_BYLINE = re.compile(
    r"[(（ \n](?:本报|本网|本刊|全媒体)?(?:记者|通讯员|见习记者) ?[:/ ]? ?[一-鿿 、]{2,20}[)）\n]|\n供稿|\n问:"
)
_TOLD = re.compile(
    r"主持(?:会议|召开)|颁发(?:了)?(?:任命书|证书)|(?:出席|列席)(?:了)?会议|据悉,|昨[天日](?:上午|下午)?[,(]|今天(?:上午|下午)?[,(]"
    r"|^ {0,8}(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:至\d{1,2}日)?(?:上午|下午|晚)?,|近日,|日前,|连日来|(?:[一-鿿]{2,3}"
    r"|代表)(?:说|表示|介绍说|告诉笔者)[。,:]|[”\"](?:[^。\n]{0,30})(?:说|表示|介绍)|\d日(?:上午|下午|晚)\d?",
    re.MULTILINE,
)
"""How a report of what happened begins or quotes."""
_CONSULT = re.compile(
    r"征求[^。\n]{0,80}意见|意见征求|公开征求|征集|征询|听取(?:社会|公众|各方面?)[^。]{0,10}意见|意见建议的(?:公告"
    r"|通告|公示)"
)
_ASK = re.compile(
    r"(?:提出|反馈|反映|寄送|寄|发送|发|提交|报送)[^。\n]{0,30}(?:意见|建议)|(?:意见|建议)[^。\n]{0,40}(?:反馈|寄"
    r"|发送|发至|电子邮件|提交|报送|传真|邮箱)|征求[^。\n]{0,40}意见|有异议"
    r"|如有(?:不同)?(?:意见|问题|情况)[^。\n]{0,40}(?:反映|提出|举报)"
    r"|征集[^。\n]{0,60}(?:意见|建议|线索|问题)|(?:意见|建议|线索)[^。\n]{0,20}征集|征集[^。\n]{0,20}(?:截止|时间|方式|渠道)|来信(?:地址|来函|来电|请寄)"
)
_ANSWERED = re.compile(r"采纳|反馈$|结果|综述|小结")
_SEATS = re.compile(
    r"代表资格(?!审查)|代表名额|代表(?:出缺|辞职|补选|选举结果|变动)|(?:补选|递补)[^。]{0,60}代表(?!大会)|(?:辞去"
    r"|罢免)[^。]{0,60}代表(?!大会)(?:职务)?|代表(?!大会)[^。,]{0,6}(?:名单|候选人)"
    r"|当选[^。]{0,20}代表(?!大会)|(?:选举产生|选出)[^。]{0,30}代表(?!大会)"
)
_APPOINT = re.compile(
    r"(?:决定|批准)?任命|免去|选举[^。]{0,120}为|补选|选出|选举产生|当选为?|代理|接受[^。]{0,40}辞去"
    r"|(?:选举|选出)(?:结果)?(?:如下)? ?[:：] {0,4}\n"
)
_ELECTS = re.compile(r"(?:选举|补选|选出)[^。]{0,200}(?:主任|院长|检察长|市长|区长|县长|省长|州长|主席|秘书长)(?!会议)")
_PUBLISH = re.compile(r"(?:现予|现将[^。]{0,80}予以|予以|现)(?:公布|发布)|公布施行")
_FORCE = re.compile(r"起(?:正式)?(?:施行|实施)|施行。")
_PASSED = re.compile(r"通过|批准|修订|修正|修改|制定|废止")
_RULE = r"(?:条例|办法|规定|规则|细则|法|决定|实施意见|准则|规程|章程|修正案)"
_RULE_TITLE = re.compile(rf"^[^,。:]{{2,60}}{_RULE}$")
_NOTICE = re.compile(r"(?:公告|通告|令)$")
_COMMERCE = re.compile(r"磋商|招标|采购|招聘|中标|成交|询价|竞价|遴选|招录|录用|选任|招募|选聘")
_OWN_TEXT = re.compile(
    r"(?:讲话|纪要|致辞|要点|计划|规划|方案|制度|倡议书?|职能|职责|简介|概况|简历|章程|须知|指南|目录|答复|意见|关于.{2,80}议案)$"
)
_APPOINTING = re.compile(
    r"任免(?!.{0,24}(?:办法|规定|条例|规则|问题|工作(?!人员)|事宜|制度|程序|知识|流程|议案|条件|权(?!限)))|(?:任命|免职|任职)[^,。]{0,40}(?:名单|通知|公告|决定书)"
    r"|(?:名单|通知)[^,。]{0,6}(?:任免)|职务任免"
)
_REPORT = re.compile(
    r"^(?!(?:(?!关于).){0,30}听取).*"
    r"(?:报告|审议意见|汇报|报告书|报告摘要|(?:关于|草案|案\)|修[订改]|起草|制定|编制|执行).*(?<!使用)(?<!填写)(?<!办理)(?<!受理)说明)$"
)
"""A report, or a draft explained; a page that explains how something is used is none."""
_OF_SESSION = re.compile(
    rf"{_PLENARY}[^,。]{{0,14}}会议[^,。]{{0,20}}(?:名单|办法|规则|安排|须知)$"
    rf"|届人大[^,。]{{0,4}}次会议[^,。]{{0,12}}(?:须知|安排|办法)$|{_PRESIDIUM}|秘书长名单|议案(?:的)?(?:提出|提交)?截止"
)
_ELECTED = re.compile("当选|候选人|选举产生|选出(?!的)|选举结果|代表.{0,4}名单")
_POLLS = re.compile("选民|选举日|投票|选区")
"""What is said before an election: nobody is elected yet."""
_BARE_ACT = re.compile(r"(?:任命|任职|免职|任免职|辞职|免去)(?:情况|事项|人员)?$")
_ACTS_BELOW = re.compile(r"(?:任命|免去|批准|接受)[^。]{1,200}(?:为|任|职务|人员|同志|如下|:)")
_INVITES = re.compile(
    r"(?:邀请|欢迎|征集|招募|公开|接受|报名|申请)[^。\n]{0,24}(?:旁听|听证)|(?:旁听|听证)[^。\n]{0,24}(?:报名|名额|席位|申请|预告|须知)"
)
_WILL_SIT = re.compile(
    r"(?:将于|定于|拟于|计划于|订于|将在)[^。;\n]{2,60}(?:召开|举行|举办|听证|开幕)"
    r"|(?:会议|听证|举行|召开|旁听)时间 {0,2}[:为]"
)
_ACTIVITY = re.compile(
    r"召开|举行|闭幕|开幕|举办|开展|审议|视察|调研|会见|考察|强调|指出|走进|来[我哈访]|启动|推进|助力|圆满|顺利|热议"
    r"|座谈|聚焦|出台|逝世|去世|辞去|(?<!提请)任命|履新|当选|通过|表决|获|答记者问|解读|图解|一图|侧记|综述|纪实|访谈|专访|[?!]"
)
_EXPLAINED = re.compile(
    r"[—-]记[^录者要]|解读|答记者问|图解|一图|侧记|综述|纪实|访谈|专访|十问|问答|评论员|社论|述评|时评"
)
_NEWS_CHANNELS = frozenset(
    {"工作动态", "新闻", "要闻", "工作要闻", "代表工作", "监督工作", "gzdt", "dbgz", "jdgz", "时政要闻"}
)


def find_kind(scope: Scope) -> Kind:
    """Return what a notice is. Where two answers are defensible, the one that its title names."""
    title = "".join(scope.title.split())
    body = scope.own[:_LOOK]
    ending = _TAIL.sub("", title)
    if _COMMERCE.search(title) and not re.search("代表", title):
        return Kind.OTHER
    if _is_journalism(body) and not _is_verbatim(title, body, scope):
        return Kind.NEWS
    if _EXPLAINED.search(title):
        return Kind.NEWS
    if _invites_public(title, f"{title}\n{body}"):
        return Kind.MEETING
    if kind := _by_ending(title, ending, body, scope):
        return kind
    if re.search(r"公 ?告(?:$| ?[(〔\[第])|^.{0,40}令(?:$| ?第)", scope.head, re.MULTILINE) and len(scope.head) < 200:
        return _judge_announcement(title, body)
    return _by_manner(title, body, scope)


def _is_verbatim(title: str, body: str, scope: Scope) -> bool:
    """Tell whether a text that an outlet carries is the document itself."""
    return (
        "特此公告" in body
        or ("任免" in title and not _is_told(title) and "任命" in body)
        or (re.search("公告|令", title) is not None and re.search("现予公[布告]", body) is not None)
        or ("公告" in title and re.search(r"公告 ?[(〔\[第]", body[:200]) is not None)
        or (_TAIL.sub("", title).endswith("令") and re.search(r"令 {0,4}[(〔\[第]", body[:200]) is not None)
        or (
            scope.note is not None
            and scope.note[0] < 200
            and re.search("决定$|决议$|名单$|条例$|法$|办法$", title) is not None
        )
    )


def _by_ending(title: str, ending: str, body: str, scope: Scope) -> Kind | None:
    whole = f"{title}\n{body}"
    if not _is_told(title) and (_APPOINTING.search(title) or (_BARE_ACT.search(ending) and _ACTS_BELOW.search(body))):
        return Kind.APPOINTMENTS
    if re.search(r"(?:议程|日程)(?:草案|安排)?$", ending) and not _is_told(title):
        return Kind.MEETING if _STANDING.search(title) else Kind.SESSION
    if _REPORT.search(ending):
        return Kind.DEPUTIES if "代表资格" in title else Kind.REPORT
    if _OF_SESSION.search(ending) and not _is_told(title):
        return Kind.SESSION
    if _CONSULT.search(title) and not _is_told(title):
        return Kind.OTHER if _ANSWERED.search(ending) else Kind.CONSULTATION
    if ending.endswith("决议"):
        return Kind.RESOLUTION
    if ending.endswith("决定") and not _is_told(ending[:-2]):
        session = re.search(rf"(?:召开|举行)[^。]{{0,40}}{_PLENARY}.{{0,24}}决定$|议案.{{0,10}}决定$", ending)
        return Kind.SESSION if session else Kind.DECISION
    if _NOTICE.search(ending) or re.search(r"(?:通知|预告|公布)$", ending):
        return _judge_announcement(title, body)
    if "公示" in ending:
        return Kind.CONSULTATION if _ASK.search(whole) else Kind.OTHER
    if ending.endswith("名单"):
        return Kind.DEPUTIES if re.search("代表(?!大会)", ending) else Kind.APPOINTMENTS
    if (
        _RULE_TITLE.match(ending)
        and (scope.note or re.search(r"第一条|第一章", scope.text))
        and not _is_told(ending[:8])
    ):
        return Kind.CONSULTATION if re.search(r"草案|征求意见", title) and _ASK.search(whole) else Kind.PROMULGATION
    return None


def _invites_public(title: str, whole: str) -> bool:
    """Tell whether a text without 公告 in its title asks people to sign up for a seat in a sitting or hearing."""
    return (
        re.search("旁听|听证", title) is not None
        and _INVITES.search(whole) is not None
        and _WILL_SIT.search(whole) is not None
        and re.search("报名|申请|登记|预约", whole) is not None
    )


def _judge_announcement(title: str, body: str) -> Kind:
    """Return the kind of a 公告, 令 or 通知 by what it does."""
    whole = f"{title}\n{body}"
    if "印发" in title:
        return Kind.OTHER
    if re.search("公示的?(?:公告|通告|通知)", title):
        return Kind.CONSULTATION if _ASK.search(whole) else Kind.OTHER
    if "选举委员会" in title and _POLLS.search(body) and not _ELECTED.search(whole):
        return Kind.OTHER
    formal = not re.search("通知|预告", title)
    if (
        formal
        and "《" in whole
        and _PUBLISH.search(body)
        and not _CONSULT.search(body[:600])
        and (_FORCE.search(body) or _PASSED.search(body))
    ):
        return Kind.PROMULGATION
    if _CONSULT.search(title) or (_CONSULT.search(body[:500]) and _ASK.search(body)):
        return Kind.CONSULTATION
    if re.search(r"旁听|听证", whole) or re.search(
        "召开[^。]{0,40}(?:常委会|常务委员会|主任会议)[^。]{0,20}(?:通知|公告)", title
    ):
        return Kind.MEETING
    if _SEATS.search(whole) and not _ELECTS.search(body):
        return Kind.DEPUTIES
    if _APPOINT.search(body) and not re.search("培训|讲堂|预告|发布会|召开[^。]*通知", title):
        return Kind.APPOINTMENTS
    if _calls_session(title, whole):
        return Kind.SESSION
    if formal and "《" in whole and _FORCE.search(body):
        return Kind.PROMULGATION
    if re.search(r"会议|座谈|视察|检查|培训|讲堂|讲座|发布会|活动", whole) and re.search(
        r"召开|举行|举办|定于|时间", body
    ):
        return Kind.OTHER if re.search("工作的通知$", title) else Kind.MEETING
    return Kind.CONSULTATION if _ASK.search(body) and formal else Kind.OTHER


def _calls_session(title: str, whole: str) -> bool:
    if _STANDING.search(title) and re.search("次会议", title):
        return False
    return (
        re.search(
            rf"议案|{_PLENARY}[^。\n]{{0,12}}会议[^。]{{0,30}}(?:召开|举行|会期|开幕)|召开[^。\n]{{0,20}}{_PLENARY}",
            whole,
        )
        is not None
    )


def _is_journalism(body: str) -> bool:
    return _DATELINE.search(body[:400]) is not None or _BYLINE.search(body) is not None


def _by_manner(title: str, body: str, scope: Scope) -> Kind:
    """Return news for a text that tells what happened, other for one that says something itself."""
    if (
        re.search("征集|征求", body[:400])
        and re.search("留言|邮寄|邮箱|反馈|寄", body)
        and re.search("邀请|启事|金点子", title)
    ):
        return Kind.CONSULTATION
    if ("公示" in title or "草案" in title) and _ASK.search(body):
        return Kind.CONSULTATION
    if _OWN_TEXT.search(_TAIL.sub("", title)):
        return Kind.OTHER
    if find_origin(scope) or scope.channel in _NEWS_CHANNELS or _ACTIVITY.search(title) or _TOLD.search(body):
        return Kind.NEWS
    return Kind.OTHER


def _is_told(title: str) -> bool:
    """Tell whether a title is a sentence about what was done."""
    return (
        re.search(r"召开|举行|闭幕|开幕|通过了|作出|审议|表决|公布\S{0,2}[:：]", title) is not None
        and "关于" not in title[:30]
    )

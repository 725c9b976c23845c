"""What happens at a standing committee, as its own news tell it, and what it reprints."""

from __future__ import annotations

from datetime import timedelta

from feeds.demo.calendar import say_number
from feeds.demo.paper import Block, Draft
from feeds.demo.pen import Pen, load_words, write_paragraphs

_ACTS = ("调研", "视察", "执法检查", "专题调研", "督办")
_PICTURES = ("hall.jpg", "river.jpg")


def _picture(pen: Pen, caption: str) -> Block:
    stamp = f"{pen.at:%Y%m%d}"
    return Block("picture", caption, f"/upload/{stamp}/{stamp}{pen.rng.randint(100, 999)}_{pen.pick(_PICTURES)}")


def _style(pen: Pen) -> str:
    return pen.pick(("plain", "plain", "plain", "word", "br"))


def _visit(pen: Pen, act: str) -> tuple[str, ...]:
    """A leading person goes somewhere, sees things and says what is to be done."""
    leader = pen.word("vices")
    first, second = pen.some("districts", 2)
    seen = pen.rng.sample(pen.topic["seen"], 3)
    topic, office = pen.topic["name"], pen.topic["office"]
    openings = (
        (
            f"{pen.today}，市人大常委会副主任{leader}带队，到{first}、{second}就{topic}情况开展{act}。"
            f"市人大{pen.word('committees')}"
            f"组成人员、部分市人大代表参加，{office}负责同志陪同。"
        ),
        (
            f"为推动{topic}各项任务落实，{pen.today}，市人大常委会{act}组深入{first}，采取实地察看、座谈交流、"
            "随机走访等方式了解"
            f"{topic}情况。市人大常委会副主任{leader}参加{act}。"
        ),
    )
    walks = (
        (
            f"{act}组先后来到{pen.word('streets')}{seen[0]}和{second}{seen[1]}，边走边看、边听边问，"
            "与基层干部群众面对面交流。"
            f"在{seen[2]}，{leader}详细询问了运行管理和经费保障情况。"
        ),
        (
            f"在{seen[0]}、{seen[1]}，{act}组成员仔细察看现场，查阅台账资料，听取有关情况介绍，"
            f"并就群众关心的问题与{office}交换意见。"
        ),
    )
    return (
        pen.pick(openings),
        pen.pick(walks),
        (
            f"座谈会上，{office}汇报了工作情况。{pen.say('facts', 2)}。与会人员认为，"
            f"全市{topic}工作思路清晰、措施有力，同时也要看到，{pen.say('faults', 2)}。"
        ),
        (
            f"{leader}指出，要{pen.say('asks', 2)}。要坚持问题导向，对{act}中发现的问题列出清单、明确时限，"
            "推动整改落实到位。"
        ),
    )


def write_visit(pen: Pen) -> Draft:
    """An inspection by the committee: 监督工作, sometimes 工作动态."""
    act = pen.pick(_ACTS)
    topic = pen.topic["name"]
    title = pen.pick(
        (
            f"市人大常委会{act}{topic}工作",
            f"市人大常委会开展{pen.law}执法检查"
            if act == "执法检查"
            else f"市人大{pen.word('committees')}{act}{topic}工作情况",
            f"市人大常委会副主任{pen.word('vices')}到{pen.word('districts')}{act}{topic}工作",
            f"聚焦{topic} 市人大常委会组织开展{act}",
        )
    )
    blocks = write_paragraphs(*_visit(pen, act))
    if pen.rng.random() < 0.25:
        blocks = (blocks[0], _picture(pen, f"{act}组在现场了解情况"), *blocks[1:])
    return Draft(title, blocks, ("jdgz",), pen.word("editors"), _style(pen))


def write_daily(pen: Pen) -> Draft:
    """An item of work news: 工作动态."""
    topic, district = pen.topic["name"], pen.word("districts")
    place = pen.word("streets")
    choices = (
        (f"{district}人大常委会“三个注重”推进{topic}监督", "注重选题精准、注重过程管控、注重结果运用"),
        (f"市人大常委会召开{topic}工作情况座谈会", "听民声、察实情、谋良策"),
        (f"市人大机关组织学习{pen.law}", "学原文、悟原理、联系实际"),
        (f"{pen.term[1:-1]}届市人大代表走进{place} 面对面听取群众意见", "面对面、心贴心、实打实"),
        (f"{district}人大：代表家站“小切口”解决{topic}“大民生”", "小切口、快办理、真见效"),
        (f"市人大常委会领导到{district}宣讲并调研{topic}工作", "走进基层、走进群众、走进现场"),
        (f"{district}人大常委会专题询问{topic}工作 现场“问”出实效", "问得准、答得实、改得快"),
        (f"市人大常委会机关与{district}{place}开展联学共建", "联学、联建、联办"),
        (f"{place}人大代表联络站：让{topic}意见“码”上办", "线上收集、线下办理、双向反馈"),
        (f"市人大{pen.word('committees')}召开全体会议", "依法履职、提高质量"),
        (f"小小议事厅 议出{topic}“金点子”——{district}践行全过程人民民主见闻", "有事好商量、众人的事情由众人商量"),
    )
    title, motto = pen.pick(choices)
    blocks = write_paragraphs(
        f"连日来，围绕{topic}，{district}有关方面坚持{motto}，把人大监督与基层治理结合起来，"
        "推动一批群众关心的问题得到解决。"
        f"{pen.today}，市人大常委会副主任{pen.word('vices')}参加活动并听取意见。",
        f"在{place}人大代表之家，代表们围绕{topic}踊跃发言。市人大代表{pen.word('people')}说，{pen.say('facts')}，"
        "群众感受是实实在在的；"
        f"但{pen.say('faults')}，希望有关部门拿出硬招实招。",
        f"下一步，将{pen.say('asks')}，并于{(pen.day + timedelta(days=30)).month}月底前开展“回头看”，"
        "确保件件有着落、事事有回音。",
    )
    if pen.rng.random() < 0.3:
        blocks = (*blocks, _picture(pen, f"代表在{place}听取群众意见"))
    return Draft(title, blocks, ("gzdt",), pen.word("editors"), _style(pen))


def write_deputies_news(pen: Pen) -> Draft:
    """News of the deputies' work: 代表工作."""
    topic, name, district = pen.topic["name"], pen.word("people"), pen.word("districts")
    title = pen.pick(
        (
            f"市人大代表{name}：把群众的事放在心上",
            f"市人大常委会督办“关于加强{topic}工作的建议”",
            f"{district}代表小组开展{topic}专题视察",
            f"市人大常委会举办{pen.day.year}年第{say_number(pen.rng.randint(1, 6))}期代表履职培训班",
            f"代表建议“问效”：{topic}有了新变化",
        )
    )
    blocks = write_paragraphs(
        f"“群众选我当代表，我当代表为人民。”{pen.today}，在{district}{pen.word('streets')}，"
        f"市人大代表{name}一边走访一边记录，"
        f"笔记本上写满了居民对{topic}的期盼。",
        f"今年以来，{name}先后提出建议{pen.rng.randint(3, 9)}件，走访选民{pen.rng.randint(60, 300)}人次。"
        f"{pen.say('facts', 2)}。",
        f"{pen.topic['office']}在办理建议时与代表充分沟通，针对“{pen.say('faults')}”等问题，"
        f"制定措施{pen.rng.randint(4, 16)}项。"
        f"代表们建议，要{pen.say('asks')}。",
    )
    return Draft(title, blocks, ("dbgz",), "市人大常委会代表工作室", _style(pen))


def write_party(pen: Pen) -> Draft:
    """News of the committee's own house: 机关建设."""
    title = pen.pick(
        (
            f"市人大机关党组理论学习中心组举行{pen.day.year}年第{say_number(pen.rng.randint(2, 12))}次集体学习",
            "市人大机关开展“书香机关”读书分享活动",
            f"市人大机关党员干部到{pen.word('streets')}开展志愿服务",
            "市人大机关召开作风建设工作推进会",
            f"市人大机关{pen.day.year}年度消防演练圆满完成",
        )
    )
    leader = load_words()["secretary"]
    blocks = write_paragraphs(
        f"{pen.today}，市人大机关开展集体活动，机关各部门负责同志和党员干部{pen.rng.randint(40, 160)}人参加。"
        f"市人大常委会秘书长{leader}主持。",
        f"会议要求，要把学习成果转化为推动工作的实际成效，围绕{pen.topic['name']}等重点监督议题，提升服务保障水平。",
        "大家表示，将立足岗位、担当作为，以更高标准、更实作风做好机关各项工作，努力建设让党放心、"
        "让人民群众满意的“四个机关”。",
    )
    return Draft(title, blocks, ("jgjs",), "市人大机关党委", _style(pen))


def write_meeting(pen: Pen) -> Draft:
    """A meeting of the standing committee was held: 常委会."""
    number, held = pen.meeting
    words = load_words()
    term, no, when = pen.term[1:], say_number(number), f"{held.month}月{held.day}日"
    others = "、".join(words["vices"])
    blocks = write_paragraphs(
        f"{when}，市{term}人大常委会举行第{no}次会议。市人大常委会主任{words['chair']}，副主任{others}，"
        f"秘书长{words['secretary']}"
        f"及委员共{pen.rng.randint(38, 46)}人出席会议，符合法定人数。",
        f"会议听取和审议了市人民政府关于{pen.topic['name']}情况的报告、"
        f"市人大常委会执法检查组关于检查{pen.law}实施情况的报告，"
        "审议了有关地方性法规草案，表决通过有关决定和人事任免事项。",
        f"审议中，组成人员认为，{pen.say('facts')}，同时要重视{pen.say('faults')}等问题。会议要求，{pen.say('asks')}。",
        f"{words['chair']}在会议结束时讲话。会议举行了宪法宣誓仪式。市人民政府、市监察委员会、市中级人民法院、"
        "市人民检察院负责同志列席会议。",
    )
    title = f"市{term}人大常委会第{no}次会议{pen.pick(('举行', '召开', '闭会'))}"
    return Draft(title, (_picture(pen, "会议现场"), *blocks), ("cwh",), "市人大研究室新闻宣传处", "plain")


def write_council(pen: Pen, number: int, meeting: int) -> Draft:
    """A chairpersons' meeting prepared the next meeting: 主任会议."""
    words = load_words()
    no = say_number(number)
    blocks = write_paragraphs(
        f"{pen.today}，市人大常委会主任{words['chair']}主持召开市{pen.term[1:]}人大常委会第{no}次主任会议。"
        f"副主任{'、'.join(pen.some('vices', 4))}，秘书长{words['secretary']}出席会议。",
        f"会议研究了市{pen.term[1:]}人大常委会第{say_number(meeting)}次会议建议议程和日程，"
        f"听取了关于{pen.topic['name']}情况的汇报，"
        f"讨论了市人大{pen.word('committees')}提交的调研报告。",
        f"会议指出，{pen.say('faults')}，要{pen.say('asks')}。",
    )
    return Draft(f"市人大常委会召开第{no}次主任会议", blocks, ("zrhy",), "市人大办公厅秘书处", _style(pen))


def write_reprint(pen: Pen, place: int) -> Draft:
    """National news, with or without a dateline, never with a source line: 工作动态 and the box 要闻."""
    reprints = load_words()["reprints"]
    chosen = reprints[place % len(reprints)]
    first, *rest = (text.format(day=pen.today) for text in chosen["body"])
    if chosen["from"]:
        first = f"{chosen['from']}{pen.today}电（记者闻一舟、柳未央）{first}"
    round_ = place // len(reprints)
    title = chosen["title"] if not round_ else f"{chosen['title']}（{'续二三四五六七八九'[min(round_, 9) - 1]}）"
    return Draft(title, write_paragraphs(first, *rest), ("gzdt",), style=_style(pen), central=True)

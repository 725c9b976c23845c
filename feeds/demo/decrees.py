"""What a standing committee proclaims: rules in force, meetings with seats for visitors, deputies who leave."""

from __future__ import annotations

from datetime import date, timedelta

from feeds.demo.calendar import find_term, say_day, say_number, spell_day, step_workdays
from feeds.demo.paper import Block, Draft
from feeds.demo.pen import CITY, COMMITTEE, SHORT, Pen, sign_paper, write_paragraphs


def write_promulgation(pen: Pen, number: int) -> Draft:
    """公告第N号: a local rule, adopted, approved by the province, in force from a day; then the rule itself."""
    meeting, held = pen.meeting
    term = say_number(find_term(pen.day))
    approved = step_workdays(pen.day, -4)
    adopted = held if held < approved - timedelta(days=20) else held - timedelta(days=42)
    meeting -= adopted != held
    start = date(pen.day.year + (pen.day.month > 11), pen.day.month % 12 + 1, 1)
    name = pen.topic["name"]
    blocks = (
        Block("center", f"第{number}号"),
        *write_paragraphs(
            f"{pen.law}已由{CITY}第{term}届人民代表大会常务委员会第{say_number(meeting)}次会议于{say_day(adopted)}通过，"
            f"黑龙江省第十四届人民代表大会常务委员会第{say_number(max(meeting - 12, 2))}次会议"
            f"于{say_day(approved)}批准，现予公布，"
            f"自{say_day(start)}起施行。"
        ),
        *sign_paper(COMMITTEE, say_day(step_workdays(pen.day, -1))),
        Block("center", f"{CITY}{pen.topic['law']}"),
        Block(
            "center", f"（{say_day(adopted)}{CITY}第{term}届人民代表大会常务委员会第{say_number(meeting)}次会议通过）"
        ),
        Block("heading", "第一章　总则"),
        *write_paragraphs(
            f"第一条　为了规范{name}活动，保障公民、法人和其他组织的合法权益，根据有关法律、行政法规，结合本市实际，"
            "制定本条例。",
            f"第二条　本市行政区域内的{name}及其监督管理，适用本条例。",
            f"第三条　市人民政府统一领导全市{name}工作。{pen.topic['office']}负责组织实施本条例。",
        ),
        Block("heading", "第二章　监督管理"),
        *write_paragraphs(
            f"第四条　有关部门应当{pen.say('asks')}。",
            "第五条　市人民政府应当每年向市人民代表大会常务委员会报告本条例实施情况。",
            f"第六条　本条例自{say_day(start)}起施行。",
        ),
    )
    return Draft(f"{SHORT}公告", blocks, ("tzgg", "lfgz"), "市人大法制工作委员会办公室", "word")


def write_visitors(pen: Pen, number: int | None) -> Draft:
    """A meeting is fixed and ten seats are for visitors; signing up takes two days."""
    meeting, held = pen.meeting
    meeting, held = meeting + 1, held + timedelta(days=42)
    first, second = step_workdays(held, -3), step_workdays(held, -2)
    which = f"{CITY}{pen.term}人民代表大会常务委员会第{say_number(meeting)}次会议"
    opening = (Block("center", f"第{number}号"),) if number else ()
    blocks = (
        *opening,
        *write_paragraphs(
            f"{CITY}{pen.term}人民代表大会常务委员会主任会议决定，{which}于{say_day(held)}召开。会议建议议程为：",
            f"一、审议《{CITY}{pen.topic['law']}（草案）》；",
            f"二、听取和审议市人民政府关于{pen.topic['name']}情况的报告；",
            "三、审议有关人事任免事项。",
            f"根据《{CITY}公民旁听市人民代表大会及其常务委员会会议试行办法》，本次会议设公民旁听席10个。年满18周岁、"
            "具有完全民事行为能力的"
            f"本市公民，可于{first.month}月{first.day}日至{second.month}月{second.day}日上午9时至11时、"
            "下午2时至4时，持本人身份证到"
            "道里区友谊路307号市人大常委会信访接待室报名，额满为止。",
            "咨询电话：84650000。",
            "特此公告。",
        ),
        *sign_paper(f"{COMMITTEE}办公厅", say_day(pen.day)),
    )
    title = f"{SHORT}公告" if number else f"{which}公民旁听公告"
    return Draft(title, blocks, ("tzgg",), "市人大办公厅秘书处")


def write_resignations(pen: Pen, number: int) -> Draft:
    """公告第N号: deputies resigned; how many are left."""
    first, second = pen.some("people", 2)
    district = pen.word("districts")
    left = pen.rng.randint(540, 560)
    blocks = (
        Block("center", f"第{number}号"),
        *write_paragraphs(
            f"因工作变动，{CITY}{district}选出的{CITY}{pen.term}人民代表大会代表{first}、"
            f"{second}本人提出辞去{CITY}{pen.term}人民代表大会"
            f"代表职务。{say_day(step_workdays(pen.day, -3))}，{district}人民代表大会常务委员会会议决定接受{first}、"
            f"{second}辞去代表职务。"
            f"依照代表法的有关规定，{first}、{second}的代表资格终止。",
            f"截至目前，{CITY}{pen.term}人民代表大会实有代表{left}人。",
            "特此公告。",
        ),
        *sign_paper(COMMITTEE, spell_day(pen.day)),
    )
    return Draft(f"{SHORT}公告", blocks, ("tzgg", "xjrm"), "市人大办公厅秘书处")


def write_credentials(pen: Pen) -> Draft:
    """The report on deputies' credentials: its title begins as many others do."""
    gone, came = pen.some("people", 2)
    which = f"{CITY}{pen.term}人民代表大会常务委员会代表资格审查委员会"
    blocks = write_paragraphs(
        f"{which}于{say_day(step_workdays(pen.day, -2))}召开会议，"
        f"对补选的{CITY}{pen.term}人民代表大会代表的代表资格进行了审查。",
        f"{pen.word('districts')}补选{came}为{CITY}{pen.term}人民代表大会代表。审查委员会认为，其选举符合法律规定，"
        "代表资格有效。"
        f"{gone}因去世，其代表资格自然终止。",
        "以上报告，请予审议。",
    )
    return Draft(f"{which}关于个别代表的代表资格的报告", blocks, ("tzgg", "xjrm"), "市人大办公厅秘书处")

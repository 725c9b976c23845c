"""The documents of a standing committee: lists, drafts, decisions, reports."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

from feeds.demo.calendar import (
    find_session,
    say_day,
    say_number,
    step_workdays,
)
from feeds.demo.paper import Block, Draft
from feeds.demo.pen import CITY, COMMITTEE, SHORT, Pen, load_words, pad_name, sign_paper, write_paragraphs


def attach_file(pen: Pen, label: str, ending: str, name: str | None = None) -> Block:
    """A file for download: a number for a name, or a Chinese name percent-encoded in GBK."""
    stem = quote_from_bytes(name.encode("gbk")) if name else f"{pen.at:%Y%m%d%H%M}{pen.rng.randint(1000, 9999)}"
    return Block("file", f"附件：{label}", f"/upload/{pen.at:%Y%m%d}/{stem}.{ending}")


def write_appointments(pen: Pen) -> Draft:
    """A list of appointments and removals, as sentences or as a table."""
    meeting, held = pen.meeting
    names = pen.some("people", 6)
    padded = [pad_name(name) for name in names]
    passed = Block(
        "center",
        f"（{say_day(held)}{CITY}{pen.term}人民代表大会常务委员会第{say_number(meeting)}次会议通过）",
    )
    court, office = pen.pick(load_words()["bodies"][:1] + load_words()["bodies"][2:3]), pen.some("bureaus", 2)
    if pen.rng.random() < 0.5:
        rows = (
            ("姓名", "任（免）", "职务"),
            (padded[0], "任", f"{office[0]}局长" if office[0].endswith("局") else f"{office[0]}主任"),
            (padded[1], "免", f"{office[1]}局长" if office[1].endswith("局") else f"{office[1]}主任"),
            (padded[2], "任", f"{court}审判员"),
            (padded[3], "任", f"{court}{pen.word('courts')}副庭长"),
            (padded[4], "免", f"{court}审判员"),
        )
        blocks: tuple[Block, ...] = (passed, Block("table", rows=rows))
        return Draft(f"{COMMITTEE}任免名单", blocks, ("xjrm",), "市人大办公厅秘书处")
    post = "局长" if office[0].endswith("局") else "主任"
    blocks = (
        passed,
        *write_paragraphs(
            f"决定任命{names[0]}为{office[0]}{post}；",
            f"决定免去{names[1]}（女）的{office[0]}{post}职务；",
            f"任命{padded[2]}、{padded[3]}（满族）为{court}审判员；",
            f"免去{padded[4]}的{court}{pen.word('courts')}副庭长、审判员职务；",
            f"批准任命{names[5]}为哈尔滨市{pen.word('districts')}人民检察院检察长。",
        ),
    )
    title = pen.pick(
        (
            f"{COMMITTEE}决定任免名单",
            f"{COMMITTEE}人事任免名单",
            f"{CITY}{pen.term}人大常委会第{say_number(meeting)}次会议任免名单",
        )
    )
    return Draft(title, blocks, ("xjrm",), "市人大办公厅秘书处")


def write_decision(pen: Pen) -> Draft:
    """A resolution or a decision of the standing committee."""
    meeting, held = pen.meeting
    year, name = held.year, pen.topic["name"]
    title = pen.pick(
        (
            f"{COMMITTEE}关于批准{year}年市本级预算调整方案的决议",
            f"{COMMITTEE}关于修改{pen.law}的决定",
            f"{COMMITTEE}关于加强{name}工作的决定",
            f"{COMMITTEE}关于批准{year - 1}年市本级决算的决议",
            f"{COMMITTEE}关于进一步推进{name}的决议",
        )
    )
    blocks = (
        Block("center", f"（{say_day(held)}{CITY}{pen.term}人民代表大会常务委员会第{say_number(meeting)}次会议通过）"),
        *write_paragraphs(
            f"{CITY}{pen.term}人民代表大会常务委员会第{say_number(meeting)}次会议听取和审议了市人民政府的有关议案和说明。会议认为，"
            f"{pen.say('facts')}，决定：",
            f"一、市人民政府及其有关部门应当{pen.say('asks')}。",
            f"二、针对{pen.say('faults')}等问题，由{pen.topic['office']}牵头制定措施，并向市人大常委会报告。",
            "三、本决定自公布之日起施行。",
        ),
    )
    return Draft(title, blocks, ("jyjd",), "市人大办公厅秘书处", pen.pick(("plain", "word")))


def write_consultation(pen: Pen) -> Draft:
    """A draft is open for opinions until a day; the draft is attached."""
    deadline = step_workdays(pen.day, 22)
    name = f"{CITY}{pen.topic['law']}"
    stage = pen.pick(("草案", "草案修改二稿", "修订草案"))
    blocks = (
        *write_paragraphs(
            f"《{name}（{stage}）》已经市人大常委会会议审议。为提高立法质量，现将该{stage}全文公布，"
            "公开征求社会各界意见。"
            f"请于{say_day(deadline)}前，将意见反馈至市人大常委会法制工作委员会。",
            "电子邮箱：fgw@example.cn",
            "通信地址：道里区友谊路307号市人大常委会法制工作委员会，邮政编码：150018。",
            "联系电话：84650001。",
        ),
        *sign_paper(f"{COMMITTEE}法制工作委员会", say_day(pen.day)),
        attach_file(pen, f"{name}（{stage}）.doc", "doc", f"{name}（{stage}）"),
        attach_file(pen, f"关于《{name}（{stage}）》的说明.pdf", "pdf"),
    )
    title = f"{COMMITTEE}关于公开征求《{name}（{stage}）》意见的通知"
    return Draft(title, blocks, ("tzgg", "lfgz"), "市人大法制工作委员会办公室")


def write_legislation(pen: Pen) -> Draft:
    """News of a rule being made: 立法工作."""
    title = pen.pick(
        (
            f"《{CITY}{pen.topic['law']}（草案）》提请市人大常委会审议",
            f"市人大常委会召开{pen.law}立法论证会",
            f"{pen.law}立法后评估工作启动",
            f"基层立法联系点为{pen.law}“支招”",
        )
    )
    blocks = write_paragraphs(
        f"{pen.today}，市人大{pen.word('committees')}组织召开会议，围绕{pen.law}有关问题进行研究。"
        f"{pen.topic['office']}、市司法局、"
        f"专家学者和基层立法联系点代表参加会议。",
        f"起草部门介绍，{pen.say('facts')}，但{pen.say('faults')}，有必要以法规形式固化经验、破解难题。",
        f"与会人员逐条讨论，提出修改意见{pen.rng.randint(12, 60)}条。会议要求，{pen.say('asks')}，确保法规立得住、"
        "行得通、真管用。",
    )
    return Draft(title, blocks, ("lfgz",), "市人大法制工作委员会办公室", pen.pick(("plain", "word", "br")))


def write_report(pen: Pen) -> Draft:
    """A report to the standing committee, with the headings of its kind."""
    meeting, held = pen.meeting
    name = pen.topic["name"]
    title = pen.pick(
        (
            f"{SHORT}执法检查组关于检查{pen.law}实施情况的报告",
            f"{CITY}人民政府关于{name}情况的报告",
            f"关于{CITY}{held.year}年上半年国民经济和社会发展计划执行情况的报告",
            f"关于{held.year - 1}年度{CITY}{name}专项工作的报告",
        )
    )
    blocks = (
        Block("center", f"——{say_day(held)}在{CITY}{pen.term}人民代表大会常务委员会第{say_number(meeting)}次会议上"),
        Block("center", pad_name(pen.word("people"))),
        *write_paragraphs("主任、各位副主任、秘书长、各位委员：", f"现将{name}有关情况报告如下，请予审议。"),
        Block("heading", "一、主要工作和成效"),
        *write_paragraphs(f"{pen.say('facts', 2)}。有关部门还在{'、'.join(pen.topic['seen'])}等方面开展了工作。"),
        Block("heading", "二、存在的主要问题"),
        *write_paragraphs(f"{pen.say('faults', 2)}。"),
        Block("heading", "三、意见和建议"),
        *write_paragraphs(f"{pen.say('asks', 2)}。", "以上报告，请审议。"),
        attach_file(pen, f"{name}主要指标完成情况表.xls", "xls"),
    )
    return Draft(title, blocks, ("gzbg",), "市人大办公厅秘书处", "word")


def write_research(pen: Pen) -> Draft:
    """A study: 调查研究."""
    name = pen.topic["name"]
    title = pen.pick(
        (
            f"关于我市{name}情况的调研报告",
            f"做好{name}监督工作的几点思考",
            f"完善{name}地方立法的实践与启示",
            f"外地人大{name}监督经验及对我市的启示",
        )
    )
    blocks = (
        *write_paragraphs(
            f"按照年度工作安排，市人大{pen.word('committees')}就{name}开展了专题调研，"
            f"深入{'、'.join(pen.some('districts', 3))}，召开座谈会{pen.rng.randint(4, 12)}场，形成如下报告。"
        ),
        Block("heading", "一、基本情况"),
        *write_paragraphs(f"{pen.say('facts', 2)}。"),
        Block("heading", "二、困难和问题"),
        *write_paragraphs(f"调研发现，{pen.say('faults', 2)}。"),
        Block("heading", "三、对策建议"),
        *write_paragraphs(f"（一）{pen.topic['asks'][0]}。", f"（二）{pen.topic['asks'][1]}。"),
    )
    return Draft(title, blocks, ("dcyj",), "市人大研究室", pen.pick(("plain", "word")))


def write_office(pen: Pen) -> Draft:
    """A small notice of the office: calls for proposals, budgets, holidays: 通知公告."""
    year = pen.day.year
    choices = (
        (
            f"关于征集{year + 1}年度立法项目建议的公告",
            "现面向社会公开征集地方立法项目建议。单位和个人均可就经济社会发展和民生领域的立法需求提出建议。",
            "docx",
        ),
        (f"{SHORT}{year}年度部门预算公开", "现将本部门预算予以公开，接受社会监督。", "xls"),
        (f"关于征集{year + 1}年监督议题建议的公告", "为增强监督工作的针对性和实效性，现公开征集监督议题建议。", "doc"),
        ("关于调整信访接待时间的通知", "因办公场所修缮，信访接待时间调整为工作日上午9时至11时。", "pdf"),
        (
            f"市人大机关{year}年公开遴选公务员公告",
            "根据工作需要，市人大机关面向全市公开遴选公务员，具体岗位和条件见附件。",
            "rar",
        ),
        ("关于聘请预算审查监督咨询专家的公示", "现将拟聘请人员名单予以公示，公示期为5个工作日。", "pdf"),
    )
    title, text, ending = pen.pick(choices)
    deadline = step_workdays(pen.day, 15)
    blocks = (
        *write_paragraphs(
            text,
            f"有关事项请于{say_day(deadline)}前与市人大办公厅联系，联系电话：84650002，联系人：{pen.word('people')}。",
        ),
        *sign_paper(f"{COMMITTEE}办公厅", say_day(pen.day)),
        attach_file(pen, f"有关材料.{ending}", ending),
    )
    return Draft(title, blocks, ("tzgg",), "市人大办公厅秘书处")


def write_session(pen: Pen, place: int) -> Draft:
    """A paper of the yearly session of the congress: 人代会. `place` counts through its kinds."""
    term, number = find_session(pen.day.year)
    which = f"{CITY}第{say_number(term)}届人民代表大会第{say_number(number)}次会议"
    kinds = (
        "议程",
        "主席团和秘书长名单",
        "关于政府工作报告的决议",
        "关于哈尔滨市人民代表大会常务委员会工作报告的决议",
        "公告",
    )
    kind = kinds[place % len(kinds)]
    body: tuple[Block, ...]
    if kind == "议程":
        body = write_paragraphs(
            "一、听取和审议政府工作报告；",
            "二、审查和批准计划报告、预算报告；",
            "三、听取和审议市人大常委会工作报告；",
            "四、选举事项；",
            "五、其他。",
        )
    elif kind.startswith("主席团"):
        names = [pad_name(name) for name in pen.some("people", 30)]
        body = write_paragraphs("主席团（按姓名笔划排列）：", "　".join(names), f"秘书长：{load_words()['secretary']}")
    else:
        body = write_paragraphs(
            f"{which}审议了有关报告。会议认为，过去一年，{pen.say('facts')}。会议决定批准这个报告。",
            f"会议要求，{pen.say('asks')}。",
        )
    blocks = (Block("center", f"（{say_day(pen.day)}{which}通过）"), *body)
    return Draft(f"{which}{kind}", blocks, ("rdh",), "市人大办公厅秘书处")

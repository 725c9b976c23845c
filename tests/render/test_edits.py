"""What an edit says in the feed of changes."""

from dataclasses import replace

from feeds.model import EventKind
from feeds.render.edits import MOST_PARAGRAPHS, EditFacts, render_edit

LINES = ("一、总则", "二、本条例自2027年5月1日起施行。", "三、附则", "四、解释", "五、罚则", "六、其他", "七、备案")
EDIT = EditFacts(
    kind=EventKind.REVISED,
    seen="2026-11-26 09:30",
    before=("关于公布条例的公告", "\n".join(LINES)),
    after=("关于公布条例的公告", "\n".join(LINES).replace("5月1日", "6月1日")),
    changed=("body",),
    page_url="https://feeds.example/n/abcd#r2",
    url="http://www.portal.example/info/1.htm?a=1&b=2",
)


def test_an_edit_shows_what_was_taken_out_and_put_in_between_its_neighbours() -> None:
    html = render_edit(EDIT, str)
    assert "<p>二、本条例自2027年<del>5</del><ins>6</ins>月1日起施行。</p>" in html
    assert "<p>一、总则</p>" in html
    assert "<p>三、附则</p>" in html
    assert "四、解释" not in html
    assert "原网站修改了这条公告（2026-11-26 09:30 发现）" in html
    assert 'href="http://www.portal.example/info/1.htm?a=1&amp;b=2"' in html


def test_moved_days_are_said_in_words_above_what_changed() -> None:
    html = render_edit(replace(EDIT, moved=("施行日期由5月1日改为6月1日 · <moved>",)), str)
    assert html.index("<p><strong>施行日期由5月1日改为6月1日 · &lt;moved&gt;</strong></p>") < html.index("<del>5</del>")


def test_what_is_left_out_between_two_changes_is_marked() -> None:
    after = EDIT.after[1].replace("七、备案", "七、存档")
    html = render_edit(replace(EDIT, after=(EDIT.after[0], after)), str)
    assert "<p>三、附则</p><p>……</p><p>六、其他</p>" in html


def test_another_title_is_shown_beside_the_old_one() -> None:
    html = render_edit(replace(EDIT, after=("关于公布<条例>的公告", EDIT.before[1]), changed=("title",)), str)
    assert "<del>关于公布条例的公告</del> <ins>关于公布&lt;条例&gt;的公告</ins>" in html
    assert "正文" not in html


def test_a_withdrawn_notice_shows_its_last_text_whole() -> None:
    html = render_edit(replace(EDIT, kind=EventKind.WITHDRAWN, after=EDIT.before, changed=("withdrawn",)), str)
    assert all(f"<p>{line}</p>" in html for line in LINES)
    assert "<del>" not in html


def test_changed_files_are_said_and_a_text_too_long_to_compare_as_well() -> None:
    endless = replace(EDIT, after=("关于公布条例的公告", "另\n" * 2000), changed=("body", "attachments"))
    html = render_edit(endless, str)
    assert "附件有变化" in html
    assert "正文有变化" in html


def test_a_text_that_is_another_altogether_is_cut_and_says_so() -> None:
    other = "\n".join(f"第{n}条" for n in range(MOST_PARAGRAPHS + 40))
    html = render_edit(replace(EDIT, after=(EDIT.after[0], other)), str)
    assert html.count("<ins>") <= MOST_PARAGRAPHS
    assert "more paragraphs" in html


def test_what_folds_alike_is_no_difference() -> None:
    """A counter that moved beside a corrected day is nothing that anybody changed."""
    before, after = EDIT.before[1] + "\n浏览：1次\n", EDIT.after[1] + "\n\n浏览：22次"
    html = render_edit(
        replace(EDIT, before=("甲", before), after=("甲", after)), lambda line: "" if "浏览" in line else line
    )
    assert "浏览" not in html
    assert "<ins>6</ins>" in html

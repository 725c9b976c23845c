from __future__ import annotations

from feeds.model import Health
from feeds.render.operator import HealthNews, write_health

STATUS = "https://feeds.test/status"


def test_an_ill_channel_is_told_with_its_problem_and_what_to_do() -> None:
    news = [
        HealthNews("town/tzgg", "通知公告", Health.BROKEN_RECIPE, "no row is left"),
        HealthNews("town/lfgz", "立法工作", Health.SILENT, None),
    ]
    mail = write_health("town", news, STATUS)
    assert mail.subject == "[town] 2 个栏目异常 · 2 ill"
    assert "通知公告(town/tzgg): 读取规则失效 · broken recipe\n  no row is left\n" in mail.text
    assert "feeds add --repair town。" in mail.text
    assert "立法工作(town/lfgz): 久未更新 · silent\n  请打开栏目页核对" in mail.text
    assert mail.text.endswith(f"运行状态 · status: {STATUS}\n")


def test_a_channel_that_is_well_again_needs_no_advice() -> None:
    mail = write_health("town", [HealthNews("town/tzgg", "通知公告", Health.HEALTHY, None)], STATUS)
    assert mail.subject == "[town] 1 个栏目恢复正常 · 1 well again"
    assert "通知公告(town/tzgg): 恢复正常 · well again\n\n运行状态" in mail.text


def test_what_a_portal_says_is_text_in_the_operators_mail() -> None:
    mail = write_health("town", [HealthNews("town/a", "<b>", Health.FAILING, "<script>")], STATUS)
    assert "&lt;script&gt;" in mail.html
    assert "<script>" not in mail.html

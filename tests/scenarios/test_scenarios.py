"""What people do and what devices must do, told in sentences a hall's manager can read."""

from pathlib import Path

import pytest

from scenarios.reading import FORMS, ScenarioError, read, understand
from scenarios.sights import play

FILES = sorted(Path(__file__).parent.glob("*.txt"))
KINDS = (
    "pooled", "social-security", "rental", "not-solved", "business", "collection",
    "lunch-break", "power-cut", "priority-rush", "last-ticket-of-the-day",
)  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_hall_does_what_the_scenario_says(path):
    play(read(path))


def test_there_are_thirty_scenarios_and_every_kind_of_window_among_them():
    assert len(FILES) >= 30
    for kind in KINDS:
        assert any(kind in path.stem for path in FILES), kind


def test_every_sentence_is_used_in_some_scenario():
    used = {line.form.template for path in FILES for line in read(path).lines}
    assert sorted(form.template for form in FORMS if form.template not in used) == []


def test_an_unknown_sentence_names_file_and_line_and_the_nearest_sentence():
    with pytest.raises(ScenarioError) as caught:
        understand("# a title\n时间 9:30\n3 号窗口 顺唿\n", "x.txt")
    assert str(caught.value) == "x.txt:3: “3 号窗口 顺唿” is no sentence; nearest: {n} 号窗口 顺呼"


def test_a_sight_has_no_result_and_a_scenario_has_a_title():
    with pytest.raises(ScenarioError, match=r"x\.txt:2: .*only an act has a result"):
        understand("# a title\n语音 没有叫 → A001\n", "x.txt")
    with pytest.raises(ScenarioError, match=r"x\.txt:1: the first line must be a title"):
        understand("时间 9:30\n", "x.txt")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("甲 取 综合 号 → A002", "结果是 A001"),
        ("1 号窗口 顺呼", "拒绝了：现在没有人等候。"),
        ("甲 取 综合 号 → 拒绝：现在", "没有拒绝"),
        ("1 号窗口 顺呼 → 拒绝：窗口", "拒绝的话是：现在没有人等候。"),
        ("条屏 1 显示 暂停", "条屏是"),
        ("甲 取 没有 号", "没有队列 没有"),
        ("1 号窗口 按 叫号 键", "嘀声"),
    ],
)
def test_what_did_not_come_about_is_named_with_its_line(lines, why):
    with pytest.raises(ScenarioError, match=rf"^x\.txt:2: .*{why}"):
        play(understand(f"# a title\n{lines}\n", "x.txt"))

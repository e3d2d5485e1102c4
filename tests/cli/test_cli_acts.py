"""Every act of a visit, a window, a queue and the hall, typed at the command line.

The daemon is a real process; the commands run in this one, through the same `app` that the
`hallctl` command runs, so that a whole day's acts stay quick.
"""

import ast
import json
import re

import pytest
import typer
from typer.testing import CliRunner

from hallctl.cli.main import app
from hallctl.roles import MAY
from running import ROOT, RawAsker, RunningDaemon, wait_until

CLI = ROOT / "hallctl" / "cli"
BY_OTHERS = {
    "ReportShown": "a screen's proof",
    "Rate": "a resident's pad",
    "GiveReasons": "a resident's pad",
    "AskHelp": "the kiosk's button",
    "PrintMaterials": "the kiosk's button",
}
"""Commands that nobody types, and where they come from."""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = RunningDaemon(tmp_path_factory.mktemp("d"))
    rules = (daemon.hall / "hall.yaml").read_text()
    slow = re.sub(
        r"undo_s: \d+", "undo_s: 60", re.sub(r"recall_gap_s: \d+", "recall_gap_s: 60", rules)
    )
    (daemon.hall / "hall.yaml").write_text(slow)
    daemon.start()
    asker = RawAsker(daemon.state / "bus")
    asker.ask("hello", {"type": "AskHelp", "place": "door"})
    asker.close()
    yield daemon
    daemon.stop()


def counting(text):
    """A text without its numbers."""
    return re.sub(r"\d+", "#", text)


class Hallctl:
    """The command line before one hall."""

    def __init__(self, daemon):
        self.places = ["--hall", str(daemon.hall), "--state", str(daemon.state)]
        self.daemon = daemon

    def run(self, *words):
        return CliRunner().invoke(app, [*map(str, words), *self.places], env={"COLUMNS": "200"})

    def said(self, *words):
        """What a command that must succeed says."""
        found = self.run(*words)
        assert found.exit_code == 0, (words, found.output)
        return found.stdout.strip()

    def asked(self, *words):
        """The result of a command that must succeed, as a program reads it."""
        found = json.loads(self.said(*words, "--json"))
        assert found.pop("ok") is True
        return found

    def refused(self, *words):
        """The code of a refusal, and that it is said in words.

        It is asked twice, and what counts down (请过 60 秒再叫) may have gone on in between.
        """
        spoken = self.run(*words)
        assert spoken.exit_code == 1, (words, spoken.output)
        found = self.run(*words, "--json")
        body = json.loads(found.stdout)
        assert (found.exit_code, body["ok"]) == (1, False)
        assert counting(body["words"]["zh"]) in counting(spoken.stderr.replace("\n", ""))
        return body["code"]

    def issue(self, what="A"):
        return self.asked("issue", what)["label"]

    def status(self):
        return self.asked("status")

    def window(self, number):
        return self.status()["windows"][number - 1]

    def forward(self, seconds):
        """Move the hall's clock."""
        before = self.status()["now"]["wall_s"]
        offset = float(self.daemon.clock.read_text())
        self.daemon.clock.write_text(str(offset + seconds))
        wait_until(lambda: self.status()["now"]["wall_s"] >= before + seconds)

    def events(self):
        found = self.run("journal", "export", "--json")
        return [json.loads(line)["event"] for line in found.stdout.splitlines()]


@pytest.fixture
def hall(daemon):
    """The hall with every window free and nobody waiting."""
    hall = Hallctl(daemon)
    yield hall
    for state in hall.status()["windows"]:
        number = state["number"]
        if state["status"] == "called":
            hall.run("window", "start", number)
        if state["status"] in ("called", "serving"):
            while hall.window(number)["visit"]:
                hall.said("window", "finish", number)
        if state["status"] == "paused":
            hall.said("window", "resume", number)
        if state["staff"]:
            hall.said("window", "sign-off", number)
    if any(hall.status()["waiting"].values()):
        for label in [e["label"] for e in hall.events() if e["type"] == "TicketIssued"]:
            hall.run("ticket", "cancel", label)


def test_a_ticket_is_cancelled_and_its_number_is_not_given_again(hall):
    label = hall.issue()
    assert hall.said("ticket", "cancel", label.lower()) == f"{label} 已取消"
    assert hall.refused("ticket", "cancel", label) == "not_possible"
    assert int(hall.issue()[1:]) == int(label[1:]) + 1


def test_a_ticket_nobody_has_is_refused_in_words(hall):
    for act in (("cancel",), ("rejoin",), ("reprint",), ("item",), ("matter",), ("class",)):
        more = {"item": ["SB01"], "matter": ["SB01"], "class": ["priority"]}.get(act[0], [])
        assert hall.refused("ticket", *act, "Z999", *more) == "unknown_visit"


def test_the_class_the_item_and_more_matters_of_a_ticket_are_set(hall):
    first, second = hall.issue(), hall.issue()
    assert hall.said("ticket", "class", second, "priority") == f"{second} 改为优先"
    assert hall.refused("ticket", "class", second, "priority") == "same_class"
    assert hall.said("ticket", "item", second, "sb01") == f"{second} 办 SB01"
    assert hall.refused("ticket", "matter", second, "SB01") == "matter_twice"
    assert hall.refused("ticket", "matter", second, "XX99") == "unknown_item"
    assert hall.asked("call", 2)["label"] == second
    hall.said("ticket", "class", first, "priority")
    assert hall.said("ticket", "class", first, "ordinary") == f"{first} 改为普通"
    assert hall.run("ticket", "class", first, "royal").exit_code == 2


def test_a_reprint_without_a_printer_is_refused_in_words(hall):
    assert hall.refused("ticket", "reprint", hall.issue()) == "no_printer"


def test_one_ticket_serves_several_matters(hall):
    label = hall.issue("SB01")
    assert hall.said("ticket", "matter", label, "SB02") == f"{label} 加办 SB02"
    hall.said("call", 6)
    hall.said("window", "start", 6)
    assert hall.said("window", "finish", 6) == "6 号窗口办结"
    assert hall.window(6)["status"] == "serving", "one matter is left"
    hall.said("window", "finish", 6)
    assert hall.window(6)["status"] == "idle"


def test_a_visit_is_called_again_missed_and_rejoined_once(hall):
    label = hall.issue()
    hall.said("call", 3)
    assert hall.refused("window", "no-show", 3) == "no_show_early"
    assert hall.refused("window", "recall", 3) == "too_soon"
    for _ in range(2):
        hall.forward(61)
        assert hall.said("window", "recall", 3) == f"再叫 {label} 到 3 号窗口"
    assert hall.said("window", "no-show", 3) == "3 号窗口过号"
    assert hall.said("ticket", "rejoin", label) == f"{label} 已重新排队"
    assert hall.refused("ticket", "rejoin", label) == "not_possible"
    assert hall.asked("call", 3)["label"] == label


def test_a_visit_steps_aside_and_is_called_back(hall):
    label = hall.issue()
    hall.said("call", 4)
    hall.said("window", "start", 4)
    assert hall.said("window", "hold", 4, "--reason", "去复印") == "4 号窗口已挂起"
    assert hall.refused("window", "back", 4, "Z999") == "unknown_label"
    assert hall.said("window", "back", 4) == f"请 {label} 回到 4 号窗口"
    hall.said("window", "hold", 4)
    assert hall.asked("window", "back", 4, label)["label"] == label
    assert [e["reason"] for e in hall.events() if e["type"] == "VisitHeld"] == ["去复印", ""]


def test_a_visit_is_transferred_to_a_window_a_queue_and_back_to_the_pool(hall):
    label = hall.issue()
    hall.said("call", 1)
    assert hall.refused("window", "transfer", 1, "--to", 1) == "same_window"
    assert hall.refused("window", "transfer", 1, "--queue", "Z") == "unknown_queue"
    assert hall.said("window", "transfer", 1, "--to", 2) == "1 号窗口的号已转到 2 号窗口"
    assert hall.asked("call", 2)["label"] == label
    assert "到 B 队列" in hall.said("window", "transfer", 2, "--queue", "b")
    assert hall.asked("call", 6)["label"] == label
    assert "回队列" in hall.said("window", "transfer", 6)
    assert hall.status()["waiting"]["B"] == 1


def test_a_press_is_taken_back_while_that_is_allowed_and_not_later(hall):
    label = hall.issue()
    hall.said("call", 5)
    assert hall.said("window", "undo", 5) == "5 号窗口已撤回上一步"
    assert hall.status()["waiting"]["A"] == 1
    assert hall.refused("window", "undo", 5) == "nothing_to_undo"
    hall.said("call", 5, label)
    hall.forward(61)
    assert hall.refused("window", "undo", 5) == "undo_late"


def test_somebody_without_a_ticket_is_served_and_a_failed_matter_is_raised(hall):
    served = hall.asked("window", "walk-up", 9, "--queue", "q")
    assert served["window"] == 9
    assert hall.refused("window", "walk-up", 9) == "busy"
    stuck = hall.asked("window", "stuck", 9)["label"]
    assert stuck.startswith("F")
    assert hall.refused("window", "stuck", 9) == "already_raised"
    issued = next(e for e in hall.events() if e.get("label") == stuck)
    assert issued["behind"].endswith(served["label"])


def test_a_pause_with_a_reason_and_a_time_returns_the_called_ticket_to_its_place(hall):
    label = hall.issue()
    hall.said("call", 1)
    assert hall.said("window", "pause", 1, "--reason", "取材料", "--until", "16:30") == (
        "1 号窗口暂停"
    )
    state = hall.window(1)
    now = hall.status()["now"]
    assert (state["pause_reason"], state["status"]) == ("取材料", "paused")
    assert state["pause_until_s"] == pytest.approx(
        now["wall_s"] - now["day_s"] + 16.5 * 3600, abs=2
    )
    assert hall.refused("window", "pause", 1) == "paused"
    past = hall.run("window", "pause", 2, "--until", "0:10")
    assert (past.exit_code, "已经过去" in past.stderr) == (1, True)
    assert hall.run("window", "pause", 2, "--until", "noon").exit_code == 2
    assert hall.said("window", "resume", 1) == "1 号窗口恢复"
    assert hall.refused("window", "resume", 1) == "not_paused"
    assert hall.asked("call", 1)["label"] == label


def test_clerks_sign_on_by_number_and_b_needs_a_reason(hall):
    assert hall.refused("window", "sign-on", 6, "9999") == "unknown_staff"
    assert hall.refused("window", "sign-on", 6, "0701") == "cover_reason"
    assert hall.said("window", "sign-on", 6, "0601") == "工号 0601 已在 6 号窗口登录"
    assert hall.window(6)["staff"] == "0601"
    assert "0601" in hall.said("status")
    assert hall.said("window", "sign-off", 6) == "6 号窗口已退出"
    assert hall.refused("window", "sign-off", 6) == "not_signed_on"
    hall.said("window", "sign-on", 6, "0701", "--reason", "A岗休假")
    assert hall.window(6)["post"] == "B"


def test_queues_of_a_window_and_its_helping_are_switched_for_today(hall):
    assert hall.said("window", "queues", 9, "q", "a") == "9 号窗口今天办 Q、A"
    assert hall.refused("window", "queues", 9, "Z") == "unknown_queue"
    label = hall.issue()
    assert hall.asked("call", 9)["label"] == label
    assert "hall.yaml" in hall.said("window", "queues", 9)
    assert hall.said("window", "helping", 6, "on") == "6 号窗口帮办：开"
    assert hall.refused("window", "helping", 6, "on") == "helping_already"
    assert hall.refused("window", "helping", 9, "on") == "helps_nobody"
    hall.said("window", "helping", 6, "off")
    assert hall.run("window", "helping", 6, "maybe").exit_code == 2


def test_a_queue_is_closed_with_a_reason_and_opened_again(hall):
    assert hall.said("queue", "close", "c", "--reason", "系统维护。") == "C 队列今天停号"
    refused = hall.run("issue", "C")
    assert (refused.exit_code, "系统维护" in refused.stderr) == (1, True)
    assert hall.refused("queue", "close", "C") == "queue_closed"
    assert hall.said("queue", "open", "C") == "C 队列恢复取号"
    assert hall.refused("queue", "open", "C") == "queue_open"
    assert hall.refused("queue", "close", "Z") == "unknown_queue"


def test_notices_and_longer_hours_are_set_for_today(hall):
    assert hall.said("notices", "今天下午停电。", "请提前办理。") == "大屏通知：2 条"
    assert "hall.yaml" in hall.said("notices")
    found = [e["notices"] for e in hall.events() if e["type"] == "NoticesSet"]
    assert found == [["今天下午停电。", "请提前办理。"], []]
    assert hall.said("extend", "18:30") == "延时服务到 18:30"
    assert hall.refused("extend", "12:00") == "extend_later"
    for wrong in ("24:00", "18:60", "evening", "18.30"):
        assert hall.run("extend", wrong).exit_code == 2, wrong


def test_whoever_called_for_help_is_told_that_somebody_comes(hall):
    assert hall.said("answer-help", "door") == "有人去 door 了"
    assert hall.refused("answer-help", "door") == "no_help"


def test_everybody_leaves_and_comes_back(hall):
    assert hall.run("evacuate", "start").exit_code == 1  # nobody says yes
    assert hall.said("evacuate", "start", "--yes") == "正在疏散"
    assert hall.refused("window", "pause", 4) == "evacuation"
    assert hall.said("window", "clear", 4) == "4 号窗口一带已清空"
    assert "号码和次序都没变" in hall.said("evacuate", "end")
    assert hall.refused("evacuate", "end") == "no_evacuation"


def test_a_notice_of_what_is_missing_needs_a_printer_and_materials_that_there_are(hall):
    assert hall.refused("window", "notice", 1, "SB01", 99) == "unknown_material"
    assert hall.refused("window", "notice", 1, "SB01", 1) == "no_printer"


def test_no_window_of_that_number_is_said(hall):
    for act in ("recall", "start", "finish", "no-show", "hold", "back", "transfer", "undo",
                "walk-up", "stuck", "pause", "resume", "sign-off", "queues"):  # fmt: skip
        assert hall.refused("window", act, 77) == "unknown_window", act


def test_a_hall_without_a_voice_says_so_and_can_be_quiet(hall):
    assert "devices.yaml 里没有语音设备" in hall.said("voice")
    assert "静音 45 分钟" in hall.said("voice", "quiet", "45")
    assert "静音到 10:" in hall.said("voice")
    assert hall.said("voice", "on") == "语音恢复"


def test_the_status_shows_alerts_in_words(hall):
    hall.said("window", "pause", 7)
    hall.forward(16 * 60)
    found = wait_until(lambda: hall.status()["alerts"])
    pause = next(a for a in found if a["kind"] == "pause")
    assert (pause["subject"], pause["level"]) == ("7", "red")
    assert pause["words"] in hall.said("status")


def commands(group, *before):
    """The words of every command; those that are imported late are imported."""
    found = []
    for name, command in group.commands.items():
        late = getattr(group, "LATE", {}).get(name)
        real = late.load(name) if late else command
        words = (*before, name)
        found += commands(real, *words) if hasattr(real, "commands") else [words]
    return found


COMMANDS = commands(typer.main.get_command(app))


ONES = {("notices",), ("extend",), ("answer-help",)}
ALONE = {("ticket", "sheet")}
"""Makes a file from hall.yaml and asks no daemon."""
GROUPS = ("ticket", "window", "queue", "voice")
TYPED = [w for w in COMMANDS if (w[0] in GROUPS and w not in ALONE) or w in ONES]


@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_help_of_every_act_names_its_options(words):
    found = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "120"})
    assert found.exit_code == 0
    for option in ("--hall", "--state", "--json"):
        assert option in found.stdout
    assert len(found.stdout) > 400


def test_the_acts_are_found():
    assert len(TYPED) >= 30
    assert {("ticket", "enter"), ("window", "hold"), ("queue", "open"), ("notices",)} <= set(TYPED)


def made_in(source):
    """The commands (`c.CallNext(…)`) that a source makes."""
    return {
        node.func.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "c"
    }


def test_every_command_that_people_ask_for_can_be_typed():
    """Read off the sources of the command line: each class of `commands.py` is made somewhere."""
    made = set().union(*(made_in(path.read_text("utf-8")) for path in CLI.glob("*.py")))
    wanted = {name for may in MAY.values() for name in may} - set(BY_OTHERS)
    assert wanted - made == set()


def test_nobody_there_is_said_with_what_to_type(tmp_path):
    found = CliRunner().invoke(
        app, ["window", "undo", "1", "--state", str(tmp_path)], env={"COLUMNS": "200"}
    )
    assert (found.exit_code, "hallctl run" in found.stderr) == (69, True)

"""Numbers on pre-printed paper at the command line: entered one by one, by list, and printed."""

import json
import re
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from hallctl.cli import paperlist
from hallctl.cli.main import app
from hallctl.core import commands as c
from running import ROOT, RunningDaemon, wait_until


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = RunningDaemon(tmp_path_factory.mktemp("d"))
    daemon.start()
    wait_until((daemon.state / "bus" / "guide").exists)
    yield daemon
    daemon.stop()


class Guide:
    """The guide's command line before one hall, whose clock began at 9:30."""

    def __init__(self, daemon):
        self.places = ["--hall", str(daemon.hall), "--state", str(daemon.state)]

    def run(self, *words):
        return CliRunner().invoke(app, [*map(str, words), *self.places], env={"COLUMNS": "200"})

    def enter(self, *words):
        return self.run("ticket", "enter", *words)

    def asked(self, *words):
        found = self.run(*words, "--json")
        assert found.exit_code == 0, found.output
        return json.loads(found.stdout)

    def report(self):
        """The day's report, its visits by label."""
        found = self.asked("report", "today")
        return found | {"visits": {v["label"]: v for v in found["visits"]}}


@pytest.fixture(scope="module")
def guide(daemon):
    return Guide(daemon)


def clock(visit, field):
    """A time of a report as 9:12, in the hall's zone (UTC+8)."""
    day_s = (visit[field] + 8 * 3600) % 86400
    return f"{int(day_s // 3600)}:{int(day_s % 3600 // 60):02d}"


def test_a_number_that_waits_is_called_before_those_who_came_later(guide):
    later = guide.asked("issue", "A")["label"]
    found = guide.enter("a905", "--came", "9:12")
    assert (found.exit_code, found.stdout.strip()) == (0, "A905  9:12 来，排入队列，前面 0 人")
    assert "到 1 号窗口" in guide.run("call", 1).stdout
    assert guide.asked("call", 2)["label"] == later
    row = guide.report()["visits"]["A905"]
    assert (row["outcome"], row["why"]) == ("called", "预印号，按来的时间轮到")
    assert row["waited_s"] > 17 * 60, "it has waited since 9:12"


def test_a_number_that_was_served_is_counted_and_not_called(guide):
    before = guide.report()
    served = ("--window", 6, "--from", "9:05", "--to", "9:17", "--item", "sb01", "--priority")
    found = guide.enter("B905", "--came", "9:00", *served)
    assert found.stdout.strip() == "B905  9:00 来，6 号窗口 9:05–9:17 已办完，记下了"
    after = guide.report()
    row = after["visits"]["B905"]
    assert (row["outcome"], row["window"], row["calls"], row["rated"]) == ("finished", 6, 0, None)
    assert (row["item"], row["klass"], row["walk_up"]) == ("SB01", "priority", False)
    assert (row["waited_s"], row["served_s"]) == (300, 720)
    times = [clock(row, f) for f in ("taken_s", "called_s", "started_s", "ended_s")]
    assert times == ["9:00", "9:05", "9:05", "9:17"]
    at = [next(w for w in day["windows"] if w["window"] == 6) for day in (before, after)]
    assert at[1]["visits"] - at[0]["visits"] == 1
    assert at[1]["served_s"] - at[0]["served_s"] == 720
    wait = next(w for w in after["waits"] if (w["queue"], w["klass"]) == ("B", "priority"))
    assert (wait["taken"], wait["finished"], wait["mean_s"]) == (1, 1, 300)
    assert guide.asked("status")["waiting"]["B"] == 0
    assert len(after["calls"]) == len(before["calls"])


def unwrapped(words):
    """Without blanks: a console wraps at any of them."""
    return "".join(words.split())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("A905", "--came", "9:12"), "entered_already"),
        (("A100", "--came", "9:12"), "not_preprinted"),
        (("A910", "--came", "23:12"), "not_yet"),
        (("A910", "--came", "7:00"), "came_early"),
        (("A910", "--came", "9:12", "--window", "3"), "served_half"),
        (("A910", "--came", "9:12", "--item", "nope"), "unknown_item"),
    ],
)
def test_a_refusal_is_said_in_words(guide, words, code):
    spoken = guide.enter(*words)
    told = guide.enter(*words, "--json")
    body = json.loads(told.stdout)
    assert (spoken.exit_code, told.exit_code, body["code"]) == (1, 1, code)
    assert unwrapped(body["words"]["zh"]) in unwrapped(spoken.stderr)
    assert unwrapped(body["words"]["en"]) in unwrapped(spoken.stderr)


@pytest.mark.parametrize(
    "words", [(), ("A905",), ("A905", "--came", "quarter"), ("--came", "9:12")]
)
def test_who_leaves_something_out_is_told_what(guide, words):
    found = guide.enter(*words)
    assert found.exit_code == 2
    assert "Usage" in found.stderr


LIST = """号码,来的时间,窗口,开始,办结,事项,优先,备注
# 2026-11-23 停机 8:50 到 9:30
F901,9:01,8,9:02,9:10,,,顺利
F902,9：05,８号窗口,9:11,9:25,,,
F903,9:08,,,,,是,还在等

f904,9:2,,,,,,
F905,,,,,,,
,9:12,,,,,,
F906,9:12,八,,,,,
F907,9:12,,,,,也许,
F001,9:12,,,,,,
F908,9:12,8,9:30,9:20,,,
F909,09:14:30,,,,,,
"""


def test_a_list_is_entered_line_by_line_and_bad_lines_are_named(guide, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    found = guide.enter("--file", file)
    assert found.exit_code == 1
    assert "补录 4 个，早已补录 0 个，没录进 7 行" in found.stdout
    assert "F902  9:05 来，8 号窗口 9:11–9:25 已办完，记下了" in found.stdout
    bad = re.findall(r"list\.csv:(\d+): (.*)", found.stderr)
    assert [int(line) for line, _ in bad] == [7, 8, 9, 10, 11, 12, 13]
    reasons = ["“9:2”不是时间", "没有写来的时间", "没有写号码", "“八”不是窗口号", "“也许”不是类别",
               "F001 不是预印号", "时间先后不对"]  # fmt: skip
    for (_, words), reason in zip(bad, reasons, strict=True):
        assert reason in words
    visits = guide.report()["visits"]
    assert [v for v in sorted(visits) if v[0] == "F"] == ["F901", "F902", "F903", "F909"]
    assert (visits["F903"]["klass"], visits["F903"]["outcome"]) == ("priority", "waiting")
    assert clock(visits["F909"], "taken_s") == "9:14"


def test_the_same_list_again_says_what_is_there_already_and_doubles_nothing(guide, tmp_path):
    file = tmp_path / "again.csv"
    file.write_text("Q901,9:01,9,9:02,9:10\nQ902,9:02\n", encoding="utf-8")
    first = guide.asked("ticket", "enter", "--file", file)
    assert first == {"ok": True, "entered": ["Q901", "Q902"], "already": [], "bad": []}
    before = guide.report()
    again = guide.asked("ticket", "enter", "--file", file)
    assert again == {"ok": True, "entered": [], "already": ["Q901", "Q902"], "bad": []}
    assert guide.report()["visits"].keys() == before["visits"].keys()
    assert "早已补录 2 个" in guide.enter("--file", file).stdout
    assert "Q901 号今天 9:3" in guide.enter("--file", file).stderr


def test_a_list_that_is_not_there_is_said(guide, tmp_path):
    found = guide.enter("--file", tmp_path / "none.csv")
    assert (found.exit_code, "none.csv" in found.stderr) == (1, True)
    assert guide.enter("A905", "--file", tmp_path / "none.csv").exit_code == 2


def test_a_list_out_of_a_spreadsheet_is_read_in_its_own_coding_and_columns(tmp_path):
    wanted = c.EnterPreprinted(
        label="A905", came_day_s=9 * 3600 + 720, served_at=3,
        started_day_s=10 * 3600, finished_day_s=10 * 3600 + 60,
    )  # fmt: skip
    text = "窗口;号码;开始;办结;来\n3;A905;10:00;10:01;9:12\n"
    for coding in ("utf-8", "utf-8-sig", "gb18030"):
        file = tmp_path / coding
        file.write_text(text, encoding=coding)
        (line,) = paperlist.read(file)
        assert (line.at, line.command) == (2, wanted)
    tabs = "number\tcame\twindow\tfrom\tto\nA905\t9:12\t3\t10:00\t10:01"
    assert [x.command for x in paperlist.lines(tabs)] == [wanted]
    assert [x.command for x in paperlist.lines("A905,9:12,3,10:00,10:01")] == [wanted]
    assert list(paperlist.lines("")) == []


class Cards(HTMLParser):
    """The numbers on the pages of a sheet, and everything it would load."""

    def __init__(self, text):
        super().__init__()
        self.pages, self.loaded, self._into = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        words = (named.get("class") or "").split()
        if "page" in words:
            self.pages.append([])
        self._into = "number" in words
        self.loaded += [v for k, v in attrs if k in ("src", "href")]

    def handle_data(self, text):
        if self._into:
            self.pages[-1].append(text)
            self._into = False


def sheet(to, *words, hall=ROOT):
    run = ["ticket", "sheet", "--hall", str(hall), "--out", str(to), *map(str, words)]
    return CliRunner().invoke(app, run, env={"COLUMNS": "200"})


@pytest.mark.parametrize(("per_page", "pages"), [(8, 13), (12, 9)])
def test_a_sheet_has_every_number_of_a_queue_once_in_order(tmp_path, per_page, pages):
    file = tmp_path / "a.html"
    found = sheet(file, "--queue", "a", "--per-page", per_page)
    assert (found.exit_code, f"共 {pages} 页" in found.stdout) == (0, True)
    text = file.read_text("utf-8")
    cards = Cards(text)
    assert [x for page in cards.pages for x in page] == [f"A{n}" for n in range(901, 1000)]
    assert len(cards.pages) == pages
    assert max(len(page) for page in cards.pages) == per_page
    assert cards.loaded == []
    assert "赤坭镇便民服务中心" in text
    assert "综合 1–5 号窗口" in text


def test_sheets_of_all_queues_each_begin_a_page(tmp_path):
    file = tmp_path / "all.html"
    assert sheet(file).exit_code == 0
    firsts = [page[0] for page in Cards(file.read_text("utf-8")).pages[::13]]
    assert firsts == ["A901", "B901", "C901", "F901", "Q901", "L901"]


@pytest.mark.parametrize(
    "words", [("--queue", "Z"), ("--per-page", 10)], ids=["no such queue", "no such page"]
)
def test_a_sheet_that_cannot_be_is_refused(tmp_path, words):
    found = sheet(tmp_path / "a.html", *words)
    assert (found.exit_code, (tmp_path / "a.html").exists()) == (2, False)


def test_a_sheet_is_for_a_browser_and_for_a_hall_that_has_such_numbers(tmp_path):
    assert sheet(tmp_path / "a.pdf").exit_code == 2
    for name in ("hall.yaml", "catalogue.yaml"):
        text = (ROOT / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("preprinted: 901-999", "preprinted: none"))
    (tmp_path / "devices.yaml").write_text("devices: {}\n")
    found = sheet(tmp_path / "a.html", hall=tmp_path)
    assert (found.exit_code, "preprinted" in found.stderr) == (1, True)

"""`hallctl selftest` before a running hall with twins, and before none."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from hallctl.cli.main import app
from rigged import NAMES, Person, RiggedHall
from running import INTERRUPTIBLE, PATIENT_S, ROOT, hall_folder, wait_until


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    rig = RiggedHall(tmp_path_factory.mktemp("r"))
    yield rig
    rig.close()


@pytest.fixture
def hall(rig):
    """The hall with nothing wrong and no test running."""
    yield rig
    for name, wire in rig.twins.wires.items():
        for fault in list(wire.faults_on):
            rig.fault(name, fault, on=False)
    wait_until(lambda: rig.up() == NAMES, 60)
    wait_until(lambda: all(t["result"] for t in rig.status()["tests"]))


def of(body, device):
    """A device's test in what a program reads."""
    return next(test for test in body["tests"] if test["device"] == device)


def steps(test):
    return {finding["step"]: finding["result"] for finding in test["findings"]}


def test_all_devices_and_the_computer_are_asked_and_the_journal_has_it(hall):
    status, body = hall.asked("selftest")
    assert {test["device"] for test in body["tests"]} == NAMES | {"computer"}
    assert of(body, "printer-1")["result"] == "passed"
    assert of(body, "keypads")["result"] == "untested"
    computer = steps(of(body, "computer"))
    assert computer["journal"] == "passed"
    assert computer["clock:journal"] == computer["disk:write"] == "passed"
    assert status in (1, 3), "keypads cannot be asked, so not everything has passed"
    ended = {event["test"]: event for event in hall.events("DeviceTestEnded")}
    for test in body["tests"]:
        assert ended[test["test"]]["device"] == test["device"]
    found = [e for e in hall.events("DeviceTestFound") if e["test"] == of(body, "computer")["test"]]
    assert [e["step"] for e in found] == [f["step"] for f in of(body, "computer")["findings"]]


def test_passed_failed_and_not_tested_end_differently(hall):
    assert hall.asked("selftest", "printer-1")[0] == 0
    assert hall.asked("selftest", "printer-1", "keypads")[0] == 3
    hall.fault("printer-1", "paper_out")
    status, body = hall.asked("selftest", "printer-1", "keypads")
    assert status == 1
    paper = next(f for f in of(body, "printer-1")["findings"] if f["step"] == "paper")
    assert (paper["result"], paper["code"]) == ("failed", "paper_out")
    assert "合上盖子" in paper["mend"]["zh"]
    words = hall.run("selftest", "printer-1").stdout
    assert "没有纸了" in words
    assert "1 项不合格：printer-1" in words


def test_a_device_that_is_unplugged_is_said_to_be(hall):
    hall.fault("pad-3", "unplug")
    wait_until(lambda: "pad-3" not in hall.up())
    status, body = hall.asked("selftest", "pad-3")
    assert status == 1
    assert [f["code"] for f in of(body, "pad-3")["findings"]] == ["unplug"]


def test_in_opening_hours_it_says_what_it_disturbs_and_asks_first(hall):
    before = len(hall.events("DeviceTestBegun"))
    told = hall.run("selftest", "printer-1", "voice-1", "--level", "external", text="n\n")
    assert told.exit_code == 1
    assert "现在正在办公" in told.stderr
    assert "打印机各打一张测试页" in told.stderr
    assert "测试音" in told.stderr
    assert "评价器" not in told.stderr
    assert len(hall.events("DeviceTestBegun")) == before
    nobody_answers = hall.run("selftest", "printer-1", "--level", "external")
    assert nobody_answers.exit_code == 1
    assert "--yes" in nobody_answers.stderr
    assert "不打扰任何人" in hall.run("selftest", "printer-1").stderr


def test_external_prints_shows_and_sounds_and_the_results_come_on_paper(hall):
    slips = len(hall.twins.state("printer-1")["slips"])
    status, body = hall.asked(
        "selftest", "printer-1", "strips", "voice-1", "--level", "external", "--yes",
        "--print", "kiosk-1",
    )  # fmt: skip
    assert status == 0, body
    assert steps(of(body, "printer-1"))["print"] == "passed"
    assert steps(of(body, "voice-1"))["tone"] == "passed"
    wait_until(lambda: len(hall.twins.state("printer-1")["slips"]) == slips + 2)
    form, results = hall.twins.state("printer-1")["slips"][-2:]
    assert "打印测试" in "".join(form["text"])
    assert form["cut"]
    lines = "\n".join(results["text"])
    assert "设备自检结果" in lines
    assert "打印测试页：合格" in lines
    assert "strips" in lines


def test_results_that_no_printer_can_print_are_no_success(hall):
    hall.fault("printer-1", "unplug")
    wait_until(lambda: "printer-1" not in hall.up())
    told = hall.run("selftest", "voice-1", "--print", "window-77")
    assert told.exit_code in (0, 1)  # a held slip waits; a refused one is said
    assert ("送去打印" in told.stderr) is (told.exit_code == 0)


def test_a_person_at_the_devices_settles_what_cannot_be_asked(hall):
    with Person(hall):
        told = hall.run(
            "selftest", "keypads", "pad-3", "--level", "interactive", "--window", "3", "--yes",
            text="y\ny\n",
        )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "请在 3 号窗口的键盘上按【顺呼】，15 秒内" in told.stderr
    assert "请在 3 号窗口的评价器上按【非常满意】" in told.stderr
    assert "全部合格" in told.stdout
    assert not hall.events("TicketCalled"), "keys pressed in a test call nobody"
    asked = [event["window"] for event in hall.events("DeviceTestAsked")]
    assert set(asked) == {3}
    seen = [e for e in hall.events("DeviceTestFound") if e["step"].startswith("seen:")]
    assert {e["result"] for e in seen} == {"passed"}


def test_what_the_person_did_not_see_has_failed(hall):
    with Person(hall):
        told = hall.run("selftest", "strips", "--level", "interactive", "--yes", text="n\n")
    assert told.exit_code == 1
    assert "没有显示出来" in told.stdout
    assert hall.events("DeviceTestFound")[-1]["code"] == "not_shown"


def test_what_the_person_said_and_could_not_be_noted_is_told(hall, monkeypatch):
    """While the person looks, a colleague begins another test of the same device."""

    def looks(words, **_):
        hall.fault("strips", "silence")  # so that it lasts
        hall.asker.ask("colleague", {"type": "TestDevice", "device": "strips", "level": "external"})
        return True

    monkeypatch.setattr("typer.confirm", looks)
    with Person(hall):
        told = hall.run("selftest", "strips", "--level", "interactive", "--yes")
    assert "strips：您说的没有记进日志" in told.stderr


def test_window_takes_only_what_belongs_to_it(hall):
    _, body = hall.asked("selftest", "--window", "3")
    assert [test["device"] for test in body["tests"]] == ["keypads", "strips", "pad-3"]
    assert steps(of(body, "strips")) == {"wire": "passed", "answer:3": "passed"}
    assert hall.run("selftest", "--window", "7").exit_code == 2


def test_a_name_nobody_has_is_said_with_those_there_are(hall):
    told = hall.run("selftest", "printer-7")
    assert told.exit_code == 2
    assert "printer-7" in told.stderr
    assert "printer-1" in told.stderr


def test_a_window_that_serves_is_not_disturbed(hall):
    assert hall.run("issue", "A").exit_code == 0
    assert hall.run("call", "3").exit_code == 0
    try:
        status, body = hall.asked("selftest", "keypads", "--level", "interactive", "--yes")
    finally:
        hall.run("window", "start", "3")
        hall.run("window", "finish", "3")

        def rated():
            """Pressed until it counts: the pad may not have been asked yet."""
            hall.twins.press("pad-3", {"grade": 5})
            return not hall.status()["windows"][2]["rating"]

        wait_until(rated, every_s=1)
    assert status == 3
    assert "3 号窗口" in of(body, "keypads")["refused"]["zh"]


def test_ctrl_c_breaks_the_test_off_on_the_device_as_well(hall):
    words = ["selftest", "keypads", "--level", "interactive", "--yes"]
    places = ["--hall", hall.daemon.hall, "--state", hall.daemon.state]
    typed = subprocess.Popen(
        [*INTERRUPTIBLE, *words, *places],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    wait_until(lambda: any(t["asks"] for t in hall.status()["tests"]))
    typed.send_signal(signal.SIGINT)
    _, words = typed.communicate(timeout=PATIENT_S)
    assert typed.returncode == 130
    assert "已停止自检" in words
    assert "Traceback" not in words
    assert len(hall.events("DeviceTestStopped")) == 1
    wait_until(lambda: all(t["result"] for t in hall.status()["tests"]))


def test_a_visit_is_rehearsed_to_its_end_and_counts_nowhere(hall):
    waiting = hall.status()["waiting"]
    issued = len(hall.events("TicketIssued"))
    with Person(hall):
        told = hall.run("selftest", "visit", "--window", "3", "--yes")
    assert told.exit_code == 0, told.output
    for words in ("测试票已打出", "语音已播完", "办理中", "按一个评价", "演练完成"):
        assert words in told.stdout
    assert len(hall.events("TicketIssued")) == issued
    assert hall.status()["waiting"] == waiting
    with Person(hall):
        status, body = hall.asked("selftest", "visit", "--window", "3", "--yes")
    assert (status, body["reason"], body["slip"], body["heard"]) == (0, "done", "printed", True)
    assert [s["stage"] for s in body["stages"]] == ["called", "heard", "serving", "rating", "done"]


def test_a_rehearsal_whose_ticket_did_not_come_is_not_all_right(hall):
    hall.fault("printer-1", "paper_out")
    wait_until(lambda: "没有纸了" in hall.run("devices").stdout)
    with Person(hall):
        status, body = hall.asked("selftest", "visit", "--window", "3", "--yes")
    assert (status, body["reason"]) == (3, "done")
    assert body["slip"] != "printed"


def test_a_rehearsal_asks_first_and_a_strange_window_is_refused_in_words(hall):
    told = hall.run("selftest", "visit", "--window", "3", text="n\n")
    assert told.exit_code == 1
    assert not hall.status()["rehearsals"]
    status, body = hall.asked("selftest", "visit", "--window", "33", "--yes")
    assert (status, body["reason"]) == (1, "unknown_window")
    assert "33" in body["words"]["zh"]


def test_ctrl_c_ends_the_rehearsal_at_the_window(hall):
    words = ["selftest", "visit", "--window", "1", "--yes"]
    places = ["--hall", hall.daemon.hall, "--state", hall.daemon.state]
    typed = subprocess.Popen(
        [*INTERRUPTIBLE, *words, *places], cwd=ROOT, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    wait_until(lambda: hall.status()["rehearsals"])
    typed.send_signal(signal.SIGINT)
    said, errors = typed.communicate(timeout=PATIENT_S)
    assert typed.returncode == 130, errors
    assert "演练已停止" in said
    assert not hall.status()["rehearsals"]


def test_a_new_roll_is_told_and_tickets_are_counted_from_there(hall):
    assert hall.run("paper", "loaded", "printer-1", "--length", "30").exit_code == 0
    assert hall.events("PaperLoaded")[-1]["length_mm"] == 30_000
    assert hall.status()["paper_left"]["printer-1"] > 50
    strange = hall.run("paper", "loaded", "strips")
    assert strange.exit_code == 1
    assert "strips" in strange.stderr


@pytest.fixture
def deaf_port():
    """A port that nobody else can have, and where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_without_a_daemon_computer_and_wires_are_checked_all_the_same(tmp_path, deaf_port):
    folder = hall_folder(
        tmp_path / "hall",
        "devices:\n"
        "  pad-1: {driver: pad_serial, link: {serial: /dev/serial/by-path/nothing}, window: 1}\n"
        f'  printer-1: {{driver: escpos, link: {{tcp: "127.0.0.1:{deaf_port}"}}}}\n',
    )
    state = tmp_path / "s"
    state.mkdir()
    words = ["selftest", "--hall", str(folder), "--state", str(state)]
    told = CliRunner().invoke(app, [*words, "--json"])
    assert told.exit_code == 69
    body = json.loads(told.stdout)
    for name in ("pad-1", "printer-1"):
        assert [f["code"] for f in of(body, name)["findings"]] == ["unplug"]
    assert steps(of(body, "computer"))["disk:write"] == "passed"
    assert "hallctl run" in CliRunner().invoke(app, words, env={"COLUMNS": "200"}).stdout
    (folder / "devices.yaml").write_text("devices: [\n")
    broken = CliRunner().invoke(app, words)
    assert broken.exit_code == 69
    assert "devices.yaml" in broken.stderr
    assert "磁盘" in broken.stdout


def test_a_daemon_that_dies_during_a_test_is_said_to_be_gone(tmp_path):
    rig = RiggedHall(tmp_path)
    try:
        words = ["selftest", "keypads", "--level", "interactive", "--yes"]
        places = ["--hall", rig.daemon.hall, "--state", rig.daemon.state]
        typed = subprocess.Popen(
            [sys.executable, "-m", "hallctl", *words, *places], cwd=ROOT, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
        wait_until(lambda: any(t["asks"] for t in rig.status()["tests"]))
        begun = time.monotonic()
        rig.daemon.kill()
        _, errors = typed.communicate(timeout=60)
        assert time.monotonic() - begun < 50
        assert typed.returncode != 0
        assert "大厅不再回答" in errors
    finally:
        rig.close()

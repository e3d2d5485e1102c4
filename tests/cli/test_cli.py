"""The command line as its user types it: real processes, real exit codes, plain sentences."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from running import ROOT, RawAsker, RunningDaemon, hall_folder, wait_until


def hallctl(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "hallctl", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **environment},
        timeout=60,
        check=False,
    )


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    asker = RawAsker(daemon.state / "bus")
    asker.ask("hello", {"type": "AskHelp", "place": "door"})
    asker.close()
    yield daemon
    daemon.stop()


def places(daemon):
    return ("--hall", daemon.hall, "--state", daemon.state)


def test_a_ticket_is_issued_called_and_seen_in_the_status(daemon):
    issued = hallctl("issue", "A", *places(daemon), "--json")
    assert json.loads(issued.stdout)["label"] == "A001"
    assert "A002" in hallctl("issue", "a", "--priority", *places(daemon)).stdout
    called = hallctl("call", "3", *places(daemon), "--json")
    assert json.loads(called.stdout)["window"] == 3
    status = json.loads(hallctl("status", *places(daemon), "--json").stdout)
    assert status["waiting"]["A"] == 1
    assert status["windows"][2]["status"] == "called"
    assert "called" in hallctl("status", *places(daemon)).stdout
    assert json.loads(hallctl("call", "3", *places(daemon), "--json").stdout)["code"] == (
        "called_not_come"
    )


def test_an_item_by_its_code_goes_to_its_queue(daemon):
    assert json.loads(hallctl("issue", "SB01", *places(daemon), "--json").stdout)["queue"] == "B"
    wrong = hallctl("issue", "XX99", *places(daemon))
    assert wrong.returncode == 1
    assert "XX99" in wrong.stderr


def test_the_journal_is_verified_exported_and_tailed_while_the_hall_runs(daemon):
    hallctl("issue", "A", *places(daemon))
    verified = hallctl("journal", "verify", *places(daemon))
    assert verified.returncode == 0
    assert "every hash right" in verified.stdout
    rows = list(csv.DictReader(io.StringIO(hallctl("journal", "export", *places(daemon)).stdout)))
    assert rows[0]["type"] == "EpochBegun"
    assert [r["type"] for r in rows].count("TicketIssued") == 1
    lines = hallctl("journal", "export", "--json", *places(daemon)).stdout.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, len(lines) + 1))
    tail = hallctl("journal", "tail", "-n", "1", *places(daemon)).stdout.splitlines()
    assert len(tail) == 2


def test_a_second_daemon_on_the_same_state_is_refused_and_the_first_goes_on(daemon):
    second = hallctl("run", *places(daemon))
    assert second.returncode == 75
    assert str(daemon.process.pid) in second.stderr
    assert "Traceback" not in second.stderr
    assert hallctl("issue", "A", *places(daemon)).returncode == 0


def test_two_halls_run_side_by_side(daemon, tmp_path):
    other = RunningDaemon(tmp_path / "other")
    other.start()
    try:
        asker = RawAsker(other.state / "bus")
        asker.ask("hello", {"type": "AskHelp", "place": "door"})
        asker.close()
        for hall in (daemon, other):
            assert json.loads(hallctl("issue", "A", *places(hall), "--json").stdout)["label"] == (
                "A001"
            )
    finally:
        other.stop()


def test_sigterm_ends_the_daemon_at_once_and_cleanly(daemon):
    assert daemon.stop() == 0
    assert "stopped after event" in daemon.words()


def test_nobody_there_is_said_with_what_to_type(tmp_path):
    found = hallctl("status", "--state", tmp_path)
    assert found.returncode == 69
    assert "hallctl run" in found.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("hall.yaml", "hall:", "hal:", ("hall.yaml:", "hal", "hall")),
        ("hall.yaml", "timezone:", "timezone: [", ("hall.yaml:",)),
        ("catalogue.yaml", "queue: B", "queue: Z", ("catalogue.yaml:", "Z")),
    ],
)
def test_a_mistake_in_the_configuration_stops_the_start_with_its_place(
    tmp_path, file, old, new, words
):
    hall = hall_folder(tmp_path / "hall")
    text = (hall / file).read_text()
    assert old in text
    (hall / file).write_text(text.replace(old, new, 1))
    for command in (("check",), ("run", "--state", tmp_path / "s")):
        found = hallctl(*command, "--hall", hall)
        assert found.returncode == 78
        assert "Traceback" not in found.stderr
        for word in words:
            assert word in found.stderr


def test_an_unknown_driver_is_answered_with_the_nearest(tmp_path):
    hall = hall_folder(
        tmp_path / "hall", "devices:\n  p: {driver: escpoz, link: {tcp: 'x.invalid:1'}}\n"
    )
    found = hallctl("check", "--hall", hall)
    assert found.returncode == 78
    assert "escpos" in found.stderr
    assert "devices.yaml:2" in found.stderr


def test_all_mistakes_are_told_at_once(tmp_path):
    hall = hall_folder(tmp_path / "hall", "devices:\n  p: {driver: nix}\n")
    text = (hall / "hall.yaml").read_text().replace("hall_en:", "hal_en:", 1)
    (hall / "hall.yaml").write_text(text)
    found = hallctl("check", "--hall", hall)
    assert "hall.yaml:" in found.stderr
    assert "devices.yaml:" in found.stderr


def test_a_sound_hall_is_checked_with_its_gaps_counted():
    found = hallctl("check", "--hall", ROOT)
    assert found.returncode == 0
    assert "40 items" in found.stdout


def test_a_state_path_too_long_for_sockets_is_said(tmp_path):
    hall = hall_folder(tmp_path / "hall")
    found = hallctl("run", "--hall", hall, "--state", tmp_path / ("x" * 120))
    assert found.returncode == 78
    assert "shorter" in found.stderr


def test_a_damaged_journal_stops_the_start_and_the_named_command_mends_it(daemon, tmp_path):
    for _ in range(3):
        hallctl("issue", "A", *places(daemon))
    daemon.stop()
    db = apsw.Connection(str(daemon.state / "journal.db"))
    last = db.execute("SELECT max(seq) FROM events").fetchone()[0]
    db.execute("UPDATE events SET body=replace(body, 'A003', 'A009') WHERE seq=?", (last,))
    db.close()
    refused = hallctl("run", *places(daemon))
    assert refused.returncode == 76
    assert f"event {last} was changed" in refused.stderr
    assert "accept-loss" in refused.stderr
    assert hallctl("journal", "verify", *places(daemon)).returncode == 1
    assert "kept" in hallctl("journal", "accept-loss", *places(daemon)).stdout
    assert hallctl("journal", "verify", *places(daemon)).returncode == 0
    daemon.start()
    asker = RawAsker(daemon.state / "bus")
    answer = asker.ask("after", {"type": "IssueTicket", "queue": "A"})
    asker.close()
    assert answer["result"]["label"] == "A004", "A003 lies on paper somewhere"


def test_the_state_has_its_usual_place(tmp_path):
    hall = hall_folder(tmp_path / "hall")
    found = hallctl("status", "--hall", hall, XDG_STATE_HOME=str(tmp_path / "xdg"))
    assert str(tmp_path / "xdg" / "hallctl" / "hall-") in found.stderr.replace("\n", "")
    found = hallctl("status", "--hall", hall, STATE_DIRECTORY=str(tmp_path / "sys"))
    assert str(tmp_path / "sys") in found.stderr.replace("\n", "")


@pytest.mark.parametrize(
    "command",
    ["", "run", "desk", "check", "issue", "call", "status", "journal", "journal verify",
     "journal export", "journal tail", "journal accept-loss"],
)  # fmt: skip
def test_help_is_enough_to_use_it(command):
    found = hallctl(*command.split(), "--help")
    assert found.returncode == 0
    assert "Usage" in found.stdout
    assert len(found.stdout) > 200
    if command not in ("", "journal"):
        assert "--hall" in found.stdout


def test_a_full_disk_ends_the_daemon_with_one_sentence_and_loses_nothing(tmp_path):
    """The state lies on a file system of 1 MiB; needs the right to mount, as root has."""
    if os.geteuid() != 0:
        pytest.fail("run as root: this test mounts a small tmpfs")
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], check=False)
    assert mounted.returncode == 0
    try:
        _fill(tmp_path, small)
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def _fill(tmp_path: Path, small: Path) -> None:
    daemon = RunningDaemon(tmp_path)
    daemon.state = small / "s"
    daemon.start()
    asker = RawAsker(daemon.state / "bus")
    labels = []
    try:
        asker.ask("hello", {"type": "AskHelp", "place": "door"})
        for n in range(20_000):
            asker.send(f"n{n}", {"type": "IssueTicket", "queue": "A"})
            answer = wait_until(lambda: asker.receive(0.2) or daemon.process.poll() is not None)
            if answer is True:  # it has ended
                break
            if answer["ok"] and answer["id"] != "hello":  # asked again, it is answered again
                labels.append(answer["result"]["label"])
        assert labels
        wait_until(lambda: daemon.process.poll() is not None)
    finally:
        asker.close()
    assert daemon.process.returncode == 74
    assert "Traceback" not in daemon.words()
    assert "full" in daemon.words()
    verified = hallctl("journal", "export", "--json", *places(daemon))
    kept = [json.loads(line)["event"].get("label") for line in verified.stdout.splitlines()]
    assert set(labels) <= set(kept), "an acknowledged ticket is lost"

"""`hallctl report` as its user types it, beside a running hall."""

import csv
import json
import os
import subprocess
import sys

import pytest

from running import ROOT, RawAsker, RunningDaemon


def report(daemon, *words):
    command = [sys.executable, "-m", "hallctl", "report", *words]
    return subprocess.run(
        [*command, "--hall", str(daemon.hall), "--state", str(daemon.state)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = RunningDaemon(tmp_path_factory.mktemp("r"))
    daemon.start()
    asker = RawAsker(daemon.state / "bus", role="supervisor")
    asker.ask("i1", {"type": "IssueTicket", "queue": "A"}, 30)
    asker.ask("i2", {"type": "IssueTicket", "queue": "B", "klass": "priority"})
    assert asker.ask("c1", {"type": "CallNext", "window": 3})["ok"]
    asker.close()
    yield daemon
    daemon.stop()


def test_the_running_day_is_told_as_tables(daemon):
    found = report(daemon, "today")
    assert found.returncode == 0, found.stderr
    for words in ("2026-11-23", "A001", "B001", "no screen showed: all 1", "最久的等候"):
        assert words in found.stdout


def test_the_running_day_is_told_as_json(daemon):
    found = json.loads(report(daemon, "2026-11-23", "--json").stdout)
    assert [v["label"] for v in found["visits"]] == ["A001", "B001"]
    assert [v["outcome"] for v in found["visits"]] == ["called", "waiting"]
    assert found["calls"][0]["window"] == 3
    assert [w["queue"] for w in found["waits"]] == ["A", "B"]


def test_the_visits_are_written_for_a_spreadsheet(daemon, tmp_path):
    path = tmp_path / "day.csv"
    found = report(daemon, "2026-11-23", "--csv", str(path))
    assert found.returncode == 0
    assert "2 visits written" in found.stderr
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(r["label"], r["class"], r["window"]) for r in rows] == [
        ("A001", "ordinary", "3"), ("B001", "priority", ""),
    ]  # fmt: skip
    assert rows[0]["taken"].startswith("09:3")


def test_what_cannot_be_told_is_said_in_one_sentence(daemon, tmp_path):
    found = report(daemon, "2026-11-22")
    assert (found.returncode, found.stdout) == (1, "")
    assert "no day 2026-11-22; it has 2026-11-23 to 2026-11-23" in found.stderr
    found = report(daemon, "today", "--csv", str(tmp_path / "none" / "x.csv"))
    assert found.returncode == 1
    assert "No such file" in found.stderr
    assert "Traceback" not in found.stderr

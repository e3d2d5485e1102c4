"""`hallctl health`: what a monitor that calls it each minute gets to see."""

import json
import os
import tempfile
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hallctl.backups import noting
from hallctl.cli import health
from hallctl.cli.main import app
from rigged import RiggedHall
from running import wait_until


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    rig = RiggedHall(tmp_path_factory.mktemp("r"))
    yield rig
    rig.close()


def test_a_hall_where_all_works_ends_with_0_and_one_line(hall):
    done = hall.run("health")
    assert done.exit_code == 0
    assert done.stdout.count("\n") == 1
    assert "赤坭镇便民服务中心" in done.stdout
    assert "5 台设备" in done.stdout
    status, body = hall.asked("health", "--lang", "en")
    assert (status, body["health"], body["wrong"]) == (0, "well", [])
    assert body["seq"] > 0
    assert body["up_s"] >= 0


def test_what_wants_a_person_is_named_with_what_to_do(hall):
    hall.fault("printer-1", "paper_out")
    hall.fault("pad-3", "unplug")
    try:
        wait_until(lambda: len(hall.asked("health")[1]["wrong"]) == 2)
        status, body = hall.asked("health")
        assert (status, body["health"]) == (1, "wants_a_person")
        printer = next(one for one in body["wrong"] if one["name"] == "printer-1")
        assert printer["words"] == "没有纸了"
        assert "合上盖子" in printer["mend"]
        assert "pad-3" in body["words"]
        assert hall.run("health").stdout.count("\n") == 1
    finally:
        hall.fault("printer-1", "paper_out", on=False)
        hall.fault("pad-3", "unplug", on=False)
    wait_until(lambda: hall.asked("health")[0] == 0)


@pytest.fixture
def note(hall):
    """Writes how the last backup ended, so many hours ago."""
    path = hall.daemon.state / noting.FILE

    def write(good_h=0.0, failed_h=0.0):
        now_s = time.time()
        body = {"good_s": good_h and now_s - good_h * 3600, "file": "/media/stick/x.hallbackup"}
        if failed_h:
            body |= {
                "failed_s": now_s - failed_h * 3600,
                "code": "disk_full",
                "zh": "盘满了",
                "en": "full",
            }
        path.write_text(json.dumps(body))

    yield write
    path.unlink(missing_ok=True)


def test_the_age_of_the_last_good_backup_is_told(hall, note):
    assert hall.asked("health")[1]["backup"] is None
    note(good_h=9)
    status, body = hall.asked("health", "--lang", "en")
    assert (status, body["wrong"]) == (0, [])
    assert body["words"].endswith(", last backup 9 h ago")
    assert body["backup"]["age_s"] == pytest.approx(9 * 3600, abs=600)
    assert body["backup"]["file"] == "/media/stick/x.hallbackup"
    assert "上次备份在 9 小时前" in hall.run("health").stdout


def test_a_night_without_a_backup_wants_a_person(hall, note):
    note(good_h=49)
    assert hall.asked("health")[0] == 0
    note(good_h=51)
    status, body = hall.asked("health", "--lang", "en")
    assert (status, body["words"]) == (1, "wants a person: backup is 51 h old")
    assert [one["evidence"] for one in body["wrong"]] == ["late"]


def test_a_backup_that_failed_wants_a_person_though_there_is_a_good_one(hall, note):
    note(good_h=33, failed_h=9)
    status, body = hall.asked("health")
    assert status == 1
    assert "9 小时前没有做成：盘满了" in body["words"]
    assert body["wrong"][0]["evidence"] == "disk_full"
    assert "journalctl -u hallctl-backup" in body["wrong"][0]["mend"]
    assert body["backup"]["age_s"] == pytest.approx(33 * 3600, abs=600)
    assert hall.run("health", "--lang", "en").stdout.strip().endswith("backup failed 9 h ago: full")


def test_an_installed_hall_that_was_never_copied_is_told_of_after_two_nights(
    hall, tmp_path, monkeypatch
):
    timer = tmp_path / "hallctl-backup.timer"
    timer.symlink_to("/etc/systemd/system/hallctl-backup.timer")
    monkeypatch.setattr(health, "TIMER", timer)
    monkeypatch.setattr(health, "INSTALLED_STATE", hall.daemon.state.resolve())
    assert hall.asked("health")[0] == 0
    long_ago_s = time.time() - 60 * 3600
    os.utime(timer, (long_ago_s, long_ago_s), follow_symlinks=False)
    status, body = hall.asked("health", "--lang", "en")
    assert (status, body["words"]) == (1, "wants a person: backup has not been made once in 60 h")
    monkeypatch.setattr(health, "INSTALLED_STATE", tmp_path)
    assert hall.asked("health")[0] == 0


def test_a_hall_that_never_ran_ends_with_2(tmp_path):
    words = ["health", "--hall", str(tmp_path), "--state", str(tmp_path / "s"), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    body = json.loads(done.stdout)
    assert body["health"] == "nobody_answers"
    assert str(tmp_path / "s/bus") in body["words"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_monitor_that_may_not_ask_is_told_so():
    with tempfile.TemporaryDirectory(prefix="hall-") as folder:
        state = Path(folder)
        state.chmod(0o700)
        words = ["health", "--hall", "/", "--state", str(state)]
        os.seteuid(65534)
        try:
            done = CliRunner().invoke(app, words)
        finally:
            os.seteuid(0)
    assert done.exit_code == 2, done.output
    assert "打不开" in done.stdout
    assert str(state / "bus") in done.stdout


def test_a_daemon_that_was_killed_ends_with_2_though_its_sockets_lie_there(hall):
    hall.asker.close()
    hall.daemon.kill()
    assert (hall.daemon.state / "bus/technician").exists()
    try:
        done = hall.run("health", "--lang", "en")
        assert done.exit_code == 2
        assert done.output == f"nobody answers: {hall.daemon.state / 'bus'}\n", "one line, no more"
    finally:
        hall.start()
    assert hall.run("health").exit_code == 0

"""`hallctl backup|restore|export|purge`: what they say, in both languages, and how they end."""

import json
import os
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from hallctl.backups import noting
from hallctl.cli.main import app
from hallctl.daykey import DayKey
from hallctl.journal import lock_state
from hallctl.texts.en.backup import TEXTS
from kept_journals import Kept
from running import ROOT


class Desk:
    """A technician before a hall's folder."""

    def __init__(self, folder):
        self.hall, self.state, self.stick = folder / "hall", folder / "s", folder / "stick"
        self.hall.mkdir()
        self.stick.mkdir()
        self.kept = Kept(self.state)
        self.kept.issue(3)

    def run(self, *words, lang="en"):
        """Exit code and everything that was said."""
        places = ["--hall", str(self.hall), "--state", str(self.state), "--lang", lang]
        found = CliRunner().invoke(app, [*words, *places], env={"COLUMNS": "160"})
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        self.read = found.stdout
        return found.exit_code, found.output

    def asked(self, *words):
        """Exit code and what a program reads: nothing but JSON on stdout."""
        code, _ = self.run(*words, "--json")
        return code, json.loads(self.read)

    def backup(self):
        code, told = self.asked("backup", "--into", str(self.stick))
        assert code == 0
        return told["file"]


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.kept.close()


def test_a_backup_says_what_it_holds_and_that_the_same_disk_is_no_place(desk):
    code, said = desk.run("backup")
    assert code == 0
    assert "every event of it verified" in said
    assert "2026-11-23, up to event 7" in said
    assert "3 tickets" in said
    assert "elsewhere" in said
    code, said = desk.run("backup", lang="zh")
    assert "备份做好了" in said
    assert "赤坭镇便民服务中心" in said


def test_a_program_reads_what_a_backup_holds(desk):
    code, told = desk.asked("backup", "--into", str(desk.stick), "--keep", "1")
    assert (code, told["ok"], told["seq"], told["numbers"]) == (0, True, 7, {"A": 3})
    assert told["head"] == desk.kept.head
    desk.kept.issue()
    code, again = desk.asked("backup", "--into", str(desk.stick), "--keep", "1")
    assert again["deleted"] == [told["file"]]
    code, said = desk.run("backup", "--into", str(desk.stick), "--keep", "0")
    assert code == 2, "none to keep is no backup"


def test_a_backup_that_cannot_be_made_ends_with_1_and_the_words(desk, tmp_path):
    code, said = desk.run("backup", "--into", str(tmp_path / "usb"))
    assert code == 1
    assert "Is the stick plugged in" in said
    code, told = desk.asked("backup", "--into", str(tmp_path / "usb"))
    assert (code, told["ok"], told["code"]) == (1, False, "no_folder")
    assert "U 盘" in told["words"]["zh"]


def test_a_dry_run_says_in_words_what_would_be_lost_and_where_numbers_go_on(desk):
    file = desk.backup()
    desk.kept.issue(2)
    desk.kept.close()
    code, said = desk.run("restore", file, "--dry-run")
    assert code == 0
    for words in (
        "up to event 7 (2026-11-23 09:30:00), 3 tickets",
        "Present journal: 赤坭镇便民服务中心, 2026-11-23, up to event 9",
        "2 events are not in the backup",
        "unknown to the backup: A004-A005",
        "Numbers of 2026-11-23 go on above A005",
        "Nothing was changed",
    ):
        assert words in said
    code, said = desk.run("restore", file, "--dry-run", lang="zh")
    assert "A004-A005" in said
    assert "什么也没有改动" in said


def test_a_restore_says_where_the_old_journal_is_and_how_to_go_back(desk):
    file = desk.backup()
    desk.kept.issue(1)
    desk.kept.close()
    code, said = desk.run("restore", file)
    assert code == 0
    assert "a new epoch begins with event 8" in said
    aside = next(desk.state.glob("replaced-*"))
    assert f"hallctl restore {aside}/journal.db" in said
    code, told = desk.asked("restore", f"{aside}/journal.db")
    assert (code, told["now"]["seq"]) == (0, 9)
    assert told["above"] == {"A": 4}


def test_a_running_hall_is_not_restored_and_the_end_is_75(desk):
    file = desk.backup()
    desk.kept.close()
    lock = lock_state(desk.state)
    try:
        code, said = desk.run("restore", file)
        assert code == 75
        assert "The hall is running" in said
        code, told = desk.asked("restore", file)
        assert (code, told["code"]) == (75, "in_use")
        code, said = desk.run("restore", file, "--dry-run")
        assert code == 0
        assert f"running (process {os.getpid()})" in said
    finally:
        os.close(lock)


def test_on_a_new_computer_it_asks_for_the_paper(desk, tmp_path):
    file = desk.backup()
    desk.state = tmp_path / "new"
    code, said = desk.run("restore", file, "--dry-run")
    assert code == 0
    assert "--above A057" in said
    assert "There is no journal here now" in said
    code, said = desk.run("restore", file, "--above", "Z1")
    assert code == 1
    assert "'Z1' is no number" in said
    assert not desk.state.exists() or list(desk.state.glob("journal*")) == []
    code, told = desk.asked("restore", file, "--above", "A057", "--above", "B003")
    assert (code, told["above"]) == (0, {"A": 57, "B": 3})


def test_a_file_that_is_no_backup_is_refused(desk, tmp_path):
    (tmp_path / "x").write_text("hello")
    desk.kept.close()
    code, said = desk.run("restore", str(tmp_path / "x"))
    assert code == 1
    assert "no journal and no backup" in said
    assert desk.run("restore", str(tmp_path / "none"))[0] == 1


def test_a_day_is_exported_for_a_spreadsheet_or_a_program(desk):
    code, said = desk.run("export", "2026-11-23", "--csv", "--into", str(desk.stick))
    assert code == 0
    assert "3 tickets" in said
    names = {path.name for path in desk.stick.iterdir()}
    start = "chini-town-service-hall-2026-11-23"
    assert names == {f"{start}-events.csv", f"{start}-visits.csv"}
    code, said = desk.run("export", "--all", "--json", "--into", str(desk.stick))
    assert code == 0
    assert (desk.stick / "chini-town-service-hall-all-visits.json").exists()


@pytest.mark.parametrize(
    "words", [[], ["2026-11-23", "--all"], ["today", "--csv", "--json"], ["2026-11-22"]]
)
def test_an_export_of_nothing_clear_is_refused(desk, words):
    code, said = desk.run("export", *words, "--into", str(desk.stick))
    assert code == 1
    assert "today" in said or "2026-11-23" in said
    assert list(desk.stick.iterdir()) == []


def test_a_purge_says_what_goes_and_what_the_journal_keeps(desk):
    desk.kept.issue(1, person="ab" * 16)
    DayKey(desk.state / "day-key").of("2020-01-02")
    code, said = desk.run("purge", "--older-than", "90", "--dry-run")
    assert code == 0
    assert "nothing was changed" in said
    assert "card key of 2020-01-02" in said
    assert "1 events of the journal hold the hash of a card, on 1 days" in said
    code, told = desk.asked("purge", "--older-than", "90")
    assert (code, told["key_day"], told["traceable"]) == (0, "2020-01-02", 0)
    code, said = desk.run("purge", "--older-than", "90", lang="zh")
    assert "没有要删的" in said
    assert desk.run("purge", "--older-than", "0")[0] == 2


def test_every_text_of_a_backup_is_said_somewhere():
    from pathlib import Path

    import hallctl

    said = "".join(path.read_text() for path in Path(hallctl.__file__).parent.rglob("*.py"))
    unsaid = []
    for key in TEXTS:
        word = key.partition(".")[2]
        if f'"{key}"' not in said.replace(f'    "{key}":', "") and f'("{word}"' not in said:
            unsaid.append(key)
    assert [k for k in unsaid if k not in {"backup.missing", "backup.changed"}] == []


def test_a_monitor_may_read_how_the_last_backup_ended_and_nobody_else_may_read_more(desk):
    file = desk.backup()
    path = desk.state / noting.FILE
    assert path.stat().st_mode & 0o777 == 0o640
    note = noting.noted(desk.state)
    assert note.file == file
    assert note.good_s == pytest.approx(time.time(), abs=600)
    assert note.failed_s == 0


def test_a_failure_of_the_night_is_kept_until_the_next_good_one(desk, tmp_path):
    good = desk.backup()
    code, _ = desk.run("backup", "--nightly", "--into", str(tmp_path / "usb"))
    note = noting.noted(desk.state)
    assert (code, note.code, note.file) == (1, "no_folder", good)
    assert str(tmp_path / "usb") in note.zh
    assert "Is the stick plugged in" in note.en
    assert note.failed_s >= note.good_s > 0
    assert desk.run("backup", "--nightly")[0] == 0
    assert noting.noted(desk.state).failed_s == 0


def test_a_failure_that_a_person_read_is_not_kept(desk, tmp_path):
    assert desk.run("backup", "--into", str(tmp_path / "usb"))[0] == 1
    assert noting.noted(desk.state) is None


def test_a_note_that_is_none_is_as_good_as_none(desk):
    for text in ("", "[]", '{"good_s": 1, "colour": 2}', "\xff"):
        (desk.state / noting.FILE).write_text(text)
        assert noting.noted(desk.state) is None
        assert desk.run("backup")[0] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
@pytest.mark.parametrize("ended", ["well", "killed"])
def test_a_disk_that_takes_no_more_can_still_be_copied_onto_a_stick(desk, ended):
    if ended == "well":
        desk.kept.close()
    words = ["backup", "--hall", desk.hall, "--state", desk.state, "--into", desk.stick]
    script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, desk.state, sys.executable, "-m", "hallctl"]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert len(list(desk.stick.glob("*.hallbackup"))) == 1
    assert noting.noted(desk.state) is None

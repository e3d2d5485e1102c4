"""`hallctl install`: into an image of a system (`--root`), where every file can be looked at."""

import os
import shutil
import stat
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hallctl import installing
from hallctl.cli.main import app
from hallctl.installing import InstallError, Installing, Step, Wanted, check_reachable, perform
from running import ROOT, hall_folder

BIN = Path(sys.executable).parent
SAMPLE = ("hall.yaml", "catalogue.yaml", "devices.yaml")
EXAMPLES = {"backup.conf.example", "purge.conf.example", "http-public.conf.example"}
NIGHTLY = {"hallctl-backup.timer", "hallctl-purge.timer"}
RUNNING = ("hallctl.service", *NIGHTLY)


class Image:
    """A system's root folder, and the command before it."""

    def __init__(self, root):
        self.root = root
        root.mkdir()

    def install(self, *words, code=0, typed="", lang="en"):
        words = ["install", "--root", str(self.root), "--lang", lang, *map(str, words)]
        done = CliRunner().invoke(app, words, input=typed, env={"COLUMNS": "200"})
        assert done.exit_code == code, done.output
        return done.output

    def put(self, *, uninstall=False, **wanted):
        """The same without the command line, which takes its time to check the hall's files."""
        work = Installing(Wanted(root=self.root, **wanted))
        due = [step for step in (work.removal() if uninstall else work.steps()) if step.is_due]
        for step in due:
            perform(step, self.root)
        return [step.words("en") for step in due]

    def has(self):
        """Everything in it: its content, its mode, or where it leads."""
        return {
            str(path.relative_to(self.root)): (
                path.readlink() if path.is_symlink() else path.read_bytes(),
                stat.S_IMODE(path.lstat().st_mode),
            )
            for path in self.root.rglob("*")
            if path.is_symlink() or path.is_file()
        }

    def at(self, place):
        return self.root / place

    def screen(self, name, text="SCREEN=hall\nOPTIONS=--bus /var/lib/hallctl/bus\n"):
        path = self.at(f"etc/hallctl/screens/{name}.conf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def starts(self):
        """What starts with the system."""
        wants = self.at("etc/systemd/system/multi-user.target.wants")
        return {path.name: str(path.readlink()) for path in wants.glob("*")}

    def timers(self):
        """What a timer starts."""
        wants = self.at("etc/systemd/system/timers.target.wants")
        return {path.name: str(path.readlink()) for path in wants.glob("*")}


@pytest.fixture
def image(tmp_path):
    return Image(tmp_path / "image")


def test_everything_is_listed_first_and_a_dry_run_does_nothing(image):
    said = image.install("--dry-run")
    for place in (*installing.PLACES.values(), "etc/hallctl/hall.yaml", "usr/local/bin/hallctl"):
        assert f"/{place}" in said
    assert "nothing was changed" in said
    assert image.has() == {}


def test_what_is_done_is_what_was_listed(image):
    listed = image.install("--dry-run")
    promised = [line.split(". ", 1)[1] for line in listed.splitlines() if ". " in line]
    said = image.install("--yes")
    assert len(promised) == len(image.has())
    for number, words in enumerate(promised, 1):
        assert f"[{number}/{len(promised)}] {words}" in said


def test_without_a_person_and_without_yes_nothing_is_done(image):
    assert "--yes" in image.install(code=1, typed="y\n")
    assert image.has() == {}


def test_a_second_run_changes_nothing_and_says_so(image):
    image.put()
    before = {name: (image.at(name).lstat().st_mtime_ns, *x) for name, x in image.has().items()}
    said = image.install("--yes")
    assert "nothing to change" in said
    assert "[1/" not in said
    after = {name: (image.at(name).lstat().st_mtime_ns, *x) for name, x in image.has().items()}
    assert after == before


def test_the_units_start_the_programs_of_this_python(image):
    image.put()
    for name in ("hallctl.service", "hallctl-http.service", "hallctl-screen@.service"):
        text = image.at(f"etc/systemd/system/{name}").read_text()
        assert f"{BIN}/hallctl" in text
        assert "/opt/hallctl" not in text
    assert image.at("usr/local/bin/hallctl").readlink() == BIN / "hallctl"


def test_the_daemon_starts_with_the_system_and_nothing_that_was_not_asked_for(image):
    image.put()
    assert image.starts() == {"hallctl.service": "/etc/systemd/system/hallctl.service"}
    image.put(http=True)
    assert set(image.starts()) == {"hallctl.service", "hallctl-http.service"}
    image.put(http_public=True)
    both = {"hallctl-http.service", "hallctl-http-public.service"}
    assert set(image.starts()) == {"hallctl.service", *both}
    assert image.put() == [], "http is not taken away again"


def test_every_night_the_journal_is_copied_where_a_daemon_is(image, tmp_path):
    image.put()
    units = "/etc/systemd/system"
    assert image.timers() == {name: f"{units}/{name}" for name in NIGHTLY}
    other = Image(tmp_path / "screens")
    other.put(screens_only=True)
    assert other.timers() == {}


def test_the_public_page_can_be_asked_for_on_the_command_line(image):
    image.install("--yes", "--http-public")
    assert set(image.starts()) == {"hallctl.service", "hallctl-http-public.service"}


def test_each_screen_of_the_machine_has_an_instance_and_one_taken_away_has_none(image):
    image.screen("kiosk-1")
    gone = image.screen("window-3")
    image.put()
    template = "/etc/systemd/system/hallctl-screen@.service"
    assert image.starts() == {
        "hallctl.service": "/etc/systemd/system/hallctl.service",
        "hallctl-display.service": "/etc/systemd/system/hallctl-display.service",
        "hallctl-screen@kiosk-1.service": template,
        "hallctl-screen@window-3.service": template,
    }
    gone.unlink()
    image.put()
    assert "hallctl-screen@window-3.service" not in image.starts()
    assert "hallctl-screen@kiosk-1.service" in image.starts()


def test_a_machine_of_screens_has_no_daemon_and_no_hall(image):
    image.screen("hall")
    image.put(screens_only=True)
    assert set(image.starts()) == {"hallctl-display.service", "hallctl-screen@hall.service"}
    assert not image.at("etc/hallctl/hall.yaml").exists()


def test_a_screen_whose_name_systemd_would_read_otherwise_is_refused(image):
    image.screen("kiosk 1")
    with pytest.raises(InstallError, match=r"kiosk 1\.conf"):
        image.put()


def test_the_example_is_the_hall_of_a_machine_that_has_none(image):
    image.put()
    for name in SAMPLE:
        assert image.at(f"etc/hallctl/{name}").read_bytes() == (ROOT / name).read_bytes()


def test_a_given_hall_is_copied_with_its_recordings(image, tmp_path):
    hall = hall_folder(tmp_path / "given")
    clip = hall / "sounds/mandarin/please.wav"
    clip.parent.mkdir(parents=True)
    clip.write_bytes(b"RIFF")
    image.install("--yes", "--hall", hall)
    assert image.at("etc/hallctl/devices.yaml").read_text() == "devices: {}\n"
    assert image.at("etc/hallctl/sounds/mandarin/please.wav").read_bytes() == b"RIFF"


@pytest.mark.parametrize("given", [True, False])
def test_a_halls_own_file_is_never_written_over(image, tmp_path, given):
    own = image.at("etc/hallctl")
    own.mkdir(parents=True)
    for name in SAMPLE:
        shutil.copy(ROOT / name, own / name)
    own.joinpath("devices.yaml").write_text("devices: {}  # ours\n")
    hall = hall_folder(tmp_path / "given", "devices: {}  # given\n")
    said = image.install("--yes", *(["--hall", hall] if given else []))
    assert own.joinpath("devices.yaml").read_text() == "devices: {}  # ours\n"
    assert "/etc/hallctl/devices.yaml is there and the hall's own" in said


def test_an_own_hall_that_lacks_a_file_of_the_example_does_not_get_it(image):
    own = hall_folder(image.at("etc/hallctl"))
    image.put()
    assert {path.name for path in own.iterdir()} == {*SAMPLE, *EXAMPLES, "screens"}


def test_a_hall_with_mistakes_is_not_installed_and_they_are_named(image, tmp_path):
    hall = hall_folder(tmp_path / "given")
    with (hall / "hall.yaml").open("a") as file:
        file.write("\nwindovs: {}\n")
    said = image.install("--yes", "--hall", hall, code=78)
    assert "windovs" in said
    assert image.has() == {}


def test_a_folder_without_a_hall_is_named(image, tmp_path):
    assert str(tmp_path) in image.install("--yes", "--hall", tmp_path, code=1)


def test_a_changed_unit_is_renewed_and_a_drop_in_stays(image):
    image.put()
    unit = image.at("etc/systemd/system/hallctl.service")
    right = unit.read_text()
    unit.write_text("[Service]\n")
    drop = image.at("etc/systemd/system/hallctl.service.d/own.conf")
    drop.parent.mkdir()
    drop.write_text("[Service]\nNice=0\n")
    said = image.put()
    assert said == ["renew /etc/systemd/system/hallctl.service"]
    assert unit.read_text() == right
    image.put(uninstall=True)
    assert drop.read_text() == "[Service]\nNice=0\n"


def test_a_lost_mode_is_given_back(image):
    image.put()
    script = image.at("usr/local/libexec/hallctl-kiosk-session")
    assert stat.S_IMODE(script.stat().st_mode) == 0o755
    script.chmod(0o600)
    image.put()
    assert stat.S_IMODE(script.stat().st_mode) == 0o755


def test_folders_can_be_entered_whatever_the_installers_umask_is(image):
    old = os.umask(0o077)
    try:
        image.put()
    finally:
        os.umask(old)
    shut = [path for path in image.root.rglob("*") if path.is_dir() and not path.stat().st_mode & 1]
    assert shut == []
    assert stat.S_IMODE(image.at("etc/hallctl/hall.yaml").stat().st_mode) == 0o644


def test_an_uninstall_takes_out_all_of_it_and_leaves_hall_and_state(image):
    image.screen("hall")
    image.install("--yes", "--http", "--http-public")
    own = image.at("etc/hallctl/backup.conf")
    own.write_text("OPTIONS=--keep 90\n")
    journal = image.at("var/lib/hallctl/journal.db")
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"days")
    said = image.install("--yes", "--uninstall")
    assert "Uninstalled" in said
    assert set(image.has()) == {
        *(f"etc/hallctl/{name}" for name in SAMPLE),
        *(f"etc/hallctl/{name}" for name in EXAMPLES),
        "etc/hallctl/backup.conf",
        "etc/hallctl/screens/hall.conf",
        "etc/hallctl/screens/screen.conf.example",
        "var/lib/hallctl/journal.db",
    }
    assert "nothing to change" in image.install("--yes", "--uninstall")


def test_a_command_of_somebody_else_is_neither_replaced_nor_removed(image):
    theirs = image.at("usr/local/bin/hallctl")
    theirs.parent.mkdir(parents=True)
    theirs.write_text("#!/bin/sh\n")
    image.put()
    image.put(uninstall=True)
    assert theirs.read_text() == "#!/bin/sh\n"


def test_it_speaks_chinese_unless_told_otherwise(image):
    assert "将要做这些" in image.install("--yes", lang="zh")
    assert "什么也不用改" in image.install("--yes", lang="zh")


def test_a_root_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InstallError, match="nowhere"):
        Installing(Wanted(root=tmp_path / "nowhere")).steps()


def test_a_machine_that_may_not_be_changed_is_left_alone(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(InstallError, match="sudo"):
        Installing(Wanted()).steps()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if not Path("/run/systemd/system").is_dir():
        with pytest.raises(InstallError, match="systemd does not run"):
            Installing(Wanted()).removal()


def test_an_environment_without_the_programs_is_named(image, tmp_path):
    with pytest.raises(InstallError, match=r"no-venv/hallctl is missing"):
        Installing(Wanted(root=image.root, programs=tmp_path / "no-venv")).steps()


@pytest.mark.parametrize("name", ["my hall", "100%", 'a"b'])
def test_a_path_that_systemd_would_read_otherwise_is_refused(image, tmp_path, name):
    programs = tmp_path / name
    programs.mkdir()
    for program in installing.PROGRAMS:
        (programs / program).touch(0o755)
    with pytest.raises(InstallError, match="systemd"):
        Installing(Wanted(root=image.root, programs=programs)).steps()


def test_programs_that_the_services_cannot_see_are_refused(tmp_path):
    place = tmp_path / "venv/bin/python"
    place.parent.mkdir(parents=True)
    with pytest.raises(InstallError, match="services do not see"):
        check_reachable([place], hidden=[str(tmp_path)])


def test_a_program_that_leads_to_where_the_services_cannot_see_is_refused():
    libraries = Path("/usr/lib").resolve()
    with pytest.raises(InstallError, match="services do not see"):
        check_reachable([Path("/proc/self/exe")], hidden=[str(Path(sys.executable).resolve())])
    assert check_reachable([libraries], hidden=["/usr/libexec"]) is None


def test_programs_behind_a_closed_door_are_refused(tmp_path):
    place = tmp_path / "opt/venv/python"
    place.parent.mkdir(parents=True)
    door = tmp_path / "opt"
    ways = [tmp_path, *tmp_path.parents]
    before = {way: stat.S_IMODE(way.stat().st_mode) for way in ways if os.access(way, os.W_OK)}
    if any(not way.stat().st_mode & 1 for way in ways):
        closed = next(way for way in reversed(ways) if not way.stat().st_mode & 1)
    else:
        closed = door
    assert before
    door.chmod(0o750)
    with pytest.raises(InstallError, match=f"{closed} is closed to others"):
        check_reachable([place], hidden=[])


def test_where_everybody_may_come_nothing_is_refused():
    assert check_reachable([Path("/usr/bin/env")]) is None


class Live(Installing):
    """A real machine as far as the steps go: which units run is said by the test."""

    def __init__(self, image, running, monkeypatch, **wanted):
        super().__init__(Wanted(root=image.root, **wanted), lambda unit: unit in running)
        self._is_real = True
        monkeypatch.setattr(self, "_may", lambda: None)
        monkeypatch.setattr(installing, "check_reachable", lambda paths: None)
        monkeypatch.setattr(installing, "_has_user", lambda name: bool(running))

    def runs(self, *, removal=False):
        steps = self.removal() if removal else self.steps()
        return [" ".join(step.run) for step in steps if step.kind == "run" and step.is_due]


def test_on_a_machine_users_come_before_folders_before_the_start(image, monkeypatch):
    runs = Live(image, (), monkeypatch).runs()
    assert [run for run in runs if not run.startswith("udevadm")] == [
        "systemd-sysusers /etc/sysusers.d/hallctl.conf",
        "systemd-tmpfiles --create /etc/tmpfiles.d/hallctl.conf",
        "systemctl daemon-reload",
        "systemctl start hallctl.service",
        "systemctl start hallctl-backup.timer",
        "systemctl start hallctl-purge.timer",
    ]


def test_on_a_machine_where_all_runs_nothing_is_run(image, monkeypatch):
    image.put()
    image.at("var/lib/hallctl/bus").mkdir(parents=True)
    assert Live(image, RUNNING, monkeypatch).runs() == []


def test_a_running_hall_is_restarted_only_when_its_own_unit_has_changed(image, monkeypatch):
    image.put()
    image.at("var/lib/hallctl/bus").mkdir(parents=True)
    image.at("etc/systemd/system/hallctl-http.service").write_text("")
    assert Live(image, RUNNING, monkeypatch).runs() == ["systemctl daemon-reload"]
    image.at("etc/systemd/system/hallctl.service").write_text("")
    assert Live(image, RUNNING, monkeypatch).runs() == [
        "systemctl daemon-reload",
        "systemctl restart hallctl.service",
    ]


def test_an_install_that_ended_half_way_is_ended_by_the_next(image, monkeypatch):
    image.put()
    runs = Live(image, (), monkeypatch).runs()
    assert runs[0].startswith("systemd-sysusers")
    assert runs[-4:-2] == ["systemctl daemon-reload", "systemctl start hallctl.service"]


def test_an_uninstall_stops_what_runs_first(image, monkeypatch):
    image.put()
    running = (*RUNNING, "hallctl-backup.service")
    runs = Live(image, running, monkeypatch).runs(removal=True)
    assert runs[:4] == [
        "systemctl stop hallctl-backup.timer",
        "systemctl stop hallctl-purge.timer",
        "systemctl stop hallctl.service",
        "systemctl stop hallctl-backup.service",
    ]
    assert runs[-1] == "systemctl daemon-reload"
    image.put(uninstall=True)
    assert image.timers() == {}


def test_a_hall_of_before_the_timers_gets_them_without_a_restart(image, monkeypatch):
    image.put()
    image.at("var/lib/hallctl/bus").mkdir(parents=True)
    for name in NIGHTLY:
        image.at(f"etc/systemd/system/timers.target.wants/{name}").unlink()
    assert Live(image, ("hallctl.service",), monkeypatch).runs() == [
        "systemctl daemon-reload",
        "systemctl start hallctl-backup.timer",
        "systemctl start hallctl-purge.timer",
    ]


@pytest.mark.parametrize(
    ("command", "said"),
    [("exit 3", "exit code 3"), ("echo no such unit >&2; exit 1", "no such unit")],
)
def test_what_systemd_says_is_told_when_it_fails(command, said):
    step = Step(kind="run", at="x", run=("sh", "-c", command), why="start")
    with pytest.raises(InstallError, match=said):
        perform(step, Path("/"))


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "etc").write_text("a file where a folder should be")
    with pytest.raises(InstallError, match="cannot write"):
        perform(Step(kind="new", at="/etc/x/y", content=b"z"), tmp_path)


def test_the_files_come_from_where_the_wheel_puts_them(tmp_path, monkeypatch):
    share = tmp_path / "share/hallctl"
    shutil.copytree(ROOT / "systemd", share / "systemd")
    monkeypatch.setattr(installing, "__file__", str(tmp_path / "lib/hallctl/installing.py"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert installing.packaged("systemd") == share / "systemd"
    assert installing.packaged("hall") == share / "hall"

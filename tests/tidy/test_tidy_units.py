"""The units as they are installed: what systemd says of them, and what they must say themselves."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from hallctl import service
from hallctl.installing import PLACES, Installing, Wanted, perform

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "systemd"
MOST_EXPOSED = {
    "hallctl.service": 2.0,
    "hallctl-http.service": 2.0,
    "hallctl-http-public.service": 2.0,
    "hallctl-backup.service": 2.0,
    "hallctl-purge.service": 2.0,
    "hallctl-screen@.service": 3.0,
}
TIMERS = ("hallctl-backup.timer", "hallctl-purge.timer")
SERVICES = (*MOST_EXPOSED, "hallctl-display.service")
ANALYZE = shutil.which("systemd-analyze")

needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze is not here: scripts/setup.sh --dev brings it"
)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """An image that hallctl is installed in, with a screen."""
    root = tmp_path_factory.mktemp("image")
    (root / "etc/hallctl/screens").mkdir(parents=True)
    (root / "etc/hallctl/screens/hall.conf").write_text("SCREEN=hall\n")
    for step in Installing(Wanted(root=root)).steps():
        perform(step, root)
    return root


def unit(name, folder=SYSTEMD):
    """A unit's settings: (section, key) → its values in order."""
    found, section = {}, ""
    for line in (folder / name).read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            found.setdefault((section, key), []).append(value)
    return found


def said(*words):
    done = subprocess.run(
        [ANALYZE, *map(str, words)], capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def known_programs(image, name, tmp_path):
    """The unit, with the session's script where it lies in the image."""
    text = (image / PLACES[name]).read_text()
    script = PLACES["hallctl-kiosk-session"]
    path = tmp_path / name.replace("@", "@hall")
    path.write_text(text.replace(f"/{script}", f"{image}/{script}"))
    return path


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_nothing_wrong_with_a_unit(image, name, tmp_path):
    code, words = said("verify", "--man=no", known_programs(image, name, tmp_path))
    # What belongs to other units of this machine is not ours.
    ours = [line for line in words.splitlines() if "hallctl" in line]
    assert (code, ours) == (0, []), words


@needs_systemd
@pytest.mark.parametrize("name", TIMERS)
def test_systemd_finds_nothing_wrong_with_a_timer(image, name):
    # Beside its service, which systemd looks for in the same folder.
    code, words = said("verify", "--man=no", image / PLACES[name])
    ours = [line for line in words.splitlines() if "hallctl" in line]
    assert (code, ours) == (0, []), words
    when = unit(name)["Timer", "OnCalendar"][0]
    assert said("calendar", when)[0] == 0


@needs_systemd
def test_systemd_would_find_a_mistake(image, tmp_path):
    path = known_programs(image, "hallctl.service", tmp_path)
    path.write_text(path.read_text().replace("WatchdogSec=", "WachtdogSec="))
    assert "WachtdogSec" in said("verify", "--man=no", path)[1]


def exposure(path):
    _, words = said("security", "--offline=true", "--no-pager", path)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", words)
    assert found, words
    return float(found[1])


@needs_systemd
@pytest.mark.parametrize("name", MOST_EXPOSED)
def test_a_unit_is_hardly_exposed(image, name, tmp_path):
    found = exposure(known_programs(image, name, tmp_path))
    print(f"{name}: {found}")
    assert found <= MOST_EXPOSED[name]


@needs_systemd
def test_a_door_left_open_would_be_counted(image, tmp_path):
    path = known_programs(image, "hallctl.service", tmp_path)
    closed = exposure(path)
    path.write_text(
        re.sub(r"^(Protect|Restrict|SystemCall).*\n", "", path.read_text(), flags=re.MULTILINE)
    )
    assert exposure(path) > closed + 1


def test_what_only_a_person_can_mend_is_not_tried_again():
    found = unit("hallctl.service")
    codes = {int(code) for code in found["Service", "RestartPreventExitStatus"][0].split()}
    assert codes == {service.EX_JOURNAL, service.EX_CONFIG}
    assert found["Service", "Restart"] == ["always"]
    assert found["Unit", "StartLimitIntervalSec"] == ["0"], "a hall never gives up coming back"


def test_the_daemon_says_that_it_is_ready_and_that_it_lives():
    found = unit("hallctl.service")
    assert found["Service", "Type"] == ["notify"]
    assert found["Service", "NotifyAccess"] == ["main"]
    assert int(found["Service", "WatchdogSec"][0]) >= 10, "a slow disk is no hanging daemon"


def test_the_bus_is_group_halls_and_the_journal_is_the_daemons_alone():
    found = unit("hallctl.service")
    assert found["Service", "User"] == ["hallctl"]
    assert found["Service", "Group"] == ["hall"]
    assert found["Service", "UMask"] == ["0077"]
    assert ("Service", "ExecStartPre") not in found, "the daemon itself makes its bus folder 0750"


def test_every_group_and_user_of_a_unit_is_made():
    words = (SYSTEMD / "hallctl.sysusers").read_text().splitlines()
    rows = [line.split() for line in words if line and not line.startswith("#")]
    made = {row[1] for row in rows if row[0] in {"u", "g"}}
    named = set()
    for name in SERVICES:
        found = unit(name)
        for key in ("User", "Group", "SupplementaryGroups"):
            named |= {word for line in found.get(("Service", key), []) for word in line.split()}
    assert named - made == set()
    rules = (SYSTEMD / "60-hallctl.rules").read_text()
    assert set(re.findall(r'GROUP="(\w+)"', rules)) - named == set()


def test_folders_are_made_for_users_that_there_are():
    for line in (SYSTEMD / "hallctl.tmpfiles").read_text().splitlines():
        if line and not line.startswith("#"):
            kind, path, mode, user, group, age = line.split()
            assert (kind, age, group) == ("d", "-", "hall")
            assert path.startswith("/var/lib/hallctl")
            assert user in {"hallctl", "hall-screen"}
            assert int(mode, 8) & 0o007 == 0


@pytest.mark.parametrize("name", TIMERS)
def test_a_night_without_power_is_made_up_for(name):
    assert unit(name)["Timer", "Persistent"] == ["yes"]
    assert unit(name)["Install", "WantedBy"] == ["timers.target"]


def test_the_night_has_no_network_and_writes_where_backups_lie_only():
    for name in ("hallctl-backup.service", "hallctl-purge.service"):
        found = unit(name)
        assert found["Service", "PrivateNetwork"] == ["yes"]
        assert found["Service", "ProtectSystem"] == ["strict"]
        places = found["Service", "ReadWritePaths"][0].split()
        assert places == ["-/var/lib/hallctl", "-/media", "-/mnt", "-/srv"]
        example = SYSTEMD / f"{name.removeprefix('hallctl-').removesuffix('.service')}.conf.example"
        into = re.search(r"--into (\S+)", example.read_text().rpartition("OPTIONS=")[2])
        assert into is None or any(into[1].startswith(place[1:] + "/") for place in places)


def test_nothing_is_deleted_in_a_hall_that_has_not_said_how_long():
    assert "/etc/hallctl/purge.conf" in unit("hallctl-purge.service")["Unit", "ConditionPathExists"]
    assert unit("hallctl-purge.service")["Service", "EnvironmentFile"] == [
        "/etc/hallctl/purge.conf"
    ]


def test_the_public_page_is_not_served_by_the_user_of_the_journal():
    found = unit("hallctl-http-public.service")
    assert found["Service", "User"] == ["hall-web"]
    assert "--public" in found["Service", "ExecStart"][0]
    assert ("Service", "ReadWritePaths") not in found
    assert ("Service", "StateDirectory") not in found


def test_everything_in_the_folder_is_installed():
    assert {path.name for path in SYSTEMD.iterdir()} == set(PLACES)


def test_a_wheel_carries_them_to_where_install_looks():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared.get("systemd") == "share/hallctl/systemd"


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="no systemd-sysusers here")
def test_systemd_makes_the_users_in_an_image(image):
    done = subprocess.run(
        ["systemd-sysusers", f"--root={image}", image / PLACES["hallctl.sysusers"]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    users = (image / "etc/passwd").read_text()
    groups = (image / "etc/group").read_text()
    assert re.search(
        r"^hallctl:x:\d+:\d+:hallctl, the hall's daemon:/var/lib/hallctl:", users, re.MULTILINE
    )
    members = re.search(r"^hall:x:\d+:(\S*)$", groups, re.MULTILINE)
    assert set(members[1].split(",")) == {"hallctl", "hall-screen", "hall-web"}

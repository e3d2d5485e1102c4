"""The keyring: who may come in from the network, and that nobody else ever does."""

import errno
import json
import logging
import os
import signal
import stat
import subprocess
import sys
import time
import traceback

import pytest
import zmq
from zmq.utils import z85

from hallctl import keyring as module
from hallctl.keyring import HallKey, Keyring, KeyringError
from hallctl.roles import standing_of
from running import PATIENT_S, ROOT, wait_until

WINDOW = standing_of("window:3")
ADDRESS = "tcp://192.0.2.5:7700"


@pytest.fixture
def ring(tmp_path):
    ring = Keyring(tmp_path / "s" / "keys", lambda: 1_790_000_000.0)
    assert ring.init()
    return ring


def enrolled(ring, name="window-3", standing=WINDOW, public=None):
    return ring.enrol(name, standing, public, ADDRESS)


def refused(what, act, *given):
    with pytest.raises(KeyringError) as found:
        act(*given)
    assert found.value.what == what
    assert found.value.words("zh") != found.value.words("en") == str(found.value)
    return found.value


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_files_are_for_their_owner_alone_whatever_the_umask_is(tmp_path):
    before = os.umask(0)
    try:
        ring = Keyring(tmp_path / "s" / "keys")
        ring.init()
        enrolled(ring).write(tmp_path / "window-3.hallkey")
    finally:
        os.umask(before)
    assert mode(ring.folder) == 0o700
    assert {mode(path) for path in ring.folder.iterdir()} == {0o600}
    assert {path.name for path in ring.folder.iterdir()} == {"lock", "registry.json", "server.json"}
    assert mode(tmp_path / "window-3.hallkey") == 0o600


def test_a_folder_open_to_others_is_closed(tmp_path):
    (tmp_path / "keys").mkdir(mode=0o755)
    Keyring(tmp_path / "keys").init()
    assert mode(tmp_path / "keys") == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_makes_belongs_to_whom_the_state_belongs(tmp_path):
    state = tmp_path / "s"
    state.mkdir()
    os.chown(state, 65534, 65533)
    ring = Keyring(state / "keys")
    ring.init()
    enrolled(ring)
    owners = {(p.stat().st_uid, p.stat().st_gid) for p in [ring.folder, *ring.folder.iterdir()]}
    assert owners == {(65534, 65533)}


def test_the_hall_has_one_pair_and_keeps_it(ring):
    public, secret = ring.server_public, ring.server_secret
    assert zmq.curve_public(secret) == public
    assert not ring.init()
    assert (ring.server_public, ring.server_secret) == (public, secret)


def test_before_init_everything_names_the_command(tmp_path):
    ring = Keyring(tmp_path / "s" / "keys")
    asks = (
        ring.entries, lambda: ring.server_public, lambda: ring.server_secret,
        lambda: enrolled(ring), lambda: ring.revoke("window-3"),
    )  # fmt: skip
    for ask in asks:
        assert "hallctl keys init" in refused("not_made", ask).words("zh")
    assert ring.find(b"x" * 40) is None
    assert not (tmp_path / "s").exists(), "asking makes nothing"


def test_a_drawn_secret_goes_into_the_key_file_and_nowhere_else(ring, tmp_path):
    key = enrolled(ring)
    assert zmq.curve_public(key.secret) == key.public
    for path in ring.folder.iterdir():
        assert key.secret not in path.read_bytes()
    path = tmp_path / "window-3.hallkey"
    key.write(path)
    again = HallKey.read(path)
    assert again == key
    assert again.secret == key.secret
    assert json.loads(path.read_text()) == {
        "hallctl-key": 1, "name": "window-3", "role": "window:3", "address": ADDRESS,
        "server": ring.server_public.decode(), "public": key.public.decode(),
        "secret": key.secret.decode(),
    }  # fmt: skip


def test_a_program_with_a_pair_of_its_own_keeps_its_secret(ring, tmp_path):
    public, secret = zmq.curve_keypair()
    key = enrolled(ring, public=public)
    assert (key.public, key.secret) == (public, b"")
    key.write(tmp_path / "k")
    refused("key_without_secret", HallKey.read, tmp_path / "k")
    body = json.loads((tmp_path / "k").read_text()) | {"secret": secret.decode()}
    (tmp_path / "k").write_text(json.dumps(body))
    assert HallKey.read(tmp_path / "k").secret == secret


def test_an_entry_says_who_what_and_since_when(ring):
    key = enrolled(ring)
    (entry,) = ring.entries()
    assert (entry.name, entry.standing, entry.public) == ("window-3", WINDOW, key.public)
    assert (entry.enrolled_s, entry.revoked_s) == (1_790_000_000.0, None)
    summed = subprocess.run(["sha256sum"], input=key.public, capture_output=True, check=True)
    assert entry.fingerprint == summed.stdout[:16].decode()


def test_a_key_is_found_as_text_and_as_bytes_until_it_is_revoked(ring):
    key, other = enrolled(ring), enrolled(ring, "guide", standing_of("guide"))
    raw = z85.decode(key.public)
    assert ring.find(key.public) == ring.find(raw) == ring.entries()[0]
    for stranger in (b"", b"x", zmq.curve_keypair()[0], os.urandom(32), b"\xff" * 40):
        assert ring.find(stranger) is None
    gone = ring.revoke("window-3")
    assert gone.revoked_s is not None
    assert ring.find(key.public) is ring.find(raw) is None
    assert ring.find(other.public).name == "guide"
    assert [e.revoked_s is None for e in ring.entries()] == [False, True]


def test_the_bytes_that_zap_gives_are_found(ring):
    key = enrolled(ring)
    with zmq.Context() as context:
        zap, hall, asker = (context.socket(kind) for kind in (zmq.REP, zmq.ROUTER, zmq.DEALER))
        zap.bind("inproc://zeromq.zap.01")
        hall.curve_server, hall.curve_secretkey = True, ring.server_secret
        hall.zap_domain = b"hall"
        port = hall.bind_to_random_port("tcp://127.0.0.1")
        asker.curve_serverkey, asker.curve_publickey = key.server, key.public
        asker.curve_secretkey = key.secret
        asker.linger = 0
        asker.connect(f"tcp://127.0.0.1:{port}")
        asker.send(b"here")
        assert zap.poll(PATIENT_S * 1000)
        version, request, _, _, _, mechanism, public = zap.recv_multipart()
        mine = ring.find(public)
        assert (mechanism, mine.name) == (b"CURVE", "window-3")
        zap.send_multipart([version, request, b"200", b"OK", mine.name.encode(), b""])
        assert hall.poll(PATIENT_S * 1000)
        heard = hall.recv_multipart(copy=False)[-1]
        assert (heard.bytes, heard.get("User-Id")) == (b"here", "window-3")
        for socket in (zap, hall, asker):
            socket.close()


@pytest.mark.parametrize(
    "name", ["", "-a", "Window-3", "a b", "a" * 33, "../x", "窗口", "a\n", "a_b", "٣", "a/b", "a:b"]
)
def test_a_name_that_is_none_enrols_nobody(ring, name):
    refused("bad_name", enrolled, ring, name)
    assert ring.entries() == ()


@pytest.mark.parametrize(
    "address",
    ["", "192.0.2.5:7700", "tcp://*:7700", "tcp://0.0.0.0:7700", "tcp://[::]:7700", "ipc://x",
     "tcp://192.0.2.5", "tcp://192.0.2.5:0", "tcp://192.0.2.5:65534", "tcp://a b:7700",
     "tcp://192.0.2.5:7700\n", "tcp://192.0.2.5:٧٧"],
)  # fmt: skip
def test_an_address_nobody_can_go_to_enrols_nobody(ring, address):
    refused("bad_address", ring.enrol, "window-3", WINDOW, None, address)
    assert ring.entries() == ()


@pytest.mark.parametrize("address", ["tcp://hall.example:7700", "tcp://[2001:db8::5]:7700"])
def test_a_hall_may_have_a_name_or_a_new_address(ring, address):
    assert ring.enrol("window-3", WINDOW, None, address).address == address


@pytest.mark.parametrize(
    "public", [b"", b"a" * 39, b"a" * 41, b"#" * 40, b"\xff" * 40, b"0" * 40, b" " * 40]
)
def test_what_is_no_key_enrols_nobody(ring, public):
    problem = refused("bad_key", ring.enrol, "window-3", WINDOW, public, ADDRESS)
    assert len(public) < 5 or public.decode("latin1") not in str(problem)
    assert ring.entries() == ()


def test_a_name_lives_once_and_may_come_again_with_a_new_key(ring):
    first = enrolled(ring)
    assert "window:3" in str(refused("taken", enrolled, ring))
    ring.revoke("window-3")
    second = enrolled(ring)
    assert ring.find(first.public) is None
    assert ring.find(second.public).name == "window-3"
    assert [e.name for e in ring.entries()] == ["window-3", "window-3"]
    ring.revoke("window-3")
    refused("revoked_already", ring.revoke, "window-3")
    assert {ring.find(k.public) for k in (first, second)} == {None}


def test_a_key_belongs_to_one_program_for_ever(ring):
    public, _ = zmq.curve_keypair()
    enrolled(ring, public=public)
    assert "window-3" in str(refused("key_known", enrolled, ring, "window-4", WINDOW, public))
    ring.revoke("window-3")
    refused("key_revoked", enrolled, ring, "window-4", WINDOW, public)
    refused("key_is_server", enrolled, ring, "window-4", WINDOW, ring.server_public)


def test_revoking_a_stranger_says_who_there_is(ring):
    enrolled(ring, "guide")
    assert "guide" in str(refused("unknown", ring.revoke, "window-9"))


def test_another_process_sees_it_at_its_next_look(ring):
    daemon = Keyring(ring.folder)
    assert not daemon.refresh()
    key = enrolled(ring)
    assert daemon.find(key.public) is None
    assert daemon.refresh()
    assert daemon.find(key.public).name == "window-3"
    assert daemon.digest == ring.digest
    assert not daemon.refresh()
    ring.revoke("window-3")
    assert daemon.refresh()
    assert daemon.find(key.public) is None
    assert daemon.digest == ring.digest != ""


def test_looking_again_at_the_same_file_does_not_read_it(ring, monkeypatch):
    for n in range(5):
        enrolled(ring, f"p{n}")
    monkeypatch.setattr(os, "open", None)
    assert not ring.refresh()


def test_a_registry_cut_anywhere_lets_nobody_in_and_is_left_as_it_is(ring):
    key = enrolled(ring)
    whole = ring.registry.read_bytes()
    for length in range(len(whole.rstrip())):
        ring.registry.write_bytes(whole[:length])
        assert ring.refresh() or ring.problem is not None
        assert ring.find(key.public) is None
        problem = refused("registry_damaged", ring.entries)
        assert str(ring.registry) in problem.words("zh")
        assert "hallctl keys init" in problem.words("zh")
        if length % 40 == 0:
            refused("registry_damaged", enrolled, ring, "window-4")
            refused("registry_damaged", ring.revoke, "window-3")
            refused("registry_damaged", ring.init)
        assert ring.registry.read_bytes() == whole[:length]
    ring.registry.write_bytes(whole)
    assert ring.refresh()
    assert ring.find(key.public).name == "window-3"
    assert ring.problem is None


def entry(**changed):
    public = zmq.curve_keypair()[0].decode()
    good = {"name": "a", "standing": "guide", "public": public, "enrolled_s": 1, "revoked_s": None}
    return {k: v for k, v in (good | changed).items() if v != "left out"}


TWICE = entry()


@pytest.mark.parametrize(
    "keys",
    [
        None, {}, "", [None], [[]], ["x"], [{}],
        [entry(name="A")], [entry(name=1)], [entry(name="left out")],
        [entry(standing="boss")], [entry(standing="window")], [entry(standing=None)],
        [entry(public="x")], [entry(public=None)], [entry(public=["x"])], [entry(public="é" * 40)],
        [entry(public="\ud800" * 40)],
        [entry(enrolled_s="1")], [entry(enrolled_s=True)], [entry(enrolled_s=float("nan"))],
        [entry(enrolled_s=1e300)], [entry(enrolled_s=-1)], [entry(enrolled_s=None)],
        [entry(revoked_s="left out")], [entry(revoked_s=False)], [entry(revoked_s="")],
        [entry(more=1)],
        [entry(), entry()],
        [TWICE, TWICE | {"name": "b"}],
        [TWICE | {"revoked_s": 2}, TWICE],
        [entry(name="b"), entry(standing="boss")],
    ],
)  # fmt: skip
def test_a_registry_with_one_wrong_entry_lets_nobody_in(ring, keys):
    ring.registry.write_text(json.dumps({"hallctl-keyring": 1, "keys": keys}))
    ring.refresh()
    refused("registry_damaged", ring.entries)
    for one in keys if isinstance(keys, list) else []:
        public = one.get("public") if isinstance(one, dict) else None
        assert not isinstance(public, str) or ring.find(public.encode("utf-8", "replace")) is None


@pytest.mark.parametrize(
    "raw", [b"", b"\0" * 300, b"[" * 100_000, b"null", b"[]", b"{}", b"\xff\xfe", b'{"keys": []}',
            b'{"hallctl-keyring": "1", "keys": []}', b'{"hallctl-keyring": 0, "keys": []}',
            b" " * (1 << 20) + b'{"hallctl-keyring": 1, "keys": []}']
)  # fmt: skip
def test_bytes_that_are_no_registry_are_never_an_empty_one(ring, raw):
    ring.registry.write_bytes(raw)
    assert ring.refresh()
    refused("registry_damaged", ring.entries)
    refused("registry_damaged", ring.init)


def test_a_registry_that_is_no_file_lets_nobody_in(ring):
    ring.registry.unlink()
    ring.registry.mkdir()
    assert ring.refresh()
    refused("registry_damaged", ring.entries)


def test_a_registry_of_a_newer_hallctl_is_said_to_be(ring):
    ring.registry.write_text('{"hallctl-keyring": 2, "people": {}}')
    ring.refresh()
    refused("newer", ring.entries)


def test_a_registry_that_is_gone_lets_nobody_in_and_init_makes_an_empty_one(ring):
    key = enrolled(ring)
    ring.registry.unlink()
    assert ring.refresh()
    assert ring.find(key.public) is None
    assert "hallctl keys init" in refused("registry_missing", ring.entries).words("zh")
    refused("registry_missing", enrolled, ring, "window-4")
    server = ring.server_public
    assert ring.init()
    assert ring.server_public == server
    assert ring.entries() == ()


def test_a_registry_that_others_may_change_lets_nobody_in_until_it_is_closed(ring):
    key = enrolled(ring)
    ring.registry.chmod(0o622)
    assert ring.refresh()
    assert ring.find(key.public) is None
    assert "chmod 600" in refused("open", ring.entries).words("zh")
    ring.registry.chmod(0o600)
    assert ring.refresh()
    assert ring.find(key.public).name == "window-3"


def test_a_damaged_pair_is_never_replaced_and_revoking_still_works(ring):
    key = enrolled(ring)
    whole = ring.server.read_bytes()
    for length in range(0, len(whole.rstrip()), 7):
        ring.server.write_bytes(whole[:length])
        refused("server_damaged", lambda: ring.server_secret)
        refused("server_damaged", ring.init)
        assert ring.server.read_bytes() == whole[:length]
    ring.server.chmod(0o640)
    refused("open", lambda: ring.server_public)
    ring.revoke("window-3")
    assert ring.find(key.public) is None


def test_a_lost_pair_is_made_anew_and_the_list_stays(ring):
    enrolled(ring)
    before = ring.server_public
    ring.server.unlink()
    refused("not_made", lambda: ring.server_public)
    assert ring.init()
    assert ring.server_public != before
    assert [e.name for e in ring.entries()] == ["window-3"]


def test_a_full_disk_leaves_the_registry_as_it_was(ring, monkeypatch):
    key = enrolled(ring)
    before = ring.registry.read_bytes()

    def full(_file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in str(refused("unwritable", ring.revoke, "window-3"))
    refused("unwritable", enrolled, ring, "window-4")
    assert ring.registry.read_bytes() == before
    assert not list(ring.folder.glob("*.new"))
    assert ring.find(key.public).name == "window-3"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "s").write_text("a file in the way")
    ring = Keyring(tmp_path / "s" / "keys")
    assert str(tmp_path / "s") in str(refused("unwritable", ring.init))


def test_who_waits_too_long_for_another_is_told_so(ring, monkeypatch):
    monkeypatch.setattr(module, "LOCK_S", 0.1)
    with Keyring(ring.folder)._locked():
        assert "lock" in str(refused("busy", enrolled, ring))
    enrolled(ring)


WORKER = """
import sys
from pathlib import Path
from hallctl.keyring import Keyring, KeyringError
from hallctl.roles import standing_of
folder, mine, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
won = 0
for n in range(times):
    ring = Keyring(folder)
    ring.enrol(f"{mine}-{n}", standing_of("guide"), None, "tcp://192.0.2.5:7700")
    if n % 2:
        ring.revoke(f"{mine}-{n}")
    try:
        ring.enrol(f"common-{n}", standing_of("guide"), None, "tcp://192.0.2.5:7700")
        won += 1
    except KeyringError as problem:
        assert problem.what == "taken", problem
print(won)
"""


def workers(ring, names, times):
    """Processes that change the same folder, started together."""
    found = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(ring.folder), name, str(times)], cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    for worker in found:
        assert worker.stdout.readline() == "ready\n"
    for worker in found:
        worker.stdin.write("\n")
        worker.stdin.flush()
    return found


def test_programs_that_enrol_at_once_lose_nothing_and_share_no_name(ring):
    daemon = Keyring(ring.folder)
    running = workers(ring, "abc", 20)
    while any(worker.poll() is None for worker in running):
        daemon.refresh()
        assert daemon.problem is None, "a reader never sees half a registry"
        time.sleep(0.001)
    won = [int(worker.communicate()[0]) for worker in running]
    assert [worker.returncode for worker in running] == [0, 0, 0]
    assert sum(won) == 20, "each common name was enrolled by one of the three"
    daemon.refresh()
    living = [e.name for e in daemon.entries() if e.revoked_s is None]
    assert sorted(living) == sorted(
        [f"common-{n}" for n in range(20)] + [f"{m}-{n}" for m in "abc" for n in range(0, 20, 2)]
    )
    assert len(daemon.entries()) == 20 + 60


def test_a_process_killed_at_its_work_leaves_a_whole_registry(ring):
    for turn in range(4):
        (worker,) = workers(ring, [f"k{turn}"], 1000)
        most = len(ring.entries()) + 4 + turn
        wait_until(lambda most=most: ring.refresh() and len(ring.entries()) >= most, every_s=0.001)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        ring.refresh()
        assert ring.problem is None
        enrolled(ring, f"after-{turn}")  # and its lock went with it


def test_nothing_secret_is_in_a_repr_an_error_or_a_log(ring, tmp_path, caplog):
    written = tmp_path / "window-3.hallkey"
    enrolled(ring).write(written)
    key = HallKey.read(written)
    planted = [key.secret.decode(), ring.server_secret.decode()]
    told = [repr(key), str(key), f"{key!r:.500}", repr(ring), repr(ring.entries()), str([key])]
    whole, pair = written.read_bytes(), ring.server.read_bytes()

    def tried(act):
        try:
            act()
        except KeyringError as problem:
            told.extend([repr(problem), problem.words("zh"), "".join(traceback.format_exc())])
            logging.getLogger("test").exception("refused")
            around = problem
            while around := around.__context__:
                told.append(f"{around!r} {vars(around)}")

    for cut in (-3, -20, -60, 60):
        written.write_bytes(whole[:cut])
        tried(lambda: HallKey.read(written))
        ring.server.write_bytes(pair[:cut])
        tried(lambda: ring.server_secret)
        tried(ring.init)
    ring.server.write_bytes(pair)
    tried(lambda: ring.enrol(key.secret.decode(), WINDOW, None, ADDRESS))
    tried(lambda: ring.enrol("a", WINDOW, key.secret + b" ", ADDRESS))
    tried(lambda: ring.enrol("a", WINDOW, None, key.secret.decode()))
    tried(lambda: ring.revoke(key.secret.decode()))
    told.append(caplog.text)
    assert len(told) > 40
    for secret in planted:
        assert [words for words in told if secret[:10] in words] == []

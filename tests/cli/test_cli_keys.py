"""`hallctl keys`: made, enrolled, listed, revoked; clear words for each failure; no secrets."""

import json
import os
import stat
import threading

import pytest
import zmq
import zmq.auth
from typer.testing import CliRunner

from hallctl.cli import keys as cli
from hallctl.cli.main import app
from hallctl.journal import lock_state
from hallctl.keyring import HallKey, Keyring, KeyringError
from hallctl.roles import standing_of
from running import PATIENT_S, RunningDaemon, free_ports, wait_until

LISTEN = "192.0.2.5:7700"


class Desk:
    """A technician before a hall's folder; every word that is said is kept."""

    def __init__(self, folder):
        self.hall, self.state, self.into = folder / "hall", folder / "s", folder / "out"
        self.hall.mkdir()
        self.into.mkdir()
        self.said = []

    @property
    def ring(self):
        return Keyring(self.state / "keys")

    def network(self, text=f"listen: {LISTEN}\n"):
        (self.hall / "network.yaml").write_text(text)

    def run(self, *words, lang="en"):
        """Exit code and everything that was said."""
        places = ["--hall", str(self.hall), "--state", str(self.state), "--lang", lang]
        found = CliRunner().invoke(app, ["keys", *words, *places], env={"COLUMNS": "160"})
        self.read = found.stdout
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        self.said.append(found.output)
        return found.exit_code, found.output

    def asked(self, *words):
        """Exit code and what a program reads: nothing but JSON on stdout."""
        code, _ = self.run(*words, "--json")
        return code, json.loads(self.read)

    def enrol(self, name="window-3", role="window:3", *words):
        return self.run("enrol", name, "--role", role, "--into", str(self.into), *words)

    def file(self, name="window-3"):
        return self.into / f"{name}.hallkey"


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "NOTED_S", PATIENT_S)
    return Desk(tmp_path)


@pytest.fixture
def desk(fresh):
    fresh.network()
    assert fresh.run("init")[0] == 0
    return fresh


def test_init_makes_the_halls_keys_once(fresh):
    code, said = fresh.run("init")
    assert code == 0
    assert "network.yaml has no listen" in said
    public = fresh.ring.server_public
    code, again = fresh.run("init")
    assert code == 0
    assert "nothing was changed" in again
    fresh.network()
    code, body = fresh.asked("init")
    assert (code, body["made"], body["server"]) == (0, False, public.decode())
    assert body["fingerprint"] in said
    assert "listen" not in fresh.run("init")[1]


def test_a_new_pair_says_that_the_old_keys_are_no_use(desk):
    desk.enrol()
    (desk.state / "keys" / "server.json").unlink()
    assert "1 programs" in desk.run("init")[1]


def test_enrolling_before_init_names_the_command_and_writes_nothing(fresh):
    fresh.network()
    code, said = fresh.enrol()
    assert code == 1
    assert "hallctl keys init" in said
    assert not fresh.file().exists()


def test_enrolling_writes_the_one_file_the_program_needs(desk):
    code, said = desk.enrol()
    assert code == 0
    key = HallKey.read(desk.file())
    assert (key.name, str(key.standing), key.address) == ("window-3", "window:3", f"tcp://{LISTEN}")
    assert key.server == desk.ring.server_public
    entry = desk.ring.find(key.public)
    assert (entry.name, entry.standing) == ("window-3", standing_of("window:3"))
    assert entry.fingerprint in said
    assert str(desk.file()) in said
    assert "No hall is running" in said
    assert stat.S_IMODE(desk.file().stat().st_mode) == 0o600


def test_without_into_the_file_lies_where_one_stands(desk, monkeypatch):
    monkeypatch.chdir(desk.into)
    assert desk.run("enrol", "guide", "--role", "guide")[0] == 0
    assert HallKey.read(desk.file("guide")).name == "guide"


def test_a_program_reads_what_happened(desk):
    code, body = desk.asked("enrol", "guide", "--role", "guide", "--into", str(desk.into))
    key = HallKey.read(desk.file("guide"))
    assert code == 0
    assert body == {
        "ok": True, "name": "guide", "role": "guide", "public": key.public.decode(),
        "fingerprint": desk.ring.entries()[0].fingerprint, "server": key.server.decode(),
        "address": key.address, "file": str(desk.file("guide")), "noted": "alone",
    }  # fmt: skip
    code, body = desk.asked("revoke", "guide")
    assert (code, body["noted"], body["revoked_s"] > body["enrolled_s"] - 1) == (0, "alone", True)


@pytest.mark.parametrize("text", [None, "listen: ''\n", "http: 127.0.0.1:7780\n"])
def test_without_listen_it_is_said_what_to_write_where(fresh, text):
    fresh.run("init")
    if text is not None:
        fresh.network(text)
    code, said = fresh.enrol()
    assert code == 1
    assert str(fresh.hall / "network.yaml") in said
    assert "listen:" in said
    assert "--address" in said
    assert fresh.ring.entries() == ()
    code, said = fresh.enrol("window-3", "window:3", "--address", "tcp://hall.example:7700")
    assert code == 0, "the other files of the hall are not needed"
    assert HallKey.read(fresh.file()).address == "tcp://hall.example:7700"


@pytest.mark.parametrize("listen", ["'*:7700'", "0.0.0.0:7700", "'[::]:7700'", "':::7700'"])
def test_a_hall_that_listens_everywhere_needs_an_address_to_go_to(fresh, listen):
    fresh.run("init")
    fresh.network(f"listen: {listen}\n")
    code, said = fresh.enrol()
    assert code == 1
    assert "--address tcp://ADDRESS:7700" in said


def test_a_wrong_network_yaml_is_said_with_its_place(fresh):
    fresh.run("init")
    fresh.network("listen: nowhere\n")
    code, said = fresh.enrol()
    assert code == 1
    assert "network.yaml:1:" in said
    assert fresh.run("init")[0] == 0, "the hall's keys do not need it"


@pytest.mark.parametrize(
    ("role", "words"),
    [("boss", "there are kiosk, screen"), ("window", "such as window:3"), ("guide:1", "guide")],
)
def test_an_unknown_role_says_which_there_are(desk, role, words):
    for lang in ("en", "zh"):
        code, said = desk.run("enrol", "a", "--role", role, "--into", str(desk.into), lang=lang)
        assert code == 1
        assert words in said
    assert desk.ring.entries() == ()


def test_a_name_that_is_taken_says_by_whom_and_how_to_free_it(desk):
    desk.enrol()
    before = desk.file().read_bytes()
    code, said = desk.enrol()
    assert code == 1
    assert "is there already" in said, "a key is never overwritten"
    desk.file().rename(desk.into / "moved")
    code, said = desk.enrol()
    assert code == 1
    assert "hallctl keys revoke window-3" in said
    assert not desk.file().exists()
    assert desk.run("revoke", "window-3")[0] == 0
    assert desk.enrol()[0] == 0
    assert desk.file().read_bytes() != before


def test_a_folder_that_is_not_there_enrols_nobody(desk):
    desk.into.rmdir()
    code, said = desk.enrol()
    assert code == 1
    assert "No such folder" in said
    assert desk.ring.entries() == ()


def test_a_key_that_could_not_be_written_is_revoked_again(desk, monkeypatch):
    def full(key, path):
        raise KeyringError("unwritable", path=path, problem="No space left on device")

    monkeypatch.setattr(HallKey, "write", full)
    code, said = desk.enrol()
    assert code == 1
    assert "No space left on device" in said
    assert "revoked again" in said
    assert [e.revoked_s is None for e in desk.ring.entries()] == [False]
    code, body = desk.asked("enrol", "b", "--role", "guide", "--into", str(desk.into))
    assert (code, body["code"]) == (1, "unwritable")


def test_a_stick_that_keeps_no_rights_is_warned_of(desk, monkeypatch):
    write = HallKey.write

    def on_a_stick(key, path):
        write(key, path)
        path.chmod(0o755)

    monkeypatch.setattr(HallKey, "write", on_a_stick)
    assert "delete it once it is copied" in desk.enrol()[1]


def pair_files(folder):
    """The two files that ZeroMQ's own tools write: public, secret."""
    folder.mkdir(exist_ok=True)
    return [os.fspath(path) for path in zmq.auth.create_certificates(folder, "own")]


def test_a_program_with_its_own_pair_is_told_what_it_must_know(desk):
    public, _ = zmq.curve_keypair()
    (desk.into / "pub").write_bytes(public + b"\n")
    given = {
        "a": public.decode(),
        "b": str(desk.into / "pub2"),
        "c": pair_files(desk.into / "zmq")[0],
    }
    (desk.into / "pub2").write_bytes(zmq.curve_keypair()[0] + b"\n")
    for name, key in given.items():
        code, said = desk.run("enrol", name, "--role", "web", "--public-key", key)
        assert code == 0, said
        assert desk.ring.server_public.decode() in said
        assert f"tcp://{LISTEN}" in said
    assert desk.ring.find(public).name == "a"
    own = zmq.auth.load_certificate(given["c"])[0]
    assert desk.ring.find(own).name == "c"
    assert not list(desk.into.glob("*.hallkey"))
    code, said = desk.run("enrol", "d", "--role", "web", "--public-key", str(desk.into / "pub"))
    assert code == 1
    assert "already, as a" in said


def test_a_file_for_an_own_pair_has_no_secret(desk):
    public, _ = zmq.curve_keypair()
    assert desk.enrol("web", "web", "--public-key", public.decode())[0] == 0
    body = json.loads(desk.file("web").read_text())
    assert (body["public"], body["secret"]) == (public.decode(), "")


def test_a_secret_is_never_taken_for_a_public_key(desk):
    desk.enrol()
    for path in (pair_files(desk.into / "zmq")[1], str(desk.file())):
        code, said = desk.run("enrol", "a", "--role", "web", "--public-key", path)
        assert code == 1
        assert "must not leave its program" in said
    assert len(desk.ring.entries()) == 1


@pytest.mark.parametrize("given", ["x", "nowhere.pub", "/", "\0", "#" * 40, "a" * 5000])
def test_what_is_no_public_key_is_said_to_be_none(desk, given):
    code, said = desk.run("enrol", "a", "--role", "web", "--public-key", given)
    assert code == 1
    assert "no public key" in said
    assert desk.ring.entries() == ()


def test_the_list_shows_who_is_in_and_who_was(desk):
    assert "hallctl keys enrol" in desk.run("list")[1]
    desk.enrol()
    desk.enrol("guide", "guide")
    desk.run("revoke", "window-3")
    code, said = desk.run("list", lang="zh")
    assert code == 0
    first, second = desk.ring.entries()
    head, guide, window = [line.split() for line in said.strip().splitlines()]
    assert head == ["名称", "角色", "指纹", "登记时间", "作废时间"]
    assert guide[:3] == ["guide", "guide", second.fingerprint]
    assert window[:3] == ["window-3", "window:3", first.fingerprint]
    assert (len(guide), len(window)) == (5, 7), "a day and a time each; revoked or not"
    body = desk.asked("list")[1]
    assert [k["name"] for k in body["keys"]] == ["guide", "window-3"]
    assert [k["revoked_s"] is None for k in body["keys"]] == [True, False]


def test_revoking_shuts_out_and_a_stranger_is_said_to_be_one(desk):
    desk.enrol()
    key = HallKey.read(desk.file())
    code, said = desk.run("revoke", "window-33")
    assert code == 1
    assert "window-3" in said
    code, said = desk.run("revoke", "window-3")
    assert code == 0
    assert "gets in no more" in said
    assert desk.ring.find(key.public) is None
    assert desk.run("revoke", "window-3")[0] == 1


@pytest.mark.parametrize(
    "words", [["list"], ["revoke", "a"], ["enrol", "a", "--role", "web"], ["init"]]
)
def test_a_damaged_registry_is_named_by_every_command_and_left_alone(desk, words):
    desk.enrol()
    registry = desk.state / "keys" / "registry.json"
    registry.write_bytes(registry.read_bytes()[:-20])
    cut = registry.read_bytes()
    for lang in ("zh", "en"):
        code, said = desk.run(*words, lang=lang)
        assert code == 1
        assert str(registry) in said
        assert "hallctl keys init" in said
    code, body = desk.asked(*words)
    assert (code, body["ok"], body["code"]) == (1, False, "registry_damaged")
    assert "坏了" in body["words"]["zh"]
    assert "nobody gets in" in body["words"]["en"]
    assert registry.read_bytes() == cut


def test_a_state_folder_that_cannot_be_written_is_named(fresh):
    fresh.state.write_text("a file in the way")
    code, said = fresh.run("init")
    assert code == 1
    assert str(fresh.state) in said


class Answering:
    """A daemon as `hallctl keys` sees one: it has the state's lock, and answers for its status."""

    def __init__(self, state, *statuses):
        self.lock = lock_state(state)
        self.statuses = list(statuses)
        self.stopping = False
        (state / "bus").mkdir(exist_ok=True)
        self.endpoint = f"ipc://{state}/bus/technician"
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._turn)
        self.thread.start()
        assert self.ready.wait(PATIENT_S)

    def _turn(self):
        with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
            router.linger = 0
            router.bind(self.endpoint)
            self.ready.set()
            while not self.stopping:
                if not router.poll(20):
                    continue
                asker, raw = router.recv_multipart()
                status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
                answer = {"v": 1, "id": json.loads(raw)["id"], "ok": True, "result": status()}
                router.send_multipart([asker, json.dumps(answer).encode()])

    def close(self):
        self.stopping = True
        self.thread.join()
        os.close(self.lock)


@pytest.fixture
def daemon(desk):
    running = []
    yield lambda *statuses: running.append(Answering(desk.state, *statuses)) or desk
    for one in running:
        one.close()


def knows(desk, *, listening=True):
    return lambda: {"keys_digest": desk.ring.digest, "bus": {"listening": listening}}


def test_a_running_hall_is_waited_for_until_it_has_taken_note(daemon, desk):
    daemon(lambda: {"keys_digest": "0" * 16}, lambda: {"keys_digest": ""}, knows(desk))
    code, said = desk.enrol()
    assert code == 0
    assert "has taken note" in said
    assert desk.asked("revoke", "window-3")[1]["noted"] == "noted"


def test_a_running_hall_that_listens_nowhere_is_said_to(daemon, desk):
    daemon(knows(desk, listening=False))
    code, said = desk.enrol()
    assert code == 0
    assert "does not listen on the network" in said


def test_a_hall_of_an_older_hallctl_was_not_asked(daemon, desk):
    daemon(lambda: {"epoch": "x"})
    code, said = desk.run("revoke", "nobody")
    assert code == 1
    code, said = desk.enrol()
    assert code == 0
    assert "was not asked" in said


def test_a_hall_that_does_not_take_note_is_an_alarm(daemon, desk, monkeypatch):
    monkeypatch.setattr(cli, "NOTED_S", 0.5)
    daemon(lambda: {"keys_digest": "0" * 16})
    code, said = desk.enrol()
    assert code == cli.LATE
    assert "has not taken note" in said
    code, body = desk.asked("revoke", "window-3")
    assert (code, body["noted"], body["ok"]) == (cli.LATE, "late", True)


def test_no_command_ever_tells_a_secret(desk):
    desk.enrol()
    server, mine = desk.ring.server_secret.decode(), HallKey.read(desk.file()).secret.decode()
    desk.asked("enrol", "b", "--role", "web", "--into", str(desk.into))
    theirs = HallKey.read(desk.file("b")).secret.decode()
    own_public, own_secret = pair_files(desk.into / "zmq")
    desk.run("enrol", "c", "--role", "web", "--public-key", own_public)
    loaded = zmq.auth.load_certificate(own_secret)[1].decode()
    for words in (
        ["init"], ["list"], ["list", "--json"], ["init", "--json"], ["revoke", "b"],
        ["enrol", "window-3", "--role", "web", "--into", str(desk.hall)],
        ["enrol", "d", "--role", "web", "--public-key", own_secret],
        ["enrol", "d", "--role", "web", "--public-key", str(desk.file())],
        ["enrol", "d", "--role", "web", "--public-key", f"{mine} "],
        ["enrol", "d", "--role", "web", "--public-key", mine[:-1], "--json"],
        ["enrol", mine, "--role", "web"], ["revoke", mine], ["revoke", mine, "--json"],
        ["enrol", "d", "--role", "web", "--address", mine],
    ):  # fmt: skip
        desk.run(*words)
    pair = desk.state / "keys" / "server.json"
    for raw in (pair.read_bytes()[:-4], pair.read_bytes() + b"}", b'"' + server.encode() + b'"'):
        pair.write_bytes(raw)
        for words in (["init"], ["enrol", "e", "--role", "web"], ["init", "--json"]):
            assert desk.run(*words)[0] == 1
    (desk.state / "keys" / "registry.json").write_text(json.dumps({"secret": mine}))
    for words in (["list"], ["list", "--json"], ["revoke", "a"]):
        assert desk.run(*words)[0] == 1
    assert len(desk.said) > 25
    for secret in (server, mine, theirs, loaded):
        assert [said for said in desk.said if secret[:12] in said] == []


def is_heard(asker, question):
    """Whether a question is answered, and with more than a refusal."""
    try:
        asker.send(question, zmq.DONTWAIT)
    except zmq.Again:  # the connection is gone
        return False
    return bool(asker.poll(1500)) and json.loads(asker.recv())["ok"]


def test_a_real_hall_lets_in_whom_it_was_told_to_and_shuts_out_whom_not(fresh):
    real = RunningDaemon(fresh.into)
    fresh.hall, fresh.state = real.hall, real.state
    fresh.network(f"listen: 127.0.0.1:{free_ports()}\n")
    assert fresh.run("init")[0] == 0
    real.start()
    try:
        wait_until((real.state / "bus" / "technician").exists)
        code, said = fresh.enrol("guide", "guide")
        assert (code, "has taken note" in said) == (0, True), said + real.words()
        key = HallKey.read(fresh.file("guide"))
        with zmq.Context() as context, context.socket(zmq.DEALER) as asker:
            asker.linger = 0
            asker.curve_serverkey, asker.curve_publickey = key.server, key.public
            asker.curve_secretkey = key.secret
            asker.connect(key.address)
            status = json.dumps({"v": 1, "from": "", "ask": "status", "id": "1"}).encode()
            asker.send(status)
            assert asker.poll(PATIENT_S * 1000), real.words()
            assert json.loads(asker.recv())["ok"]
            code, said = fresh.run("revoke", "guide")
            assert (code, "has taken note" in said) == (0, True), said + real.words()
            assert not is_heard(asker, status)
        assert key.secret.decode() not in real.words()
        assert fresh.ring.server_secret.decode() not in real.words()
    finally:
        real.stop()

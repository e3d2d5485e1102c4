"""SIGHUP: the three files are read again while the hall runs, as an event or not at all."""

import signal
from dataclasses import replace

import pytest

from hallctl.core import commands as c
from hallctl.core.hall import Hall
from hallctl.reloading import obstacles
from running import RawAsker, RunningDaemon, wait_until
from sample import RULES, Bench, words


@pytest.fixture
def daemon(tmp_path):
    daemon = RunningDaemon(tmp_path)
    daemon.start()
    yield daemon
    daemon.stop()


def change(daemon, name, old, new):
    path = daemon.hall / name
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def hang_up(daemon, said):
    """SIGHUP, until the daemon's log has said the words once more."""
    before = daemon.words().count(said)
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: daemon.words().count(said) > before, 60)


def test_new_rules_hold_from_the_signal_on_and_a_bad_file_changes_nothing(daemon):
    asker = RawAsker(daemon.state / "bus", role="supervisor")
    try:
        asker.ask("i", {"type": "IssueTicket", "queue": "A"})
        asker.ask("c", {"type": "CallNext", "window": 1})
        recall = {"type": "Recall", "window": 1}
        assert asker.ask("r1", recall)["code"] == "too_soon"

        change(daemon, "hall.yaml", "recall_gap_s: 20 ", "recall_gap_s: 0 ")
        hang_up(daemon, "rules reloaded at event")
        assert asker.ask("r2", recall)["ok"]

        change(daemon, "hall.yaml", "recall_max: 5", "recall_max: many")
        line = 1 + (daemon.hall / "hall.yaml").read_text().split("recall_max")[0].count("\n")
        hang_up(daemon, "not reloaded")
        assert f"hall.yaml:{line}:" in daemon.words()
        assert "rules.recall_max: must be a whole number" in daemon.words()
        assert asker.ask("r3", recall)["ok"], "the rules before stay in force"

        change(daemon, "hall.yaml", "recall_max: many", "recall_max: 3")
        hang_up(daemon, "rules reloaded at event")
        assert asker.ask("r4", recall)["code"] == "too_often"
        hang_up(daemon, "nothing has changed")
    finally:
        asker.close()


def test_a_device_added_is_wired_at_the_next_start_and_the_log_says_so(daemon):
    asker = RawAsker(daemon.state / "bus")
    asker.ask("i", {"type": "AskHelp", "place": "door"})
    asker.close()
    pad = (
        "devices:\n  pad-1:\n    driver: pad_serial\n    link: {serial: /dev/none}\n    window: 1\n"
    )
    (daemon.hall / "devices.yaml").write_text(pad)
    hang_up(daemon, "rules reloaded at event")
    assert "devices are wired anew at the next start only" in daemon.words()
    hang_up(daemon, "nothing has changed")


def test_a_reload_sets_rules_and_leaves_print_jobs_alone():
    bench = Bench()
    bench.ask(c.IssueTicket(queue="A", kiosk="kiosk-1"))
    new = replace(RULES, recall_gap_s=5.0)
    assert words(bench.ask(c.Wake(rules=new, digest="d2", running=True))) == ["RulesSet"]
    assert words(bench.ask(c.Wake(rules=new, digest="d2", running=True))) == []
    assert bench.hall.rules.recall_gap_s == 5.0


def queues(**changes):
    return tuple(replace(q, **changes) if q.id == "A" else q for q in RULES.queues)


def test_nobody_with_a_ticket_loses_queue_or_window():
    bench = Bench()
    without_a = replace(RULES, queues=RULES.queues[1:])
    without_1 = replace(RULES, windows=RULES.windows[1:])
    assert obstacles(bench.hall, without_a) == obstacles(bench.hall, without_1) == []
    bench.ask(c.IssueTicket(queue="A"))
    bench.ask(c.CallNext(window=1))
    assert obstacles(bench.hall, without_a) == ["queue A is gone, but 1 tickets of it are open"]
    assert obstacles(bench.hall, without_1) == ["window 1 is gone, but it is busy"]
    assert obstacles(bench.hall, replace(RULES, recall_max=9)) == []


def test_no_number_can_be_given_twice_through_a_changed_prefix():
    bench = Bench()
    assert obstacles(bench.hall, replace(RULES, queues=queues(prefix="X"))) == []
    bench.ask(c.IssueTicket(queue="A"))
    bench.ask(c.CancelTicket(visit="A001"))
    (words_,) = obstacles(bench.hall, replace(RULES, queues=queues(prefix="X")))
    assert "prefix must stay" in words_
    (words_,) = obstacles(bench.hall, replace(RULES, queues=(replace(RULES.queues[0], id="N"),)))
    assert "takes the prefix of queue A" in words_


def test_another_time_zone_needs_a_start_and_the_first_rules_meet_no_obstacle():
    bench = Bench()
    assert "Asia/Tokyo" in obstacles(bench.hall, replace(RULES, timezone="Asia/Tokyo"))[0]
    assert obstacles(Hall(), RULES) == []

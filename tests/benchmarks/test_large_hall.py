"""A hall of 100 windows is configured, called and spoken as a small one is."""

import bighall
import pytest
from ruamel.yaml import YAML

from hallctl.config.load import load
from hallctl.config.problems import ConfigError
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import speech
from hallctl.device import driver_class
from running import hall_folder
from sample import Bench


@pytest.fixture
def folder(tmp_path):
    made = hall_folder(tmp_path / "hall", bighall.DEVICES)
    bighall.large(made)
    return made


def test_a_ticket_is_called_to_the_hundredth_window(folder):
    config = load(folder, driver_class=driver_class)
    assert len(config.rules.windows) == bighall.WINDOWS == 100
    assert len(config.devices) == bighall.KIOSKS
    bench = Bench(config.rules)
    last = config.rules.window(100).queues[0]
    taken = bench.ask(c.IssueTicket(queue=last, kiosk="kiosk-20")).answer["result"]
    called = bench.ask(c.CallNext(window=100)).answer["result"]
    assert (called["visit"], called["window"]) == (taken["visit"], 100)
    shown = [x for x in bench.effects if isinstance(x, f.ShowStrip) and x.window == 100]
    assert taken["label"] in " ".join(shown[-1].texts)
    printed = [x for x in bench.effects if isinstance(x, f.PrintSlip)]
    assert printed[-1].printer == "printer-20"


def test_every_window_number_that_may_be_configured_can_be_spoken():
    for number in (1, 99, 100, 101, speech.MOST_WINDOWS):
        assert speech.number_of(number, "mandarin")
        assert speech.number_of(number, "cantonese")


def test_a_window_whose_number_nobody_can_say_is_refused(folder):
    path, yaml = folder / "hall.yaml", YAML()
    rules = yaml.load(path)
    rules["windows"][speech.MOST_WINDOWS + 1] = {"name": "x", "name_en": "x", "short": "x"}
    with path.open("w") as file:
        yaml.dump(rules, file)
    with pytest.raises(ConfigError, match=rf"windows\.{speech.MOST_WINDOWS + 1}"):
        load(folder, driver_class=driver_class)

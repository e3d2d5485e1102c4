"""Every driver there is, each with the twin of its device: found in the folders, never listed."""

import dataclasses
import pkgutil

import drivers
from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.slip import Line, Slip
from hallctl.core.speech import Sentence
from hallctl.device import driver_class
from hallctl.simulator.stage import NoTwinError, twin_class
from wired import TURN_S, Wired

NAMES = sorted(module.name for module in pkgutil.iter_modules(drivers.__path__))
FORM = Slip(parts=(Line("自检"),))
SENTENCE = Sentence("mandarin", ("letter-a", "0", "pause:250", "window"), "A零，号窗口")
DEVICE = "dut"
LEVELS = ("internal", "external", "interactive")
DEEDS = (r.KeyPressed, r.Rated, r.CardRead, r.SlipPrinted, r.Announced)
"""What a device is there for."""


def _has_twin(name):
    try:
        return bool(twin_class(name))
    except NoTwinError:
        return False


TWINNED = [name for name in NAMES if _has_twin(name)]


def options(name):
    """The options its driver offers as an example."""
    kind = driver_class(name)
    return kind.Options.model_validate(dict(kind.example))


def make(name):
    return driver_class(name)(options(name))


def twin(name):
    """Its twin, with the options as the desk gives them."""
    return twin_class(name)(options(name).model_dump(mode="json"))


def wired(name, driver=None):
    """Driver and twin on one line, greeted and at rest."""
    pair = Wired(driver or make(name), twin(name), name=DEVICE)
    pair.run(3)
    return pair


def first_window(driver):
    return next(iter(driver.windows()), 1)


def orders(driver, again=0):
    """One of each effect the driver takes, for its first window; other ones with `again`."""
    window = first_window(driver)
    slip = Slip(parts=(Line(f"A00{again}"),))
    samples = (
        f.PrintSlip(printer=DEVICE, job=f"job-{again}", slip=slip),
        f.ShowStrip(window=window, state="call", texts=(f"请A01{again}到1号窗口", f"A01{again}")),
        f.ShowKeypad(window=window, waiting=7, ticket=f"A01{again}"),
        f.Announce(
            device=DEVICE, announcement=f"{DEVICE}:{again}", window=window,
            chime="full", sentences=(SENTENCE,), volume=80,
        ),
        f.AskRating(window=window, label=f"A00{again}"),
        f.SetDayKey(device=DEVICE, day=f"2026-11-2{again}", key=bytes([again + 1]) * 32),
    )  # fmt: skip
    return [sample for sample in samples if isinstance(sample, driver.takes)]


PRESSES = (
    {"key": "call"}, {"key": "recall"},
    {"grade": 4}, {"grade": 5},
    {"do": "card"}, {"do": "remove"},
)  # fmt: skip
"""What a person may do to a device of whatever kind; each twin takes some of it."""


def pressed(pair, what):
    """Press it, if the device has such a key; whether it has."""
    try:
        pair.press(window=first_window(pair.device.driver), **what)
    except (ValueError, TypeError, KeyError):
        return False
    return True


def person(pair):
    """Somebody who does what the self-test asks for, by the words of its step."""

    def act(asks):
        word, _, what = asks.step.partition(":")
        tried = [{"key": what}, {"do": word}, {"do": what}, {word: what}]
        if what.isdigit():
            tried[:0] = [{"grade": int(what)}]
        for press in tried:
            try:
                pair.press(window=asks.window, **press)
            except (ValueError, TypeError, KeyError):
                continue
            return

    return act


def serve(pair, seconds, heard=None):
    """Let time pass in a hall that answers presses and sends slips, as the core does.

    `heard`: the reports it has acted on so far, all if not given.
    """
    heard = len(pair.reports) if heard is None else heard
    for _ in range(round(seconds / TURN_S)):
        fresh, heard = pair.reports[heard:], len(pair.reports)
        for report in fresh:
            _act(pair, report)
        pair.turn()


def _act(pair, report):
    if isinstance(report, r.SlipReady):
        pair.do(f.SendSlip(printer=DEVICE, job=report.job))
    if press := getattr(report, "press", ""):
        pair.do(f.AnswerKey(device=DEVICE, window=report.window, press=press, accepted=True))
    if isinstance(report, r.Rated):
        pair.do(f.EndRating(window=report.window, thanks=True))


def deeds(reports):
    """What the device did, without the names it gave single presses, and how long it took."""
    found = [report for report in reports if isinstance(report, DEEDS)]
    plain = {"press": "", "took_s": 0.0}
    return [
        dataclasses.replace(deed, **{k: v for k, v in plain.items() if hasattr(deed, k)})
        for deed in found
    ]


def working_day(pair, again=0):
    """Give the device everything it takes and press all it has; what it did."""
    begun = len(pair.reports)
    for order in orders(pair.device.driver, again):
        heard = len(pair.reports)
        pair.do(order)  # may be answered at once
        serve(pair, 4, heard)
    for what in PRESSES:
        if pressed(pair, what):
            serve(pair, 2)
    return deeds(pair.reports[begun:])


def deepest(pair, *, windows=()):
    """The findings of the external self-test and of the one with a person."""
    found = pair.selftest("external", form=FORM, windows=windows)
    return found + pair.selftest("interactive", form=FORM, windows=windows, person=person(pair))


def failed(findings):
    return [finding for finding in findings if finding.result == "failed"]


def shown(state):
    """Everything a person reads off the device, wherever it stands in a twin's state."""
    words = {"text", "texts", "waiting", "ticket", "asking", "label"}
    found = []
    if isinstance(state, dict):
        for key, value in state.items():
            found += [(key, value)] if key in words else shown(value)
    return found

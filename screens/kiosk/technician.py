"""The technician's menu behind the seal: a PIN, then what can be done at the kiosk itself.

A kiosk follows public events only, so the findings of a self-test are not told to it: the menu
shows what devices say of themselves, and prints the findings on paper. The daemon alone knows
the PIN; one is tried with a command that never does anything (print no tests at all).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from hallctl.core.commands import Command, LoadPaper, PrintTests, TestDevice
from hallctl.core.hall import DeviceState, Hall
from hallctl.core.view import tickets_left
from hallctl.texts import knows, say
from screens.kiosk import pages as p
from screens.kiosk.words import rules_of, top
from screens.kit.sight import Sight

if TYPE_CHECKING:
    from screens.kiosk.model import Kiosk

MENU_S = 120.0
"""A menu that nobody touches closes by itself."""
SILENT_S = 10.0
LOCK_S = 0.8
LONGEST = 12
"""As hallctl.pin has it."""
LANGUAGES = ("zh", "en")


@dataclass(slots=True)
class Menu:
    """Where the technician is; all of it is forgotten on the way home."""

    state: Literal["", "pin", "asking", "open"] = ""
    typed: str = field(default="", repr=False)
    pending: str = ""
    asked_s: float = 0.0
    doing: str = ""
    words: dict[str, str] = field(default_factory=dict)
    tone: str = "primary"
    device: int = 0
    test: str = ""
    job: str = ""
    restart: bool = False
    """Whether this screen is to end, for systemd to begin it anew."""


def touched(kiosk: "Kiosk", act: str, what: str, sight: Sight) -> None:
    """A target of the menu was touched; any other one does nothing."""
    menu = kiosk.menu
    if act == "seal" and kiosk.ask_as is not None and not kiosk.pending:
        language = kiosk.language
        kiosk.home(sight)
        kiosk.language, kiosk.menu = language, Menu(state="pin")
    elif act == "menu" and what == "leave":
        kiosk.home(sight)
    elif act == "key" and menu.state == "pin":
        _key(kiosk, what, sight)
    elif act == "menu" and menu.state == "open" and not menu.pending:
        _act(kiosk, what, sight)


def _key(kiosk: "Kiosk", key: str, sight: Sight) -> None:
    menu = kiosk.menu
    if key == "clear":
        menu.typed = ""
    elif key != "enter":
        menu.typed = (menu.typed + key)[:LONGEST]
    elif menu.typed:
        menu.state, menu.words = "asking", _say("menu.asking")
        _send(kiosk, PrintTests(tests=()), "pin", sight)


def _act(kiosk: "Kiosk", what: str, sight: Sight) -> None:
    menu, device = kiosk.menu, device_of(kiosk, sight)
    commands: dict[str, Callable[[], Command]] = {
        "test": lambda: TestDevice(device=device, level="internal"),
        "form": lambda: TestDevice(device=device, level="external"),
        "paper": lambda: LoadPaper(printer=device),
        "slip": lambda: PrintTests(tests=(menu.test,), place=kiosk.name),
    }
    if what == "restart":
        menu.restart = True
    elif what == "next":
        menu.device, menu.words, menu.test, menu.job = menu.device + 1, {}, "", ""
    elif what in commands:
        menu.words, menu.tone = _say("menu.asked"), "primary"
        _send(kiosk, commands[what](), what, sight)


def _send(kiosk: "Kiosk", command: Command, doing: str, sight: Sight) -> None:
    menu = kiosk.menu
    assert kiosk.ask_as is not None
    kiosk.locked_until_s = sight.mono_s + LOCK_S
    menu.doing, menu.asked_s, menu.tone = doing, sight.mono_s, "primary"
    menu.pending = kiosk.ask_as(command, menu.typed)


def answered(
    kiosk: "Kiosk", ok: bool, result: Mapping[str, object], words_by: dict[str, str]
) -> None:
    """The daemon answered the technician."""
    menu = kiosk.menu
    menu.pending = ""
    if menu.doing == "pin":
        # Wrong and never set are told apart nowhere: that would help who tries.
        shut = words_by.get("zh") == say("zh", "refused.not_allowed", command="PrintTests")
        menu.state = "pin" if shut else "open"
        menu.words, menu.tone = (_say("menu.wrong"), "warn") if shut else ({}, "primary")
        menu.typed = "" if shut else menu.typed
        return
    menu.words, menu.tone = (_say(f"menu.{menu.doing}_ok"), "ok") if ok else (words_by, "warn")
    menu.test = str(result.get("test", menu.test))
    menu.job = str(result.get("job", menu.job))


def passed(kiosk: "Kiosk", sight: Sight) -> None:
    """Time has passed: nobody stands there, or the hall does not answer."""
    menu = kiosk.menu
    if sight.mono_s - kiosk.touched_s > MENU_S:
        kiosk.home(sight)
    elif menu.pending and sight.mono_s - menu.asked_s > SILENT_S:
        menu.pending, menu.words, menu.tone = "", _say("menu.silent"), "warn"
        menu.state = "pin" if menu.doing == "pin" else "open"


def _say(key: str) -> dict[str, str]:
    return {t: say(t, key) for t in LANGUAGES}


def devices(kiosk: "Kiosk", sight: Sight) -> tuple[str, ...]:
    """The devices of this place, its printers first."""
    rules = rules_of(sight)
    printers = rules.printers_for(kiosk.name)
    others = (f.device for f in rules.fittings if kiosk.name in f.serves)
    return tuple(dict.fromkeys((*printers, *others)))


def device_of(kiosk: "Kiosk", sight: Sight) -> str:
    """The device that the menu shows; "" where the place has none."""
    names = devices(kiosk, sight)
    return names[kiosk.menu.device % len(names)] if names else ""


def page(kiosk: "Kiosk", sight: Sight) -> p.PinPage | p.MenuPage:
    """The PIN pad, or the menu."""
    t, menu = kiosk.language, kiosk.menu
    words = menu.words.get(t, "")
    if menu.state != "open":
        return p.PinPage(
            top=top(kiosk, sight, helpers="none"),
            title=say(t, "menu.pin"),
            sub=say(t, "menu.pin_sub"),
            digits=len(menu.typed),
            enter=say(t, "menu.enter"),
            clear=say(t, "menu.clear"),
            leave=say(t, "menu.leave"),
            words=words,
            tone=menu.tone,
        )
    device = device_of(kiosk, sight)
    return p.MenuPage(
        top=top(kiosk, sight, helpers="none"),
        title=say(t, "menu.title"),
        device=device or say(t, "menu.no_device"),
        facts=_facts(t, sight.hall, device, menu.job),
        words=words or say(t, "menu.hint"),
        tone=menu.tone,
        buttons=_buttons(kiosk, sight, device),
        leave=say(t, "menu.leave"),
    )


def _facts(t: str, hall: Hall, name: str, job: str) -> tuple[tuple[str, str, str], ...]:
    if not name:
        return ()
    device = hall.devices.get(name, DeviceState(name=name))
    icon, tone = {"up": ("tickcircle", "ok"), "down": ("cross", "bad")}.get(
        device.link, ("question", "primary")
    )
    found = [(icon, say(t, f"menu.link_{device.link}"), tone)]
    for part, state in device.parts.items():
        key = f"part.{part}.{state}"
        words = say(t, key) if knows(key) else f"{part}: {state}"
        fine = state in ("ok", "closed", "ready")
        found.append(("tickcircle" if fine else "triangle", words, "ok" if fine else "warn"))
    left = tickets_left(hall, name)
    if left is not None:
        found.append(("ticket", say(t, "menu.left", n=left), "primary"))
    slip = hall.jobs.get(job)
    if slip is not None:
        done = slip.status == "printed"
        words = say(t, f"menu.slip_{slip.status}")
        found.append(("tickcircle" if done else "printer", words, "ok" if done else "primary"))
    return tuple(found)


def _buttons(kiosk: "Kiosk", sight: Sight, device: str) -> tuple[tuple[str, str, str], ...]:
    t = kiosk.language
    fitting = rules_of(sight).fitting(device)
    names = [("test", "tick")] if device else []
    if fitting is not None and fitting.kind == "printer":
        names += [("form", "printer"), ("paper", "document")]
    if kiosk.menu.test:
        names.append(("slip", "form"))
    if len(devices(kiosk, sight)) > 1:
        names.append(("next", "right"))
    names.append(("restart", "wrench"))
    return tuple((f"menu:{name}", icon, say(t, f"menu.{name}")) for name, icon in names)

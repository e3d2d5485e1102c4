"""The `hallctl` command: what it has, and in which file each part is.

A command's file is imported when the command is used: a daemon starts, and a list of commands is
there, without the other thirty. The words here are those of the command itself (a test compares).
"""

from typing import ClassVar

import typer

from hallctl.cli.late import Late, LateGroup


class Commands(LateGroup):
    """All commands, in the order of `hallctl --help`."""

    LATE: ClassVar[dict[str, Late]] = {
        "run": Late("running", "Run the hall's daemon in the foreground, until SIGTERM or Ctrl-C."),
        "desk": Late(
            "running",
            "Open the whole hall on a desk: every device as a twin, one page shows it all.",
        ),
        "check": Late(
            "running",
            "Check the three configuration files; all mistakes at once, each with its place.",
        ),
        "issue": Late("acts", "Take a number (取号)."),
        "call": Late("acts", "Call the next ticket to a window (顺呼), or one ticket (特呼)."),
        "status": Late(
            "acts", "Show how the running hall stands: queues, alerts, windows, devices."
        ),
        "notices": Late(
            "acts", "Set what the hall screen shows in turn, until the day ends (通知)."
        ),
        "answer-help": Late(
            "acts", "Say that a person is on the way to whoever called for help (叫人帮忙)."
        ),
        "extend": Late("acts", "Serve, and give numbers, until a later time today (延时服务)."),
        "report": Late(
            "report",
            "Tell a day: who waited how long and why each was called, calls nobody saw, work, "
            "alerts.",
        ),
        "ticket": Late("visits", "Cancel, rejoin, reprint or change a ticket (号票).", group=True),
        "window": Late("windows", "What is done at a window (窗口).", group=True),
        "queue": Late("acts", "Open or close a queue (队列) for today.", app="queue", group=True),
        "evacuate": Late("acts", "Everybody must leave (紧急疏散).", app="evacuate", group=True),
        "journal": Late("journal", "Read, check and mend the journal.", group=True),
        "backup": Late(
            "backup",
            "Copy the journal, while the hall runs or not, and verify every event of the copy.",
        ),
        "restore": Late(
            "backup",
            "Go on from a backup. The present journal is put aside; numbers go on above those on "
            "paper.",
        ),
        "export": Late(
            "backup",
            "Write events and visits into two files. No hash of a card, no age and no grade is in "
            "them.",
        ),
        "purge": Late(
            "backup",
            "Delete card keys of past days, and backups and journals put aside that are old "
            "enough.",
        ),
        "simulate": Late(
            "simulate",
            "Simulate (推演): daemon, people, devices, disk, bus and clock, all from one seed.",
        ),
        "rehearse": Late(
            "rehearse",
            "Rehearse (预演): a day under these rules, and beside it under changed ones.",
        ),
        "devices": Late(
            "devices", "Show how each device is, what to do about it, and what that is known by."
        ),
        "health": Late(
            "health",
            "Say in one line whether the hall is well, for a monitor that calls this each minute.",
        ),
        "scan": Late(
            "attaching",
            "Show what is attached to this computer, with the lines for devices.yaml. Needs no "
            "daemon.",
        ),
        "learn": Late(
            "attaching",
            "Learn which keypad stands at which window: press its Enter key when asked.",
        ),
        "selftest": Late("selftest", "Let devices and the computer test themselves.", group=True),
        "paper": Late("selftest", "Rolls of paper in printers.", app="paper", group=True),
        "pin": Late("pin", "The technician's PIN for the kiosk's hidden menu.", group=True),
        "voice": Late(
            "voice",
            "The voice (语音): how it is, what it says, quiet for a while (静音).",
            group=True,
        ),
        "sounds": Late(
            "sounds", "The clips the hall's voice puts its calls together from.", group=True
        ),
        "say": Late(
            "sounds",
            "Say one call, as the hall would: it is neither journalled nor shown.",
            app="speech",
        ),
        "keys": Late(
            "keys",
            "Keys of programs on other computers: who may come in, and as what.",
            group=True,
        ),
        "install": Late(
            "install",
            "Let systemd run the hall on this machine: units, users, device names, the hall's "
            "files.",
        ),
        "http": Late(
            "http",
            "Serve the HTTP API, the tickets' wait page and the metrics, until SIGTERM or Ctrl-C.",
        ),
        "tokens": Late(
            "http",
            "Tokens of the HTTP API: who may come in, as what.",
            app="tokens",
            group=True,
        ),
    }


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The hall controller: tickets, calls, printers, LED strips, screens of a service hall.",
)


@app.callback()
def hallctl() -> None:
    """Typer asks for it."""

"""What may be asked of the hall. Names are imperative; every command comes with an `Asked`.

Keypads, touch terminals, window terminals and programs all send these same commands, so an act
reaches screens, strips and voice alike, whoever asked for it.
"""

from dataclasses import dataclass

from hallctl.core.rules import Klass, Language, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTicket:
    """取号: take a number for an item, or for a queue when the item is not known."""

    queue: str = ""
    item: str = ""
    klass: Klass = "ordinary"
    kiosk: str = ""
    language: Language = "zh"
    paper: bool = True
    """False when the resident chose to go without a slip (no paper left)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintMaterials:
    """打印材料清单: print what an item needs, without taking a number."""

    item: str
    kiosk: str = ""
    language: Language = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """补打: print a ticket once more; the slip is marked 补打."""

    visit: str
    kiosk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNext:
    """顺呼: call whoever is next. While serving it finishes first; a pause ends with it."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTicket:
    """特呼: call one ticket by its label (`A012`), or by digits of the window's own first queue."""

    window: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """重呼: call the same ticket again."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """开始办理: the resident has come to the window."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """办结: the matter is done; the window is free and the pad asks for a rating."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNoShow:
    """过号: called, and nobody came."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """暂停: the window takes nobody for now. `until_s` is UNIX time, 0 when not known."""

    window: int
    reason: str = ""
    until_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """恢复: the pause is over."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """评价: a grade from 1 (非常不满意) to 5 (非常满意), for the visit last finished there."""

    window: int
    grade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskHelp:
    """叫人帮忙: somebody at `place` needs a person."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHelp:
    """A person is on the way to `place`."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShown:
    """A screen has really shown the event with that sequence (sent after the flip)."""

    screen: str
    shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """The daemon has just started: set the rules, finish or offer what the last run left undone.

    `digest` names the files the rules came from; the same digest sets nothing anew.
    """

    rules: Rules
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A second has passed. Time is a command like any other."""


Command = (
    IssueTicket
    | PrintMaterials
    | Reprint
    | CallNext
    | CallTicket
    | Recall
    | Start
    | Finish
    | MarkNoShow
    | Pause
    | Resume
    | Rate
    | AskHelp
    | AnswerHelp
    | ReportShown
    | Wake
    | Tick
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with who asked and the asker's id for it; the same id twice acts once."""

    id: str
    actor: str
    command: Command

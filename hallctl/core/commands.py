"""What may be asked of the hall. Names are imperative; every command comes with an `Asked`.

Keypads, touch terminals, window terminals and programs all send these same commands, so an act
reaches screens, strips and voice alike, whoever asked for it.
"""

from hallctl.core.late import dataclass
from hallctl.core.rules import Klass, Language, Rules
from hallctl.core.trial import Found, Level


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
    person: str = ""
    """A salted hash of who asks, where an ID was given; one live ticket per person and item."""
    card: bool = False
    """With the ID card that was last read at this kiosk: its hash stays in the daemon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintMaterials:
    """打印材料清单: print what an item needs, without taking a number."""

    item: str
    kiosk: str = ""
    language: Language = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintNotice:
    """一次性告知单: print which materials of an item are still missing, all at once.

    `missing` counts the item's materials from 1. `place` is the kiosk or window (`window-3`).
    """

    item: str
    missing: tuple[int, ...]
    place: str
    visit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """补打: print a ticket once more; the slip is marked 补打."""

    visit: str
    kiosk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTicket:
    """取消: the resident gives the ticket back."""

    visit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejoin:
    """过号重排: a missed ticket waits again, three places behind, once."""

    visit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetItem:
    """The item of a visit, known only at the window (the resident pressed 不清楚)."""

    visit: str
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMatter:
    """一票到底: one more item on the same ticket."""

    visit: str
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeClass:
    """Give or take priority (优先)."""

    visit: str
    klass: Klass


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """挂起: the resident steps aside (copies, a signature); the window is free, the visit kept."""

    window: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """回呼: call a held visit back; without a label the one this window held longest ago."""

    window: int
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """转移: back to waiting with number and place kept.

    To another `queue`, to one window (`to_window`), or, with neither, back to the pool.
    """

    window: int
    queue: str = ""
    to_window: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take back the last press at a window, within 10 s."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeWalkUp:
    """Serve somebody without a ticket: a number is given for the record, nothing is announced."""

    window: int
    item: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPreprinted:
    """补录: enter a pre-printed number that was handed out while the PC was down.

    Times are seconds since midnight of today. It waits at the place `came_day_s` gives; with
    `served_at`, `started_day_s` and `finished_day_s` it was served at that window already.
    """

    label: str
    came_day_s: int
    item: str = ""
    klass: Klass = "ordinary"
    served_at: int = 0
    started_day_s: int = 0
    finished_day_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseStuck:
    """办不成事: a ticket for the 办不成事 window, with the visit that failed behind it."""

    window: int
    place: str = ""
    """Whose printer prints it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """登录: a clerk takes a window, by number; `reason` when covering as B岗 or elsewhere."""

    window: int
    staff: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """退出: the clerk leaves; a called ticket returns to its place."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQueue:
    """Give numbers for a queue again."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseQueue:
    """Give no more numbers for a queue today; those given are served."""

    queue: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWindowQueues:
    """The queues of a window until the day ends; empty for those of hall.yaml."""

    window: int
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHelping:
    """Switch a window's helping (hall.yaml `helps:`) on or off."""

    window: int
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNotices:
    """What the hall screen shows in turn, until the day ends; empty for hall.yaml's."""

    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendHours:
    """延时服务: serve, and give numbers, until a later time today (seconds since midnight)."""

    until_day_s: int


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
    """评价: a grade from 1 (非常不满意) to 5 (非常满意), for the visit last finished there.

    With `visit` for that one only: sent again after an outage it must not land on the next.
    """

    window: int
    grade: int
    visit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveReasons:
    """Why the grade just given at a window was low; keys of the rules' `reasons`."""

    window: int
    reasons: tuple[str, ...]
    visit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskHelp:
    """叫人帮忙: somebody at `place` needs a person."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHelp:
    """A person is on the way to `place`."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietVoice:
    """静音: calls are shown and not said for so many minutes (an exam in the hall); 0 ends it."""

    minutes: float
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartEvacuation:
    """紧急疏散: every screen says to leave; no number, no call until it is ended."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEvacuation:
    """The hall may be entered again; everybody keeps number and place."""

    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmClear:
    """本区清空: nobody is left around a window."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDevice:
    """自检: let a device test itself. `windows` narrows a bus to some of its windows."""

    device: str
    level: Level = "internal"
    windows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTest:
    """Break the self-test of a device off."""

    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFindings:
    """What was found about a thing no driver tests: the computer's clock, its disk."""

    device: str
    findings: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintTests:
    """Print the results of self-tests on the slip printer of a place."""

    tests: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPaper:
    """已换纸: a new roll is in the printer; `length_m` 0 for the rules' usual roll."""

    printer: str
    length_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearseVisit:
    """演练: play a whole visit at a window with a ticket that counts nowhere."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRehearsal:
    """Break the rehearsal of a visit off."""

    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShown:
    """A screen has really shown the event with that sequence (sent after the flip)."""

    screen: str
    shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """The daemon has just started: set the rules, finish or offer what the last run left undone.

    `digest` names the files the rules came from; the same digest sets nothing anew. With `running`
    the daemon has not started: the files were read again during the day, only the rules are new.
    """

    rules: Rules
    digest: str
    running: bool = False


@dataclass(frozen=True, slots=True)
class Turned:
    """Somebody was turned away at the bus: who, why, what was asked, how often since last noted."""

    asker: str
    code: str
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a program on another machine: its name, its role, the key's fingerprint."""

    name: str
    role: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBus:
    """What the bus has seen, for the journal: askers turned away, keys enrolled and revoked."""

    turned: tuple[Turned, ...] = ()
    enrolled: tuple[Key, ...] = ()
    revoked: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteClock:
    """The computer's wall clock has been set, by so many seconds."""

    by_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRoom:
    """How much the disk still takes: free in the state's folder, left of the reserve's whole."""

    folder: str
    free_bytes: int
    reserve_bytes: int
    whole_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDamage:
    """The journal at `path` has been read back, and something in it is not what was written."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A second has passed. Time is a command like any other."""


Command = (
    IssueTicket
    | PrintMaterials
    | PrintNotice
    | Reprint
    | CancelTicket
    | Rejoin
    | SetItem
    | AddMatter
    | ChangeClass
    | Hold
    | CallBack
    | Transfer
    | Undo
    | ServeWalkUp
    | EnterPreprinted
    | RaiseStuck
    | SignOn
    | SignOff
    | OpenQueue
    | CloseQueue
    | SetWindowQueues
    | SetHelping
    | SetNotices
    | ExtendHours
    | CallNext
    | CallTicket
    | Recall
    | Start
    | Finish
    | MarkNoShow
    | Pause
    | Resume
    | Rate
    | GiveReasons
    | AskHelp
    | AnswerHelp
    | QuietVoice
    | StartEvacuation
    | EndEvacuation
    | ConfirmClear
    | TestDevice
    | StopTest
    | ReportFindings
    | PrintTests
    | LoadPaper
    | RehearseVisit
    | EndRehearsal
    | ReportShown
    | NoteBus
    | NoteRoom
    | NoteDamage
    | NoteClock
    | Wake
    | Tick
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with who asked and the asker's id for it; the same id twice acts once."""

    id: str
    actor: str
    command: Command

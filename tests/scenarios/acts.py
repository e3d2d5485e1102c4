"""Sentences of what people do, and of what befalls the hall. `→` tells what came of it."""

from datetime import timedelta

from hallctl.core import commands as c
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core.step import Outcome
from scenarios.reading import says
from scenarios.settings import Settings

KEYS = {
    "叫号": "call", "重呼": "recall", "评价": "rate", "撤销": "cancel", "确认": "confirm",
    "暂停": "pause", "转移": "transfer", "过号": "no_show", "挂起": "hold", "回呼": "resume",
}  # fmt: skip
REFUSED = "拒绝："


class Acts(Settings):
    """What residents, clerks and supervisors do; power, paper and clocks too."""

    def visit(self, name: str):
        """The visit of a person of the scenario, or of a label. Raises AssertionError."""
        found = self.hall.labelled(self.people.get(name, name))
        assert found is not None, f"没有 {name}"
        return found

    def _do(self, command: c.Command, result: str) -> Outcome:
        self.act()
        outcome = self.ask(command)
        answer = outcome.answer
        if result.startswith(REFUSED):
            assert not answer["ok"], "没有拒绝"
            words = answer["words"]["zh"]
            assert result.removeprefix(REFUSED) in words, f"拒绝的话是：{words}"
            return outcome
        assert answer["ok"], f"拒绝了：{answer.get('words', {}).get('zh')}"
        label = answer["result"].get("label", "无人")
        if result:
            assert self.people.get(result, result) == label, f"结果是 {label}"
        return outcome

    def _take(self, who: str, result: str, **wish: object) -> None:
        self.wall_s += 1
        self.mono_s += 1
        outcome = self._do(c.IssueTicket(kiosk="kiosk-1", **wish), result)
        if outcome.answer["ok"]:
            self.people[who] = outcome.answer["result"]["label"]

    # The clock.

    @says("做", "时间 {clock}")
    def at(self, result, clock):
        if self.step is None:
            self.begin(clock)
            return
        self.act()
        passed = self.wall_of(self.now().day, clock) - self.wall_s
        assert passed >= 0, "时间 不能 往回走；拨钟请写 钟 拨回"
        self.later(passed)

    @says("做", "次日 {clock}")
    def next_day(self, result, clock):
        self.act()
        day = self.now().day
        self.later(self.wall_of(day, clock) + timedelta(days=1).total_seconds() - self.wall_s)

    @says("做", "过 {n} 秒")
    def seconds(self, result, n):
        self.act()
        self.later(n)

    @says("做", "过 {n} 分")
    def minutes(self, result, n):
        self.seconds(result, n * 60)

    @says("做", "钟 拨回 {n} 分")
    def clock_back(self, result, n):
        self.act()
        self.wall_s -= n * 60
        self.ask(c.Tick())

    @says("做", "钟 拨快 {n} 分")
    def clock_on(self, result, n):
        self.act()
        self.wall_s += n * 60
        self.ask(c.Tick())

    # What befalls the hall.

    @says("做", "断电 重启")
    def power(self, result):
        self.power_cut()

    @says("做", "打印机 {state}")
    def printer_state(self, result, state):
        assert state in {"缺纸", "关机", "没回音", "好"}, "打印机 缺纸、关机、没回音、好"
        self.act()
        self.set_printer(state)

    # Residents.

    @says("做", "{who} 取 {queue} 号")
    def take(self, result, who, queue):
        self._take(who, result, queue=self.queue(queue).id)

    @says("做", "{who} 优先取 {queue} 号")
    def take_first(self, result, who, queue):
        self._take(who, result, queue=self.queue(queue).id, klass="priority")

    @says("做", "{who} 不清楚办什么 取号")
    def take_unsure(self, result, who):
        self._take(who, result)

    @says("做", "{who} 为 {item} 取号")
    def take_item(self, result, who, item):
        self._take(who, result, item=self.item(item).code)

    @says("做", "{who} 刷身份证 为 {item} 取号")
    def take_by_card(self, result, who, item):
        self._take(who, result, item=self.item(item).code, person=f"hash-{who}")

    @says("做", "{who} 不要小票 取 {queue} 号")
    def take_without_paper(self, result, who, queue):
        self._take(who, result, queue=self.queue(queue).id, paper=False)

    @says("做", "{n} 人 取 {queue} 号")
    def take_many(self, result, n, queue):
        self._take_many(n, result, queue=self.queue(queue).id)

    @says("做", "{n} 人 优先取 {queue} 号")
    def take_many_first(self, result, n, queue):
        self._take_many(n, result, queue=self.queue(queue).id, klass="priority")

    def _take_many(self, n: int, result: str, **wish: object) -> None:
        first, _, last = result.partition("–")
        for at in range(1, n + 1):
            expected = {1: first, n: last or first}.get(at, "")
            self._take(f"第{at}人", expected, **wish)

    @says("做", "{who} 取消")
    def cancel(self, result, who):
        self._do(c.CancelTicket(visit=self.visit(who).id), result)

    @says("做", "{who} 重新排队")
    def rejoin(self, result, who):
        self._do(c.Rejoin(visit=self.visit(who).id), result)

    @says("做", "{who} 补打")
    def reprint(self, result, who):
        self._do(c.Reprint(visit=self.visit(who).id, kiosk="kiosk-1"), result)

    @says("做", "{who} 改为 优先")
    def make_priority(self, result, who):
        self._do(c.ChangeClass(visit=self.visit(who).id, klass="priority"), result)

    @says("做", "{who} 改为 普通")
    def make_ordinary(self, result, who):
        self._do(c.ChangeClass(visit=self.visit(who).id, klass="ordinary"), result)

    @says("做", "{who} 加办 {item}")
    def add_matter(self, result, who, item):
        self._do(c.AddMatter(visit=self.visit(who).id, item=self.item(item).code), result)

    @says("做", "{who} 事项 定为 {item}")
    def set_item(self, result, who, item):
        self._do(c.SetItem(visit=self.visit(who).id, item=self.item(item).code), result)

    @says("做", "{who} 在 {m} 号评价器 评 {n} 分")
    def rate(self, result, who, m, n):
        self.act()
        outcome = self.report(f"pad-{m}", r.Rated(window=m, grade=n))
        rated = [x.event.visit for x in outcome.recorded if isinstance(x.event, e.VisitRated)]
        expected = [] if result == "不算" else [self.visit(who).id]
        assert rated == expected, f"评的是 {rated}"

    # Clerks.

    @says("做", "{n} 号窗口 顺呼")
    def call(self, result, n):
        self._do(c.CallNext(window=n), result)

    @says("做", "{n} 号窗口 特呼 {label}")
    def call_ticket(self, result, n, label):
        self._do(c.CallTicket(window=n, label=label), result)

    @says("做", "{n} 号窗口 重呼")
    def recall(self, result, n):
        self._do(c.Recall(window=n), result)

    @says("做", "{n} 号窗口 开始")
    def start(self, result, n):
        self._do(c.Start(window=n), result)

    @says("做", "{n} 号窗口 办结")
    def finish(self, result, n):
        self._do(c.Finish(window=n), result)

    @says("做", "{n} 号窗口 过号")
    def no_show(self, result, n):
        self._do(c.MarkNoShow(window=n), result)

    @says("做", "{n} 号窗口 叫三次 过号")
    def miss(self, result, n):
        for _ in range(2):
            self.later(self.rules.recall_gap_s)
            self._do(c.Recall(window=n), "")
        self._do(c.MarkNoShow(window=n), result)

    @says("做", "{n} 号窗口 挂起", "{n} 号窗口 挂起 因 {text}")
    def hold(self, result, n, text=""):
        self._do(c.Hold(window=n, reason=text), result)

    @says("做", "{n} 号窗口 回呼", "{n} 号窗口 回呼 {label}")
    def call_back(self, result, n, label=""):
        self._do(c.CallBack(window=n, label=label), result)

    @says("做", "{n} 号窗口 转到 {queue} 队列")
    def transfer(self, result, n, queue):
        self._do(c.Transfer(window=n, queue=self.queue(queue).id), result)

    @says("做", "{n} 号窗口 转到 {m} 号窗口")
    def transfer_to(self, result, n, m):
        self._do(c.Transfer(window=n, to_window=m), result)

    @says("做", "{n} 号窗口 退回 等候")
    def to_pool(self, result, n):
        self._do(c.Transfer(window=n), result)

    @says("做", "{n} 号窗口 撤回")
    def undo_last(self, result, n):
        self._do(c.Undo(window=n), result)

    @says("做", "{n} 号窗口 直接受理", "{n} 号窗口 直接受理 {item}")
    def walk_up(self, result, n, item=""):
        self._do(c.ServeWalkUp(window=n, item=self.item(item).code if item else ""), result)

    # The guide, after a time without the PC.

    @says("做", "补录 {label} 来 {clock}")
    def enter(self, result, label, clock):
        self._enter(label, clock, result)

    @says("做", "补录 优先 {label} 来 {clock}")
    def enter_first(self, result, label, clock):
        self._enter(label, clock, result, klass="priority")

    @says("做", "补录 {label} 来 {clock} {n} 号窗口 {started} 到 {finished} 办完")
    def enter_served(self, result, label, clock, n, started, finished):
        times = {"started_day_s": _day_s(started), "finished_day_s": _day_s(finished)}
        self._enter(label, clock, result, served_at=n, **times)

    def _enter(self, label: str, clock: str, result: str, **more: object) -> None:
        self._do(c.EnterPreprinted(label=label, came_day_s=_day_s(clock), **more), result)

    @says("做", "{n} 号窗口 转办不成事")
    def stuck(self, result, n):
        self._do(c.RaiseStuck(window=n, place="kiosk-1"), result)

    @says("做", "{n} 号窗口 暂停", "{n} 号窗口 暂停 因 {text}")
    def pause(self, result, n, text=""):
        self._do(c.Pause(window=n, reason=text), result)

    @says("做", "{n} 号窗口 恢复")
    def resume(self, result, n):
        self._do(c.Resume(window=n), result)

    @says("做", "{n} 号窗口 工号 {staff} 登录", "{n} 号窗口 工号 {staff} 顶岗 因 {text}")
    def sign_on(self, result, n, staff, text=""):
        self._do(c.SignOn(window=n, staff=staff, reason=text), result)

    @says("做", "{n} 号窗口 退出")
    def sign_off(self, result, n):
        self._do(c.SignOff(window=n), result)

    @says("做", "{n} 号窗口 按 {key} 键", "{n} 号窗口 输入 {digits} 按 {key} 键")
    def press(self, result, n, key, digits=""):
        self.act()
        pressed = r.KeyPressed(window=n, key=KEYS[key], digits=digits, press="p")
        outcome = self.report("keypads", pressed)
        accepted = [x.accepted for x in outcome.effects if hasattr(x, "accepted")]
        assert accepted == [result != "嘀声"], "嘀声" if result != "嘀声" else "没有嘀声"
        if result and result != "嘀声":
            here = self.hall.at_window(n)
            assert here is not None, "窗口没有号"
            assert here.label == self.people.get(result, result), f"窗口是 {here.label}"

    # Supervisors.

    @says("做", "主任 停止 {queue} 取号 因 {text}")
    def close_queue(self, result, queue, text):
        self._do(c.CloseQueue(queue=self.queue(queue).id, reason=text), result)

    @says("做", "主任 恢复 {queue} 取号")
    def open_queue(self, result, queue):
        self._do(c.OpenQueue(queue=self.queue(queue).id), result)

    @says("做", "主任 延时 到 {clock}")
    def extend(self, result, clock):
        self._do(c.ExtendHours(until_day_s=_day_s(clock)), result)

    @says("做", "主任 让 {n} 号窗口 办 {queue}")
    def window_queues(self, result, n, queue):
        queues = tuple(self.queue(name).id for name in queue.split("、"))
        self._do(c.SetWindowQueues(window=n, queues=queues), result)

    @says("做", "主任 让 {n} 号窗口 帮办", "主任 让 {n} 号窗口 停止帮办")
    def helping(self, result, n):
        state = self.hall.windows[n]
        self._do(c.SetHelping(window=n, on=not state.helping), result)


def _day_s(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60

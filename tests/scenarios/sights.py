"""Sentences of what must be seen, heard and printed; and `play`, which plays a whole scenario."""

from hallctl.core import events as e
from hallctl.core.discipline import forecast_min
from hallctl.core.view import jobs_to_offer, live_calls
from hallctl.texts import say
from scenarios.acts import Acts
from scenarios.reading import Scenario, ScenarioError, says

WINDOW_WORDS = {
    "空闲": "idle", "已叫号": "called", "办理中": "serving", "暂停": "paused", "未登录": "off",
}  # fmt: skip
VOID_WORDS = {"取消": "cancelled", "两次过号": "missed_twice", "当天结束": "day_end"}
HALL_WORDS = {
    "开门": "open", "午休": "lunch", "下班": "after", "没开门": "before", "休息日": "holiday",
}  # fmt: skip


class Sights(Acts):
    """What must be so. Every method raises AssertionError with what is so instead."""

    @says("看", "语音 叫 {label} 到 {n} 号窗口")
    def announced(self, label, n):
        self._spoken(label, n, again=False)

    @says("看", "语音 再叫 {label} 到 {n} 号窗口")
    def announced_again(self, label, n):
        self._spoken(label, n, again=True)

    def _spoken(self, name: str, n: int, *, again: bool) -> None:
        label = self.people.get(name, name)
        heard = [(a.label, a.window, a.purpose == "recall") for a in self.spoken]
        assert heard == [(label, n, again)], f"听到 {heard}"

    @says("看", "语音 没有叫")
    def silent(self):
        assert not self.spoken, f"听到 {[a.label for a in self.spoken]}"

    @says("看", "条屏 {n} 显示 {text}")
    def strip(self, n, text):
        texts = self.strips[n].texts
        assert text in texts, f"条屏是 {texts}"

    @says("看", "键盘 {n} 显示 等候 {m} 人")
    def keypad(self, n, m):
        assert self.keypads[n].waiting == m, f"键盘是 {self.keypads[n]}"

    @says("看", "键盘 {n} 号码 {digits}")
    def keypad_ticket(self, n, digits):
        assert self.keypads[n].ticket == digits, f"键盘是 {self.keypads[n]}"

    @says("看", "评价器 {n} {text}")
    def pad(self, n, text):
        assert self.pads.get(n, "熄灭") == text, f"评价器 {self.pads.get(n)}"

    @says("看", "小票 打印 {label}")
    def printed(self, label):
        self._printed(label, copy=False)

    @says("看", "小票 补打 {label}")
    def printed_again(self, label):
        self._printed(label, copy=True)

    def _printed(self, name: str, *, copy: bool) -> None:
        label = self.people.get(name, name)
        found = [(label in lines, any("补打" in x for x in lines)) for lines in self.papers]
        assert found == [(True, copy)], f"小票 {self.papers}"

    @says("看", "小票 写着 {text}")
    def on_paper(self, text):
        lines = self.papers[-1] if self.papers else []
        assert any(text in line for line in lines), f"小票 {lines}"

    @says("看", "小票 没有打印")
    def nothing_printed(self):
        assert not self.papers, f"小票 {self.papers}"

    @says("看", "取号机 提示 再打 {label}")
    def offered(self, label):
        offered = [job.visit for job in jobs_to_offer(self.hall, "kiosk-1")]
        assert offered == [self.visit(label).id], f"提示 {offered}"

    @says("看", "{who} 是 {status}")
    def status(self, who, status):
        seen = say("zh", f"status.{self.visit(who).status}")
        assert seen == status, f"{who} 是 {seen}"

    @says("看", "{who} 作废 因 {text}")
    def voided(self, who, text):
        label = self.people.get(who, who)
        events = (x.event for x in self.recorded)
        reasons = [x.reason for x in events if isinstance(x, e.TicketVoided) and x.label == label]
        assert reasons == [VOID_WORDS[text]], f"作废 {reasons}"

    @says("看", "{who} 前面 {n} 人")
    def ahead(self, who, n):
        assert self.visit(who).ahead == n, f"前面 {self.visit(who).ahead} 人"

    @says("看", "{who} 预计 等 {n} 到 {m} 分")
    def told_wait(self, who, n, m):
        visit = self.visit(who)
        told = (visit.wait_low_min, visit.wait_high_min)
        assert told == (n, m), f"预计 {told}"

    @says("看", "{queue} 新来的人 预计 等 {n} 到 {m} 分")
    def forecast(self, queue, n, m):
        found = self.queue(queue)
        told = forecast_min(self.hall, found.id, len(self.hall.waiting(found.id)))
        assert told == (n, m), f"预计 {told}"

    @says("看", "{who} 背后 是 {other}")
    def behind(self, who, other):
        assert self.visit(who).behind == self.visit(other).id, f"背后 {self.visit(who).behind}"

    @says("看", "{who} 正办 {item}")
    def present_item(self, who, item):
        code = self.visit(who).item
        assert code == self.item(item).code, f"事项 {code}"

    @says("看", "{n} 号窗口 是 {state}")
    def window(self, n, state):
        seen = self.hall.windows[n].status
        assert seen == WINDOW_WORDS[state], f"窗口 {seen}"

    @says("看", "{n} 号窗口 岗位 是 {post}")
    def post(self, n, post):
        assert self.hall.windows[n].post == post, f"岗位 {self.hall.windows[n].post}"

    @says("看", "{queue} 等候 {n} 人")
    def waiting(self, queue, n):
        seen = len(self.hall.waiting(self.queue(queue).id))
        assert seen == n, f"等候 {seen} 人"

    @says("看", "{queue} 顺序 是 {text}")
    def order(self, queue, text):
        seen = [v.label for v in self.hall.waiting(self.queue(queue).id)]
        assert seen == [self.people.get(x, x) for x in text.split()], f"顺序 {seen}"

    @says("看", "叫号 原因 {text}")
    def why(self, text):
        events = [x.event for x in self.recorded]
        why = [x.why for x in events if isinstance(x, e.TicketCalled)][-1]
        assert why == text, f"原因 {why}"

    @says("看", "大屏 叫着 {text}", "大屏 没有叫号")
    def screen(self, text=""):
        seen = [call.label for call in live_calls(self.hall)]
        assert seen == [self.people.get(x, x) for x in text.split()], f"大屏 {seen}"

    @says("看", "大屏 显示 {label} 叫号已撤回")
    def withdrawn(self, label):
        assert self.people.get(label, label) in self.hall.withdrawn, "大屏 没有撤回"

    @says("看", "告警 {level} {text}")
    def alert(self, level, text):
        word = {"黄": "yellow", "红": "red"}[level]
        seen = [(a.level, a.words) for a in self.hall.alerts.values()]
        assert any(one == word and text in words for one, words in seen), f"告警 {seen}"

    @says("看", "没有 告警")
    def no_alert(self):
        assert not self.hall.alerts, f"告警 {[a.words for a in self.hall.alerts.values()]}"

    @says("看", "大厅 {state}")
    def opening(self, state):
        assert self.hall.opening == HALL_WORDS[state], f"大厅 {self.hall.opening}"

    @says("看", "当天 结束")
    def day_closed(self):
        assert self.hall.closed, "当天 没有结束"

    @says("看", "当天 没有结束")
    def day_goes_on(self):
        assert not self.hall.closed, "当天 结束了"

    @says("看", "当天 发号 {n} 办完 {m}")
    def counts(self, n, m):
        days = [x.event for x in self.recorded if isinstance(x.event, e.DayClosed)]
        assert days, "当天 没有结束"
        seen = (days[-1].issued, days[-1].finished)
        assert seen == (n, m), f"当天 {seen}"


def play(scenario: Scenario) -> Sights:
    """Play a scenario and give the hall it was played in.

    Raises ScenarioError at the first line that did not come about.
    """
    hall = Sights()
    for line in scenario.lines:
        try:
            if hall.step is None and line.form.kind != "配置" and line.form.method != "at":
                hall.begin()
            say_it = getattr(hall, line.form.method)
            if line.form.kind == "做":
                say_it(line.result, **line.gaps)
            else:
                say_it(**line.gaps)
        except Exception as problem:
            words = f"{line.where}: {line.words}: {problem or type(problem).__name__}"
            raise ScenarioError(words) from problem
    return hall

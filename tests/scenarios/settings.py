"""Sentences at the top of a scenario: in what this hall differs from hall.yaml."""

from dataclasses import replace

from hallctl.core.rules import Item, Preprinted, Queue, Staff
from scenarios.playing import Play
from scenarios.reading import says


class Settings(Play):
    """What the supervisor has decided otherwise for this scenario."""

    def queue(self, name: str) -> Queue:
        """The queue of that name. Raises AssertionError."""
        found = next((q for q in self.rules.queues if q.name == name), None)
        assert found is not None, f"没有队列 {name}"
        return found

    def item(self, name: str) -> Item:
        """The item whose name begins so. Raises AssertionError unless there is just one."""
        found = [i for i in self.rules.items if i.name.startswith(name)]
        assert len(found) == 1, f"事项 {name} 有 {len(found)} 个"
        return found[0]

    def _set(self, **changes: object) -> None:
        assert self.step is None, "配置 要写在最前面"
        self.rules = replace(self.rules, **changes)

    def _set_queue(self, name: str, **changes: object) -> None:
        new = replace(self.queue(name), **changes)
        self._set(queues=tuple(new if q.id == new.id else q for q in self.rules.queues))

    @says("配置", "日期 {date}")
    def first_day(self, date):
        assert self.step is None, "日期 要写在最前面"
        self.day = date

    @says("配置", "配置 优先 提前 {n} 分")
    def credit(self, n):
        self._set(priority_credit_s=n * 60.0)

    @says("配置", "配置 叫满 {n} 次 才能 过号")
    def no_show_after(self, n):
        self._set(no_show_after=n)

    @says("配置", "配置 重呼 间隔 {n} 秒")
    def recall_gap(self, n):
        self._set(recall_gap_s=float(n))

    @says("配置", "配置 最多 叫 {n} 次")
    def recall_max(self, n):
        self._set(recall_max=n)

    @says("配置", "配置 重排 后退 {n} 位")
    def rejoin_behind(self, n):
        self._set(rejoin_behind=n)

    @says("配置", "配置 重排 最多 {n} 次")
    def rejoin_max(self, n):
        self._set(rejoin_max=n)

    @says("配置", "配置 撤回 {n} 秒")
    def undo(self, n):
        self._set(undo_s=float(n))

    @says("配置", "配置 {queue} 限号 上午 {n} 下午 {m}")
    def quotas(self, queue, n, m):
        self._set_queue(queue, quotas=(n, m))

    @says("配置", "配置 {queue} 每件 {n} 分")
    def standard(self, queue, n):
        self._set_queue(queue, standard_min=float(n))

    @says("配置", "配置 窗口 要 登录")
    def sign_on_needed(self):
        self._set(sign_on=True)

    @says("配置", "配置 工号 {staff} {n} 号窗口 {post} 岗")
    def staff(self, staff, n, post):
        posts = {"A": Staff(staff, post_a=(n,)), "B": Staff(staff, post_b=(n,))}
        others = tuple(s for s in self.rules.staff if s.number != staff)
        self._set(staff=(*others, posts[post]))

    @says("配置", "配置 {n} 号窗口 帮办 {queue} 晚 {m} 分")
    def helps(self, n, queue, m):
        helps = ((self.queue(queue).id, m * 60.0),)
        self._set(
            windows=tuple(
                replace(w, helps=helps) if w.number == n else w for w in self.rules.windows
            )
        )

    @says("配置", "配置 节假日 {date}")
    def holiday(self, date):
        self._set(holidays=(date,))

    @says("配置", "配置 补班 {date}")
    def extra_day(self, date):
        self._set(workdays_extra=(date,))

    @says("配置", "配置 预印号 {n} 到 {m}")
    def paper(self, n, m):
        self._set(preprinted=Preprinted(n, m))

    @says("配置", "配置 没有 预印号")
    def no_paper(self):
        self._set(preprinted=None)

    @says("配置", "配置 不截号")
    def no_cut_off(self):
        self._set(cut_off=False)

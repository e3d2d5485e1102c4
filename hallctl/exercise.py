"""One self-test of one device, as its wire sees it: what was taken, what is stuck, when to stop."""

from hallctl.core import effects as f
from hallctl.core import reports as r
from hallctl.core.trial import Level, Wrong

LONGEST_S: dict[Level, float] = {"internal": 20.0, "external": 60.0, "interactive": 300.0}
STUCK_S = 3.0
"""Bytes that wait so long in a self-test mean a stalled device."""
SMALL_BYTES = 512
"""So few bytes fit into every device's buffer at once; a wire that takes part of them is short."""


class Exercise:
    """The test that runs on a device now. `due` is when it must have ended (monotonic seconds)."""

    def __init__(self, test: f.ExerciseDevice, now: float) -> None:
        self.test = test
        self.due = now + LONGEST_S[test.level]
        self._short = ""

    def wrote(self, wanted: int, taken: int) -> None:
        """The wire took `taken` of `wanted` bytes."""
        if 0 < taken < wanted <= SMALL_BYTES and not self._short:
            self._short = f"{taken} of {wanted} bytes taken"

    def overdue(self, now: float, moved_at: float) -> Wrong:
        """Why the test must be broken off; "" while it may go on."""
        if now - moved_at > STUCK_S:
            return "stall"
        return "interrupted" if now >= self.due else ""

    def heard(self, report: r.Report, unsent: int) -> list[r.Report]:
        """What the driver says, made better by what the wire knows."""
        if isinstance(report, r.Finding) and report.code == "silence" and unsent:
            evidence = f"{unsent} bytes not taken"
            return [r.Finding(step=report.step, result="failed", code="stall", evidence=evidence)]
        if isinstance(report, r.TestEnded) and self._short:
            short = r.Finding(
                step="wire", result="failed", code="short_write", evidence=self._short
            )
            return [short, report]
        return [report]

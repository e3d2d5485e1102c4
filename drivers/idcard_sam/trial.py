"""What an answer, or none, means in the reader's self-test beyond that it came."""

from drivers.idcard_sam.frames import GOOD
from hallctl.core.reports import Finding
from hallctl.core.trial import Wrong
from hallctl.driver import Reply


def judged(reply: Reply, status: bytes) -> Reply:
    """An answer that says "I am broken" is an answer, but no pass."""
    if status == GOOD:
        return reply
    code: Wrong = "error"
    reports = tuple(
        Finding(step=found.step, result="failed", code=code, evidence=found.evidence)
        if isinstance(found, Finding) and found.result == "passed"
        else found
        for found in reply.reports
    )
    return Reply(reply.write, reports, reply.wake_at)

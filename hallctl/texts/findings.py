"""The words for what a self-test reports: its steps, what was found, how to mend it."""

from hallctl.texts import knows, say

DETAILS = {"key": "key", "face": "grade", "clock": "step", "disk": "step", "seen": "step"}
"""Where the words stand for what follows the colon of a step ("key:call", "face:5")."""


def step_words(language: str, step: str) -> str:
    """`key:call` as 按键 顺呼, `answer:3` as 回答 3; what nobody wrote words for as it is."""
    name, _, detail = step.partition(":")
    words = say(language, f"step.{name}") if knows(f"step.{name}") else name
    return f"{words} {detail_words(language, step)}".rstrip() if detail else words


def detail_words(language: str, step: str) -> str:
    """What follows the colon of a step, or the step's own words when nothing does."""
    name, _, detail = step.partition(":")
    if not detail:
        return step_words(language, step)
    key = f"{DETAILS.get(name, '')}.{detail}"
    return say(language, key) if knows(key) else detail.replace(":", " ")


def found_words(language: str, result: str, code: str) -> str:
    """What was found, in a few words."""
    if code and knows(f"found.{code}"):
        return say(language, f"found.{code}")
    return code or say(language, f"result.{result}")


def mend_words(language: str, code: str) -> str:
    """What to do about it; "" when there is nothing to do."""
    return say(language, f"mend.{code}") if code and knows(f"mend.{code}") else ""

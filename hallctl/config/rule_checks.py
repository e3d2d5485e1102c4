"""hall.yaml against itself: staff, quotas, helping windows, and limits that must be in order."""

from itertools import pairwise
from typing import Final

from hallctl.config.problems import nearest
from hallctl.config.sections import entries, names
from hallctl.config.tree import Path_, Tree

_LIMITS: Final = (("wait_yellow_min", "wait_red_min"), ("pause_yellow_min", "pause_red_min"))
_USUAL: Final = {
    "wait_yellow_min": 20.0,
    "wait_red_min": 30.0,
    "pause_yellow_min": 10.0,
    "pause_red_min": 15.0,
}
"""What is so when the key is left out."""


def check_rules(tree: Tree) -> None:
    """What one rule of hall.yaml says about another."""
    _check_staff(tree)
    _check_quotas(tree)
    _check_helps(tree)
    _check_limits(tree)


def _check_staff(tree: Tree) -> None:
    windows = names(tree, "windows")
    for number, entry in entries(tree, "staff"):
        seen: set[int] = set()
        for post in ("a", "b"):
            listed = entry.get(post)
            for at, window in enumerate(listed if isinstance(listed, tuple) else ()):
                path: Path_ = ("staff", number, post, at)
                if not isinstance(window, int) or isinstance(window, bool):
                    continue
                if windows and window not in windows:
                    tree.report(path, f"there is no window {window}", nearest(window, windows))
                if window in seen:
                    words = f"window {window} is given twice to clerk {number}"
                    tree.report(path, words, "A post is A or B, not both.")
                seen.add(window)
    if (tree.value or {}).get("sign_on") is True and not names(tree, "staff"):
        words = "nobody could sign on: 'staff' is empty, and no window would ever call"
        tree.report(("sign_on",), words, "Enter the clerks' numbers under 'staff' first.")


def _check_quotas(tree: Tree) -> None:
    taking = (tree.value or {}).get("taking")
    if not isinstance(taking, tuple) or not taking:
        return
    for name, queue in entries(tree, "queues"):
        quotas = queue.get("quotas")
        if isinstance(quotas, tuple) and quotas and len(quotas) != len(taking):
            words = f"{len(quotas)} given, but 'taking' has {len(taking)} stretches"
            remedy = "One number for each stretch; 0 where there is no limit."
            tree.report(("queues", name, "quotas"), words, remedy)


def _check_helps(tree: Tree) -> None:
    queues = names(tree, "queues")
    own = {name: entry.get("windows") for name, entry in entries(tree, "queues")}
    for number, window in entries(tree, "windows"):
        helps = window.get("helps")
        for queue in helps if isinstance(helps, dict) else ():
            path: Path_ = ("windows", number, "helps", queue)
            served = own.get(queue)
            if isinstance(served, tuple) and number in served:
                words = f"window {number} serves queue {queue} as its own"
                tree.report(path, words, "A window helps with the queues of others.", at_key=True)
            elif queues and queue not in queues:
                words = f"hall.yaml has no queue '{queue}'"
                tree.report(path, words, nearest(queue, queues), at_key=True)


def _check_limits(tree: Tree) -> None:
    rules = (tree.value or {}).get("rules")
    given = rules if isinstance(rules, dict) else {}
    for pair in _LIMITS:
        values = [given.get(key, _USUAL[key]) for key in pair]
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            continue
        if any(low > high for low, high in pairwise(values)):
            key = next(k for k in (*reversed(pair),) if k in given)
            words = f"yellow ({values[0]:g} min) must not come after red ({values[1]:g} min)"
            tree.report(("rules", key), words)

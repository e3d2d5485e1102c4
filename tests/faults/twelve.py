"""A hall with twelve windows of one queue, for races and storms."""

from faults.seeing import change

WINDOWS = tuple(range(1, 13))
NINTH = "  9: {name: 特色服务专窗, name_en: Business, short: 企业}\n"


def twelve_windows(daemon):
    """hall.yaml with three windows more, all of queue A."""
    more = "".join(NINTH.replace("9:", f"{n}:") for n in WINDOWS[9:])
    change(daemon, NINTH, NINTH + more)
    all_of_them = f"windows: [{', '.join(map(str, WINDOWS))}], standard_min: 8}}"
    old = "prefix: A, windows: [1, 2, 3, 4, 5], standard_min: 8}"
    change(daemon, old, f"prefix: A, {all_of_them}")
    change(daemon, ", helps: {A: 10}}", "}")
    # A hall that never is without work, so that nobody is told that the day's work is full.
    change(daemon, "cut_off: true ", "cut_off: false ")

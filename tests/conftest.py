"""The order of the files: the longest come first, so that no worker ends alone with one.

And for all that hypothesis draws: being slow is no fault, for machines are shared.
"""

from pathlib import Path

from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
LONG = (
    "daemon/test_kill.py",
    "core/test_step_machine.py",
    "daemon/test_day.py",
    "net/test_three_machines.py",
    "http/test_schemathesis.py",
    "journal/test_backup_kill.py",
    "projections/test_day_report.py",
    "voice/test_busy_half_hour.py",
    "http/test_wait_page_in_browser.py",
    "core/test_announcing_machine.py",
    "core/test_forecast.py",
    "config/test_mutations.py",
)
"""More than half a minute each. Which they are, `pytest --durations=40` says."""

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_modifyitems(items):
    """Whole files move; within a file, and among the others, all stays in its place."""
    rank = {TESTS / name: at for at, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path, len(LONG)))

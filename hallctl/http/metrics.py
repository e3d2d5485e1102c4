"""Figures for Prometheus, made anew for each scrape; a silent hall has none of its own."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hallctl.core.hall import Hall
from hallctl.core.moment import Moment
from hallctl.http import models as m
from hallctl.http.house import House, from_here, holder, house_of
from hallctl.http.reading import oldest_wait_s
from hallctl.http.refusing import Turned

STATUS_S: Final = 2.0
STATES: Final = ("off", "idle", "called", "serving", "paused")
Status = dict[str, Any] | None


class _Figures(Collector):
    """Everything at one moment."""

    def __init__(self, house: House, status: Status) -> None:
        self._house = house
        self._status = status

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        following = self._house.following
        hall, now = following.hall, following.now()
        up = following.stale_since_s is None and hall.rules is not None and now is not None
        yield _gauge("hallctl_up", "Whether the hall is heard: 1 or 0.", up)
        yield _gauge("hallctl_http_followers", "Followers of events.", self._house.streams)
        done = CounterMetricFamily(
            "hallctl_http_commands",
            "Commands over HTTP, by what became of them.",
            labels=["role", "code"],
        )
        for (role, code), count in sorted(self._house.commands.items()):
            done.add_metric([role, code], count)
        yield done
        yield CounterMetricFamily(
            "hallctl_announcements_failed",
            "Announcements that were not heard, since this process began.",
            value=following.unheard,
        )
        if up and now is not None:
            yield from _hall(hall, now)
        if up and self._status is not None:
            yield from _bus(self._status)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _hall(hall: Hall, now: Moment) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("hallctl_waiting", "Who waits, by queue.", labels=["queue"])
    oldest = GaugeMetricFamily(
        "hallctl_oldest_wait_seconds",
        "How long the first has waited; 0 for nobody.",
        labels=["queue"],
    )
    for queue in hall.rules.queues if hall.rules else ():
        found = hall.waiting(queue.id)
        waiting.add_metric([queue.id], len(found))
        oldest.add_metric([queue.id], oldest_wait_s(found, now) or 0.0)
    windows = GaugeMetricFamily("hallctl_windows", "Windows, by state.", labels=["state"])
    for state in STATES:
        windows.add_metric([state], sum(w.status == state for w in hall.windows.values()))
    devices = GaugeMetricFamily(
        "hallctl_device_up",
        "Whether a device's wire is up; absent before it said so.",
        labels=["device"],
    )
    for name, device in sorted(hall.devices.items()):
        if device.link != "unknown":
            devices.add_metric([name], device.link == "up")
    alerts = GaugeMetricFamily("hallctl_alerts", "Alerts that stand, by level.", labels=["level"])
    for level in ("yellow", "red"):
        alerts.add_metric([level], sum(a.level == level for a in hall.alerts.values()))
    yield from (waiting, oldest, windows, devices, alerts)
    yield _gauge("hallctl_sequence", "The journal's last event.", hall.seq)


ROOM = {
    "free_bytes": ("hallctl_disk_free_bytes", "Free on the journal's disk, as last seen."),
    "reserve_bytes": ("hallctl_reserve_bytes", "Held back for a disk that fills up."),
    "whole_bytes": ("hallctl_reserve_whole_bytes", "What the reserve has when it is whole."),
}


def _bus(status: dict[str, Any]) -> Iterator[Metric]:
    yield _gauge(
        "hallctl_daemon_uptime_seconds", "Since the daemon started.", status.get("up_s", 0)
    )
    yield CounterMetricFamily(
        "hallctl_bus_turned_away",
        "Requests turned away at the bus, since the daemon started.",
        value=status.get("unreadable_requests", 0),
    )
    room = status.get("room")
    if isinstance(room, dict):
        for field, (name, words) in ROOM.items():
            yield _gauge(name, words, room[field])
    bus = status.get("bus")
    if not isinstance(bus, dict):
        return
    refused = bus.get("refused")
    if isinstance(refused, dict):
        by_code = CounterMetricFamily(
            "hallctl_bus_refused", "Requests turned away at the bus, by code.", labels=["code"]
        )
        for code, count in sorted(refused.items()):
            by_code.add_metric([str(code)], count)
        yield by_code
    for name, value in sorted(bus.items()):
        if isinstance(value, int | float):
            yield _gauge(f"hallctl_bus_{name}", "As `hallctl status --json` has it.", value)


figures = APIRouter()


@figures.get(
    "/metrics",
    tags=["monitor"],
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus text; `hallctl_up 0` and no figures of a silent hall.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        401: {"model": m.Refusal, "description": "Not from this machine, and no token."},
        403: {"model": m.Refusal, "description": "The token is not a technician's."},
        429: {"model": m.Refusal, "description": "Too fast."},
        503: {"model": m.Refusal, "description": "The tokens cannot be read."},
    },
)
async def metrics(request: Request) -> Response:
    """For a program of this machine, or with a technician's token."""
    house = house_of(request)
    if not from_here(request):
        token = await holder(request, await HTTPBearer(auto_error=False)(request))
        if token.standing.role != "technician":
            raise Turned("not_here", role=str(token.standing))
    heard = house.following.stale_since_s is None
    status = await house.following.status(STATUS_S) if heard else None
    registry = CollectorRegistry()
    registry.register(_Figures(house, status))
    return Response(
        generate_latest(registry),
        media_type=CONTENT_TYPE_LATEST,
        headers={"Cache-Control": "no-store"},
    )

"""Events of the voice. One function an event."""

from hallctl.core import events as e
from hallctl.core.hall import Announcement, Hall, VoiceState


def queued(hall: Hall, event: e.AnnouncementQueued, recorded: e.Recorded) -> None:
    voice = hall.voices.setdefault(event.device, VoiceState(event.device))
    voice.queue.append(
        Announcement(
            id=event.announcement,
            purpose=event.purpose,
            call=event.call,
            visit=event.visit,
            label=event.label,
            window=event.window,
            queued_s=recorded.wall_s,
        )
    )


def _taken(voice: VoiceState, announcement: str) -> Announcement | None:
    """Out of the line, or out of the voice's mouth."""
    said = voice.speaking
    if said is not None and said.id == announcement:
        voice.speaking = None
        return said
    found = next((a for a in voice.queue if a.id == announcement), None)
    if found is not None:
        voice.queue.remove(found)
    return found


def begun(hall: Hall, event: e.AnnouncementBegun, recorded: e.Recorded) -> None:
    voice = hall.voices[event.device]
    if voice.speaking is not None:
        raise AssertionError(f"{event.device} was given a second announcement")
    voice.speaking = _taken(voice, event.announcement)
    voice.begun_s = recorded.mono_s


def made(hall: Hall, event: e.AnnouncementMade, recorded: e.Recorded) -> None:
    voice = hall.voices.get(event.device)
    if voice is not None:
        _taken(voice, event.announcement)
        voice.spoke_s, voice.made_s = recorded.mono_s, recorded.wall_s
    visit = hall.visits.get(event.visit)
    if visit is not None and event.window == visit.window:
        visit.heard_s = recorded.wall_s


def failed(hall: Hall, event: e.AnnouncementFailed, recorded: e.Recorded) -> None:
    """It waits again, the first in line. A try counts when the voice itself has failed."""
    voice = hall.voices.setdefault(event.device, VoiceState(event.device))
    again = _taken(voice, event.announcement)
    voice.spoke_s = recorded.mono_s
    if again is not None:
        made_way = event.reason == "cut" and hall.evacuation_s
        again.tries += not (made_way or event.reason == "restart")
        voice.queue.insert(0, again)


def skipped(hall: Hall, event: e.AnnouncementSkipped, _: e.Recorded) -> None:
    voice = hall.voices.get(event.device)
    if voice is not None:
        _taken(voice, event.announcement)
        if event.reason == "gone" and not voice.queue and voice.speaking is None:
            del hall.voices[event.device]


def quieted(hall: Hall, event: e.VoiceQuieted, _: e.Recorded) -> None:
    hall.quiet_until_s = event.until_s

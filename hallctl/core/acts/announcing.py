"""The announcement queue: what is said next by each voice, how often, in which languages.

Strictly in order, one at a time, never cut but by an evacuation. When calls pile up they are said
shorter, never left out; one whose visit is no longer called there is skipped, with an event.
"""

from collections.abc import Iterable

from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core import events as e
from hallctl.core import reports as r
from hallctl.core import speech
from hallctl.core.acts import rehearsing
from hallctl.core.hall import Announcement, Hall, VoiceState
from hallctl.core.moment import Moment
from hallctl.core.refused import Events, Refused
from hallctl.core.rules import Fitting, Rules, Spoken, VoiceRules
from hallctl.core.visit import Visit

KIND = "voice"
LOST_S = 120.0
"""A voice that has not answered for so long is not going to."""
ANSWER_S, SENTENCE_S = 30.0, 8.0
"""No announcement lasts longer, nor a sentence of one: then the voice is not answering."""
AGAIN_S, AGAIN_MOST_S = 2.0, 10.0
"""After a failure the same is tried again after so long, longer each time, up to the most."""
EVACUATION_GAP_S = 5.0
MINUTES_MOST = 240.0
CALLS = ("call", "recall")


def quiet_voice(hall: Hall, command: c.QuietVoice, now: Moment) -> Events:
    """静音 for so many minutes; 0 ends it."""
    if not 0 <= command.minutes <= MINUTES_MOST:
        raise Refused("quiet_minutes", most=int(MINUTES_MOST))
    if not command.minutes and not hall.quiet_until_s:
        return []
    until_s = now.wall_s + command.minutes * 60 if command.minutes else 0.0
    return [e.VoiceQuieted(until_s=until_s, place=command.place)]


# - what is queued


def queued(hall: Hall, recorded: Iterable[e.Recorded]) -> Events:
    """What each voice has to say about events that have just happened."""
    rules = hall.rules
    if rules is None or not any(f.kind == KIND for f in rules.fittings):
        return []
    found: Events = []
    for one in recorded:
        purpose = _purpose(rules.voice, one.event)
        if purpose is None:
            continue
        window = getattr(one.event, "window", 0)
        for fitting in voices(rules, window):
            new = e.AnnouncementQueued(
                device=fitting.device,
                announcement=f"{fitting.device}:{one.seq}",
                purpose=purpose,
                call=one.seq,
                visit=getattr(one.event, "visit", ""),
                label=getattr(one.event, "label", ""),
                window=window,
            )
            found.append(new)
            if _waits_already(hall, new):
                found.append(_skipped(new.device, new.announcement, new, "merged"))
    return found


def voices(rules: Rules, window: int = 0) -> list[Fitting]:
    """The voices that are heard at a window (0: everywhere)."""
    fitted = [x for x in rules.fittings if x.kind == KIND]
    return [x for x in fitted if not (x.windows and window) or window in x.windows]


def _purpose(voice: VoiceRules, event: e.Event) -> e.Announcing | None:
    match event:
        case e.TicketCalled(quiet=False):
            return "call"
        case e.TicketRecalled():
            return "recall"
        case e.TicketMissed() if voice.say_missed:
            return "missed"
        case e.OpeningTurned(opening="lunch") if voice.say_lunch:
            return "lunch"
        case e.RehearsalMoved(stage="called"):
            return "rehearsal"
        case e.EvacuationStarted():
            return "evacuation"
        case _:
            return None


def _waits_already(hall: Hall, new: e.AnnouncementQueued) -> bool:
    """The same ticket to the same window stands in line already: said once, at its place."""
    voice = hall.voices.get(new.device)
    return (
        voice is not None
        and new.purpose in CALLS
        and any(
            a.purpose in CALLS and a.visit == new.visit and a.window == new.window
            for a in voice.queue
        )
    )


def pending(hall: Hall, visit: Visit, now: Moment) -> bool:
    """Whether a voice that works has still to say the visit's last call to its end."""
    for voice in hall.voices.values():
        mine = [a for a in all_of(voice) if a.visit == visit.id and a.purpose in CALLS]
        if mine and works(hall, voice, now):
            return True
    return False


def ready(hall: Hall, device: str) -> bool:
    """Whether a voice is there and has said that it can be heard."""
    state = hall.devices.get(device)
    return state is not None and state.link == "up" and state.parts.get("state") == "ready"


def works(hall: Hall, voice: VoiceState, now: Moment) -> bool:
    """Whether a voice does what it is given: it is ready, it answers, it has not just failed."""
    if hall.rules is None or not ready(hall, voice.device) or hall.testing(voice.device):
        return False
    rules = hall.rules.voice
    passes_most = len(speech.languages_of(hall.rules)) * rules.repeats
    longest_s = max(ANSWER_S, SENTENCE_S * passes_most)
    if voice.speaking is not None and now.mono_s - voice.begun_s > longest_s:
        return False
    return not any(a.tries for a in all_of(voice)[:1])


# - what is begun, skipped, given up


def due(hall: Hall, now: Moment) -> Events:
    """What the voices do now, of all that waits. Once is enough: each begins one at most."""
    rules = hall.rules
    if rules is None or (not hall.voices and not hall.evacuation_s):
        return []
    events: Events = []
    for voice in hall.voices.values():
        fitting = rules.fitting(voice.device)
        if fitting is None or fitting.kind != KIND:
            events += [_skipped(voice.device, a.id, a, "gone") for a in all_of(voice)]
        else:
            events += _of(hall, rules, voice, now)
    return events


def over(hall: Hall) -> Events:
    """The day ends: nothing of it is said any more."""
    return [_skipped(v.device, a.id, a, "over") for v in hall.voices.values() for a in all_of(v)]


def restarted(hall: Hall) -> Events:
    """Hallctl was started anew: what was being said then may not have been heard."""
    return [
        _failed(v, v.speaking, "restart", "")
        for v in hall.voices.values()
        if v.speaking is not None
    ]


def all_of(voice: VoiceState) -> list[Announcement]:
    """What a voice is saying, and all that waits for it, in order."""
    return [*([voice.speaking] if voice.speaking else []), *voice.queue]


def _of(hall: Hall, rules: Rules, voice: VoiceState, now: Moment) -> Events:
    waiting: list[Announcement] = []
    events: Events = []
    for announcement in voice.queue:
        reason = _why_not(hall, rules, announcement, now)
        if reason:
            events.append(_skipped(voice.device, announcement.id, announcement, reason))
        else:
            waiting.append(announcement)
    said = voice.speaking
    if said is not None:
        urgent = next((a for a in waiting if a.purpose == "evacuation"), None)
        if urgent is not None and said.purpose != "evacuation" and ready(hall, voice.device):
            return [
                *events,
                _failed(voice, said, "cut", ""),
                _begun(hall, rules, voice, urgent, 0, now),
            ]
        if now.mono_s - voice.begun_s > LOST_S:
            words = f"no answer for {LOST_S:.0f} s"
            return [*events, _failed(voice, said, "silence", words)]
        return events
    return events + _next(hall, rules, voice, waiting, now)


def _next(
    hall: Hall, rules: Rules, voice: VoiceState, waiting: list[Announcement], now: Moment
) -> Events:
    if not ready(hall, voice.device):
        return []
    if hall.testing(voice.device) is not None and not hall.evacuation_s:
        return []
    rested_s = now.mono_s - voice.spoke_s
    if hall.evacuation_s:
        waiting = [a for a in waiting if a.purpose == "evacuation"]
        if not waiting:
            return _evacuation_again(hall, voice, rested_s)
    if not waiting:
        return []
    first = waiting[0]
    if first.tries and 0 <= rested_s < min(AGAIN_S * first.tries, AGAIN_MOST_S):
        return []
    return [_begun(hall, rules, voice, first, len(waiting) - 1, now)]


def _evacuation_again(hall: Hall, voice: VoiceState, rested_s: float) -> Events:
    if 0 <= rested_s < EVACUATION_GAP_S:
        return []
    seq = hall.seq + 1
    return [
        e.AnnouncementQueued(
            device=voice.device,
            announcement=f"{voice.device}:{seq}",
            purpose="evacuation",
            call=seq,
        )
    ]


def _why_not(hall: Hall, rules: Rules, a: Announcement, now: Moment) -> e.Skipping | None:
    """Why an announcement will not be said any more; None when it stands."""
    visit = hall.visits.get(a.visit)
    match a.purpose:
        case "evacuation":
            return None if hall.evacuation_s else "over"
        case "rehearsal":
            rehearsal = hall.rehearsals.get(a.window)
            stands = rehearsal is not None and rehearsal.stage == "called"
        case "lunch":
            stands = hall.opening == "lunch"
        case "missed":
            stands = visit is not None and visit.status in ("no_show", "void")
        case _:
            stands = visit is not None and visit.status == "called" and visit.window == a.window
    if not stands:
        return "moved_on" if a.visit else "over"
    return "quiet" if is_quiet(hall, rules, now) else None


def is_quiet(hall: Hall, rules: Rules, now: Moment) -> bool:
    """Whether calls are shown and not said now."""
    asked = now.wall_s < hall.quiet_until_s
    return asked or any(span.holds(now.day_s) for span in rules.voice.quiet)


def volume_at(voice: VoiceRules, day_s: int) -> int:
    """The volume in percent at that second of the day."""
    volume = voice.volume
    for from_s, percent in voice.volumes:
        if day_s >= from_s:
            volume = percent
    return volume


def passes(voice: VoiceRules, behind: int, *, english: bool) -> tuple[tuple[Spoken, ...], bool]:
    """In which languages a call is said, each as often as it stands, and whether in short form.

    `behind` is how many wait after it, `english` whether its ticket was taken in English.
    """
    if not voice.languages:
        return (), False
    if behind >= voice.pile_up:
        return voice.languages[:1], True
    extra: tuple[Spoken, ...] = ("english",) if english and voice.english_on_ticket else ()
    once = tuple(dict.fromkeys(voice.languages + extra))
    return (once if behind else once * voice.repeats), False


def _begun(
    hall: Hall, rules: Rules, voice: VoiceState, a: Announcement, behind: int, now: Moment
) -> e.AnnouncementBegun:
    visit = hall.visits.get(a.visit)
    english = visit is not None and visit.language == "en"
    languages, short = passes(rules.voice, behind, english=english)
    if a.purpose not in CALLS:
        languages, short = rules.voice.languages, False
    if a.purpose == "evacuation":
        languages = speech.languages_of(rules)
    return e.AnnouncementBegun(
        device=voice.device,
        announcement=a.id,
        languages=languages,
        short=short,
        volume=100 if a.purpose == "evacuation" else volume_at(rules.voice, now.day_s),
    )


def _failed(voice: VoiceState, a: Announcement, reason: str, words: str) -> e.AnnouncementFailed:
    return e.AnnouncementFailed(
        device=voice.device,
        announcement=a.id,
        call=a.call,
        visit=a.visit,
        window=a.window,
        reason=reason,
        evidence=words,
    )


def _skipped(
    device: str, name: str, what: Announcement | e.AnnouncementQueued, reason: e.Skipping
) -> e.AnnouncementSkipped:
    """`name` is the announcement's id: one that waits and one just queued call it differently."""
    return e.AnnouncementSkipped(
        device=device,
        announcement=name,
        call=what.call,
        visit=what.visit,
        window=what.window,
        reason=reason,
    )


def test_sentences(rules: Rules) -> tuple[speech.Sentence, ...]:
    """What a voice says in a self-test: one sentence of each language."""
    return tuple(speech.sentence(rules, x, "test") for x in speech.languages_of(rules))


# - what a voice answers, and what it is told


def heard(hall: Hall, device: str, report: r.Announced | r.AnnouncementFailed) -> Events:
    """A voice's word about what it was given; one that comes too late changes nothing."""
    voice = hall.voices.get(device)
    said = voice.speaking if voice else None
    if voice is None or said is None or said.id != report.announcement:
        return []
    if isinstance(report, r.AnnouncementFailed):
        return [_failed(voice, said, report.reason, report.evidence)]
    made = e.AnnouncementMade(
        device=device,
        announcement=said.id,
        call=said.call,
        visit=said.visit,
        window=said.window,
        languages=report.languages,
        took_s=round(report.took_s, 2),
        left_out=report.left_out,
        proven=report.proven,
    )
    if said.purpose != "rehearsal":
        return [made]
    return [made, *rehearsing.announced(hall, said.window)]


def effect(hall: Hall, begun: e.AnnouncementBegun) -> f.Announce:
    """What the voice is told when an announcement has begun."""
    rules, said = hall.rules, hall.voices[begun.device].speaking
    assert rules is not None
    assert said is not None
    phrase = "short" if begun.short else said.purpose
    return f.Announce(
        device=begun.device,
        announcement=said.id,
        window=said.window,
        chime="short" if begun.short else "full",
        sentences=tuple(
            speech.sentence(rules, language, phrase, label=said.label, window=said.window)
            for language in begun.languages
        ),
        volume=begun.volume,
        urgent=said.purpose == "evacuation",
    )

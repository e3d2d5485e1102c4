"""From the models of the three files to the Rules of the core."""

from typing import Final

from hallctl.config.catalogue_file import CatalogueFile, ItemEntry
from hallctl.config.devices_file import DeviceConfig
from hallctl.config.hall_file import (
    WEEKDAYS,
    HallFile,
    VoiceEntry,
    clock_s,
    preprinted_of,
    span_of,
)
from hallctl.core.rules import (
    Category,
    Fitting,
    Item,
    Material,
    Queue,
    Rules,
    Staff,
    VoiceRules,
    Window,
)

_MIN_S: Final = 60.0


def rules_of(hall: HallFile, catalogue: CatalogueFile, devices: tuple[DeviceConfig, ...]) -> Rules:
    """The Rules that checked files decide. A window prefers its queues in the file's order."""
    return Rules(
        hall=hall.hall,
        hall_en=hall.hall_en,
        seal=hall.seal,
        timezone=hall.timezone,
        queues=_queues(hall),
        windows=_windows(hall),
        workdays=tuple(sorted({WEEKDAYS.index(day) + 1 for day in hall.workdays})),
        sessions=tuple(span_of(text) for text in hall.hours),
        taking=tuple(span_of(text) for text in hall.taking),
        default_queue=hall.default_queue,
        stuck_queue=hall.stuck_queue,
        categories=tuple(
            Category(name, entry.name, entry.name_en, entry.icon, entry.queue)
            for name, entry in hall.categories.items()
        ),
        items=tuple(
            _item(code, entry, catalogue.common_note) for code, entry in catalogue.items.items()
        ),
        fittings=tuple(Fitting(d.name, d.kind, d.windows, d.serves) for d in devices),
        notices=hall.notices,
        priority_credit_s=hall.rules.priority_credit_min * _MIN_S,
        no_show_after=hall.rules.no_show_after_calls,
        recall_gap_s=hall.rules.recall_gap_s,
        recall_max=hall.rules.recall_max,
        rejoin_behind=hall.rules.rejoin_behind,
        rejoin_max=hall.rules.rejoin_max,
        undo_s=hall.rules.undo_s,
        staff=tuple(Staff(number, entry.a, entry.b) for number, entry in hall.staff.items()),
        sign_on=hall.sign_on,
        cut_off=hall.rules.cut_off,
        one_per_person=hall.rules.one_per_person,
        wait_yellow_s=hall.rules.wait_yellow_min * _MIN_S,
        wait_red_s=hall.rules.wait_red_min * _MIN_S,
        pause_yellow_s=hall.rules.pause_yellow_min * _MIN_S,
        pause_red_s=hall.rules.pause_red_min * _MIN_S,
        visit_over_factor=hall.rules.visit_over_factor,
        rating_open_s=hall.rules.rating_open_s,
        print_wait_s=hall.rules.print_wait_min * _MIN_S,
        roll_m=hall.rules.roll_m,
        preprinted=preprinted_of(hall.rules.preprinted),
        voice=_voice(hall.voice),
        holidays=hall.holidays,
        workdays_extra=hall.workdays_extra,
    )


def _voice(voice: VoiceEntry) -> VoiceRules:
    return VoiceRules(
        languages=tuple(dict.fromkeys(voice.languages)),
        repeats=voice.repeats,
        one=voice.one,
        pile_up=voice.pile_up,
        english_on_ticket=voice.english_on_ticket,
        say_missed=voice.say_missed,
        say_lunch=voice.say_lunch,
        volume=voice.volume,
        volumes=tuple(sorted((clock_s(text), v) for text, v in voice.volumes.items())),
        quiet=tuple(span_of(text) for text in voice.quiet),
        readings=tuple(
            (language, words, read)
            for language, found in voice.readings.items()
            for words, read in found.items()
        ),
    )


def _queues(hall: HallFile) -> tuple[Queue, ...]:
    return tuple(
        Queue(
            id=name,
            name=entry.name,
            name_en=entry.name_en,
            short=entry.short,
            prefix=entry.prefix,
            windows=entry.windows,
            standard_min=entry.standard_min,
            quotas=entry.quotas,
        )
        for name, entry in hall.queues.items()
    )


def _windows(hall: HallFile) -> tuple[Window, ...]:
    return tuple(
        Window(
            number=number,
            name=entry.name,
            name_en=entry.name_en,
            short=entry.short,
            queues=tuple(name for name, queue in hall.queues.items() if number in queue.windows),
            helps=tuple((queue, minutes * _MIN_S) for queue, minutes in entry.helps.items()),
        )
        for number, entry in sorted(hall.windows.items())
    )


def _item(code: str, entry: ItemEntry, common_note: str) -> Item:
    return Item(
        code=code,
        name=entry.name,
        queue=entry.queue,
        category=entry.category,
        basis=entry.basis,
        conditions=entry.conditions,
        procedure=entry.procedure,
        limit=entry.limit,
        fee=entry.fee,
        notes="\n".join(part for part in (entry.notes, common_note) if part),
        materials=tuple(
            Material(m.name, m.basis, m.form, m.copies, m.signature, m.icon)
            for m in entry.materials
        ),
        checked=entry.checked,
    )

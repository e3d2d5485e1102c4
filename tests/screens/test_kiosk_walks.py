"""Walks over the pages that are really drawn: three touches to a number, and no dead end."""

from collections import deque
from dataclasses import replace

import pytest

from hallctl.core.commands import IssueTicket
from kiosk_bench import Hands, fonts, real_hall, real_rules
from screens import sample
from screens.check import check
from screens.kiosk.model import Kiosk
from screens.kiosk.pages import Home, StatePage, TicketPage
from screens.kiosk.scenes import largest
from screens.kit.scene import KIOSK, PORTRAIT_KIOSK, Scene

SETTINGS = {"plain": (), "largest": ("bigger", "bigger"), "english": ("language",)}
DIRECT = {"collect": "L", "stuck": "F", "business": "Q"}


def fresh(name, *, landscape=False, clock="9:42"):
    hands = Hands(real_hall(), landscape=landscape, clock=clock)
    hands.touch(*SETTINGS[name])
    return hands


def test_the_catalogue_has_its_forty_items():
    assert len(real_rules().items) == 40


@pytest.mark.parametrize("item", real_rules().items, ids=lambda item: item.code)
def test_three_touches_at_most_lead_to_a_number_for_every_item(item):
    hands = fresh("plain")
    several = [i for i in real_rules().items if i.category == item.category]
    way = [f"tile:{item.category}", *([f"item:{item.code}"] if several[1:] else []), "take"]
    for target in way:
        hands.page_to(target)
        hands.touch(target)
    assert len(way) <= 3
    (asked,) = hands.asked
    assert (asked.item, asked.kiosk) == (item.code, "kiosk-1")


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("landscape", [False, True], ids=["portrait", "landscape"])
@pytest.mark.parametrize("kind", DIRECT)
def test_three_touches_at_most_lead_to_a_number_for_what_has_a_tile_of_its_own(
    kind, landscape, setting
):
    hands = fresh(setting, landscape=landscape)
    target = "stuck" if kind == "stuck" else f"tile:{kind}"
    hands.page_to(target)
    hands.touch(target)
    assert [(a.queue, a.item) for a in hands.asked] == [(DIRECT[kind], "")]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("landscape", [False, True], ids=["portrait", "landscape"])
def test_every_item_is_on_a_page_in_every_setting(landscape, setting):
    hands = fresh(setting, landscape=landscape)
    found = set()
    for category in real_rules().categories:
        several = [i for i in real_rules().items if i.category == category.id]
        if len(several) < 2:
            continue
        hands.page_to(f"tile:{category.id}")
        hands.touch(f"tile:{category.id}")
        while (page := hands.show()).items[0][0] not in found:
            found |= {target for target, _ in page.items}
            if page.pager:
                hands.touch("page:1")
        hands.touch("back")
    assert found == {f"item:{i.code}" for i in real_rules().items}


EVERYWHERE = ("bigger", "language", "read", "help", "seal")
"""What every page has: it is tried at home."""
MANY = 400


def state(hands):
    """Where a kiosk is, so that the same place is not walked twice; turned pages come round."""
    model, pager = hands.model, getattr(hands.show(), "pager", None)
    return (
        model.place, model.category, model.item, model.direct, pager and pager.at,
        model.guide, model.over, model.past_lunch, model.without_paper,
    )  # fmt: skip


def copy_of(hands):
    """The same kiosk once more, to go another way from here."""
    other = object.__new__(Hands)
    other.__dict__.update(hands.__dict__)
    other.screen = object.__new__(type(hands.screen))
    other.screen.__dict__.update(hands.screen.__dict__)
    kept = {name: getattr(hands.model, name) for name in Kiosk.__dataclass_fields__}
    kept["menu"] = replace(hands.model.menu)
    kept["got"] = replace(hands.model.got) if hands.model.got else None
    other.screen.model = Kiosk(**kept)
    return other


def step(hands, target):
    """Touch; and where something is asked of the hall, the hall answers."""
    other = copy_of(hands)
    other.asked = []
    other.screen.model.locked_until_s = 0.0
    other.model.ask = other._ask
    other.screen.touched(target, other.sight)  # it was drawn: it came from there
    if other.asked and isinstance(other.asked[-1], IssueTicket):
        label = f"{other.asked[-1].queue or 'A'}001"
        ticket = {"visit": label, "label": label, "queue": "A", "job": ""}
        other.answer(result=ticket)
    elif other.model.pending:
        other.answer(result={"job": "m1"})
    return other


def walk(first):
    """Breadth first over all targets: every place, with the places each leads to."""
    places, ways, todo = {state(first): first}, {}, deque([first])
    while todo:
        hands = todo.popleft()
        here = state(hands)
        ways[here] = set()
        for target in dict.fromkeys(hands.targets()):
            if target in EVERYWHERE and not isinstance(hands.show(), Home):
                continue
            other = step(hands, target)
            at = state(other)
            ways[here].add(at)
            if at not in places:
                assert len(places) < MANY, "pages without end"
                places[at] = other
                todo.append(other)
    return places, ways


@pytest.mark.parametrize(
    ("clock", "landscape"),
    [("9:42", False), ("12:10", False), ("17:10", True)],
)
def test_every_page_can_be_reached_and_left_again(clock, landscape):
    """Of the sample hall, whose pages are of every kind; and so that no page is a dead end."""
    first = Hands(sample.morning(), clock=clock, landscape=landscape)
    home = state(first)
    places, ways = walk(first)
    leads_home = {home}
    while more := {at for at, to in ways.items() if to & leads_home} - leads_home:
        leads_home |= more
    assert set(places) - leads_home == set()
    seen = {type(hands.show()).__name__ for hands in places.values()}
    open_now = clock != "17:10"
    assert {"Home", "ItemList", "ItemPage", "StatePage"} <= seen
    assert ("TicketPage" in seen) == open_now


def test_every_page_ends_by_itself_when_everybody_goes_away():
    places, _ = walk(Hands(sample.morning()))
    for hands in places.values():
        for _ in range(5):
            hands.pass_s(61)
        assert isinstance(hands.show(), Home), state(hands)


def test_no_text_is_cut_at_the_largest_setting():
    """Every page in every state, high contrast, both ways up and in both languages."""
    broken = [f for one in largest() for f in check(one, one.drawn(fonts(), measured=True))]
    assert broken == []


@pytest.mark.parametrize("landscape", [False, True], ids=["portrait", "landscape"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_real_item_is_cut_at_the_largest_setting(language, landscape):
    hands = Hands(real_hall(), landscape=landscape)
    model, broken = hands.model, []
    limits = KIOSK if landscape else PORTRAIT_KIOSK
    model.language, model.size = language, 2
    for item in real_rules().items:
        model.place, model.item, model.category = "item", item.code, item.category
        pages = hands.show().pager.of if hands.show().pager else 1
        for model.page in range(pages):
            one = Scene(f"{item.code}-{model.page}", hands.screen, hands.show(), limits)
            broken += check(one, one.drawn(fonts()))
        model.page = 0
    assert broken == []


def test_the_page_of_a_ticket_is_left_by_one_touch():
    hands = Hands(real_hall())
    hands.touch("unsure", "take")
    assert isinstance(hands.show(), StatePage)
    hands.answer(result={"visit": "A001", "label": "A001", "queue": "A", "job": ""})
    assert isinstance(hands.show(), TicketPage)
    assert isinstance(hands.touch("ok"), Home)

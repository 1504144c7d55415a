"""The step that asks for the time of the picked day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from bot.conversation.contract import Choice, Reply, Text, Value
from bot.errors import TryAgain
from bot.model import Slot
from flows import ways
from flows.booking.step import Found, Step
from flows.booking.wording import describe_wish
from flows.draft import Draft, write_start
from flows.reading.choices import read_number
from flows.reading.days import read_day
from flows.reading.folding import split_words
from flows.reading.hours import PARTS, Hours, parse_hours, read_hours

# How many times are offered beside one that is not free.
NEAREST_TIMES = 6

# With more times than this the parts of the day come first, where all three have something.
MANY_TIMES = 12

COLUMNS = 3

# The ends of the list as people call them, folded, in every language.
FIRST_WORDS = frozenset({"first", "the first", "earliest", "asap", "primera", "la primera", "lo antes posible"})
LAST_WORDS = frozenset({"last", "the last", "latest", "ultima", "la ultima", "lo mas tarde posible"})


class TimeStep(Step):
    """A free time of the picked day; a window ("after 17:00") narrows the list."""

    id = "time"

    async def settle(self, draft: Draft) -> Found:
        start = await draft.start()
        if start is None:
            draft.drop(self.id)
            return Found.OPEN
        if start <= draft.now:
            return lose(draft, "taken.passed")
        try:
            slot = await draft.slot()
        except TryAgain:
            # It was free a moment ago; only booking tells the truth, so a slow vendor need not stop the customer here.
            if "handle" in draft.picks:
                return Found.ANSWERED
            raise
        if slot is None:
            return lose(draft, "taken.not_free")
        draft.picks["handle"] = slot.handle
        draft.drop("lost", "why")
        return Found.ANSWERED

    async def take(self, draft: Draft, value: str) -> None:
        draft.pick(day=value[:10], time=value)
        draft.drop("handle", "window")

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        slots, shown = await self._list_slots(draft), await self._list_shown(draft)
        window = parse_hours(draft.picks.get("window", ""))
        values: dict[str, Value] = {
            "what": await describe_wish(draft),
            "when": await draft.moment(date.fromisoformat(draft.picks["day"])),
        }
        if draft.only:
            choices = tuple(_choice(slot) for slot in slots if write_start(slot.starts_at) in draft.only)
            more: tuple[Choice, ...] = (_all_times(),)
        elif window and shown:
            choices, more = tuple(_choice(slot) for slot in shown), (_all_times(),)
        else:
            choices, more = (*_parts(slots), *(_choice(slot) for slot in slots)), ()
        if not slots:
            text = Text("time.none", values)
            return Reply(text, choices=(Choice(Text("day.others"), "edit", "day"),), ways=(*back, *ways.out()), replaces=True)
        text = _narrowed(window, values) if window and shown and not draft.only else Text("time.ask", values)
        back = (*more, *back)
        return Reply(text, choices=choices, columns=COLUMNS, ways=(*back, *ways.out()), replaces=True)

    async def read(self, draft: Draft, text: str) -> bool:
        if await self._take_edge(draft, text):
            return True
        location = await draft.picked_location()
        wish = read_day(text, await draft.today(), country=location.country, prefers_hours=True)
        hours = read_hours(wish.rest) or (read_hours(text) if wish.days == (draft.day(),) else None)
        if not wish.days or wish.days == (draft.day(),):
            return await self._read_hours(draft, hours, text)
        if len(wish.days) > 1:
            draft.picks["asking"] = "day"
            draft.only = tuple(day.isoformat() for day in wish.days)
            draft.note("which.day")
            return True
        draft.picks["day"] = wish.days[0].isoformat()
        draft.drop("time", "handle", "window")
        if hours:
            await narrow(draft, hours)
        return True

    async def _take_edge(self, draft: Draft, text: str) -> bool:
        """ "The first one", "the last one"."""
        line, shown = " ".join(split_words(text)), await self._list_shown(draft)
        if not shown or line not in FIRST_WORDS | LAST_WORDS:
            return False
        await self.take(draft, write_start(shown[0 if line in FIRST_WORDS else -1].starts_at))
        return True

    async def hear(self, draft: Draft, sentence: str) -> bool:
        wish = read_day(sentence, await draft.heard_on(), country=(await draft.picked_location()).country, prefers_hours=True)
        hours = read_hours(wish.rest)
        if hours:
            await narrow(draft, hours)
        return hours is not None

    async def _read_hours(self, draft: Draft, hours: Hours | None, text: str) -> bool:
        if hours is None:
            return False
        number = read_number(text)
        if number and number <= len(draft.session.menu) and not _holding(await self._list_shown(draft), hours):
            # "3" where nothing on offer starts at three: the third button.
            return False
        await narrow(draft, hours)
        return True

    async def _list_slots(self, draft: Draft) -> Sequence[Slot]:
        """The day's free times, without one that was just refused."""
        day = date.fromisoformat(draft.picks["day"])
        lost = draft.picks.get("lost")
        return [slot for slot in (await draft.openings(day)).slots if write_start(slot.starts_at) != lost]

    async def _list_shown(self, draft: Draft) -> Sequence[Slot]:
        """Those of them that the customer asked to see."""
        window = parse_hours(draft.picks.get("window", ""))
        slots = await self._list_slots(draft)
        return [slot for slot in slots if window.holds(slot.starts_at.time())] if window else slots


async def narrow(draft: Draft, hours: Hours) -> None:
    """Apply typed hours to the picked day: take the one time they mean, or show those that fit, or the nearest."""
    day = date.fromisoformat(draft.picks["day"])
    slots = (await draft.openings(day)).slots
    fitting = _holding(slots, hours)
    if hours.exact and len(fitting) > 1:
        draft.only = tuple(write_start(slot.starts_at) for slot in fitting)
        draft.note("which.time")
    elif hours.exact and slots:
        # Not free is found out where every picked time is judged, and answered with the same ways on.
        meant = fitting[0].starts_at.time() if fitting else hours.likely
        draft.pick(time=write_start(datetime.combine(day, meant)))
        draft.drop("handle", "window")
    elif fitting:
        draft.picks["window"] = hours.write()
    elif slots:
        _offer_nearest(draft, slots, hours)


def _offer_nearest(draft: Draft, slots: Sequence[Slot], hours: Hours) -> None:
    edge = hours.earliest or hours.latest or time()
    wanted = datetime.combine(slots[0].starts_at.date(), edge, slots[0].starts_at.tzinfo)
    near = sorted(slots, key=lambda slot: abs(slot.starts_at - wanted))[:NEAREST_TIMES]
    draft.only = tuple(write_start(slot.starts_at) for slot in near)
    draft.note("time.none_then", when=wanted)
    draft.drop("window")


def lose(draft: Draft, reason: str) -> Found:
    """The picked time cannot be had: remember which and why, for the ways on that are offered instead."""
    draft.pick(lost=draft.picks["time"], why=reason)
    draft.drop("time", "handle")
    return Found.LOST


def _holding(slots: Iterable[Slot], hours: Hours) -> list[Slot]:
    return [slot for slot in slots if hours.holds(slot.starts_at.time())]


def _choice(slot: Slot) -> Choice:
    return Choice(Text("time.label", {"when": slot.starts_at}), "time", write_start(slot.starts_at))


def _all_times() -> Choice:
    return Choice(Text("time.all"), "window")


def _parts(slots: Sequence[Slot]) -> tuple[Choice, ...]:
    """Morning, afternoon, evening: one row, where a long day has all three."""
    labels = {"morning": "time.morning", "afternoon": "time.afternoon", "evening": "time.evening"}
    has_all = all(_holding(slots, hours) for hours in PARTS.values())
    if len(slots) <= MANY_TIMES or not has_all:
        return ()
    return tuple(Choice(Text(labels[part]), "window", hours.write()) for part, hours in PARTS.items())


def _narrowed(window: Hours, values: dict[str, Value]) -> Text:
    """The question, naming the hours it is narrowed to."""
    edges = {"earliest": window.earliest, "latest": window.latest}
    known: dict[str, Value] = {name: edge for name, edge in edges.items() if edge is not None}
    if len(known) > 1:
        return Text("time.ask_between", {**values, **known})
    return Text("time.ask_after" if window.earliest else "time.ask_before", {**values, **known})

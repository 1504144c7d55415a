"""The step that asks for the day, with the first free time as its first button."""

from datetime import date, timedelta

from bot.conversation.contract import Choice, Reply, Text
from bot.model import Slot
from flows import ways
from flows.booking.calendar import look_ahead
from flows.booking.step import Found, Step
from flows.booking.time import narrow
from flows.booking.wording import describe_wish
from flows.draft import ANYONE, Draft, write_start
from flows.reading.choices import read_number
from flows.reading.days import DayWish, read_day
from flows.reading.folding import fold
from flows.reading.hours import read_hours

# How many days are offered beside a day that cannot be had.
NEAREST_DAYS = 3

# A number that is a row of the screen and the date of another row has two, so the customer is asked.
MEANINGS = 2

# "The first one, please", folded, in every language.
FIRST_WORDS = frozenset({"first", "first free", "earliest", "asap", "soonest", "as soon as possible"}) | frozenset(
    {"primera", "el primero", "la primera", "lo antes posible", "cuanto antes", "primera hora libre", "lo mas pronto posible"}
)


class DayStep(Step):
    """A day with something free. Never one that the customer did not name."""

    id = "day"

    async def settle(self, draft: Draft) -> Found:
        day = draft.day()
        if day is None:
            draft.drop(self.id)
            return Found.OPEN
        if "time" in draft.picks:
            return Found.ANSWERED
        if day < await draft.today():
            return await self._leave(draft, "day.past", day)
        if not (await draft.openings(day)).slots:
            return await self._leave(draft, "day.full", day)
        return Found.ANSWERED

    async def take(self, draft: Draft, value: str) -> None:
        draft.picks[self.id] = value
        draft.drop("time", "handle", "lost")

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        what = {"what": await describe_wish(draft)}
        if draft.near:
            choices = await _list_near(draft, draft.near)
            return Reply(Text("day.ask_near", what), choices=choices, ways=(*back, *ways.out()), replaces=True)
        choices = await _list_days(draft)
        return Reply(Text("day.ask" if choices else "day.none", what), choices=choices, ways=(*back, *ways.out()), replaces=True)

    async def read(self, draft: Draft, text: str) -> bool:
        if fold(text).strip(".!") in FIRST_WORDS:
            return await self._take_first(draft)
        if number := read_number(text):
            rows = tuple(date.fromisoformat(row.value[:10]) for row in draft.session.menu if row.step in ("day", "time"))
            both = {day for place, day in enumerate(rows, 1) if number in (place, day.day)}
            if number <= len(draft.session.menu) and len(both) < MEANINGS:
                return False
            if number <= len(rows):
                return await self._choose(draft, DayWish(tuple(sorted(both))))
        wish = read_day(text, await draft.today(), country=(await draft.picked_location()).country)
        if wish.is_impossible:
            draft.note("day.impossible")
            return True
        if not wish.days:
            return False
        return await self._choose(draft, wish)

    async def hear(self, draft: Draft, sentence: str) -> bool:
        wish = read_day(sentence, await draft.heard_on(), country=(await draft.picked_location()).country, prefers_hours=True)
        if wish.days:
            await self._choose(draft, wish)
        return bool(wish.days)

    async def _choose(self, draft: Draft, wish: DayWish) -> bool:
        """One day is taken, several are asked about."""
        if len(wish.days) > 1:
            draft.only = tuple(day.isoformat() for day in wish.days)
            draft.note("which.day")
            return True
        await self.take(draft, wish.days[0].isoformat())
        if hours := read_hours(wish.rest):
            await narrow(draft, hours)
        return True

    async def _take_first(self, draft: Draft) -> bool:
        slot = (await look_ahead(draft)).first_slot()
        if slot is None:
            return False
        draft.pick(day=slot.starts_at.date().isoformat(), time=write_start(slot.starts_at))
        return True

    async def _leave(self, draft: Draft, key: str, day: date) -> Found:
        """The day cannot be had: say so, and offer what is near."""
        draft.drop(self.id, "window")
        draft.note(key, day=await draft.moment(day))
        draft.near = day
        return Found.OPEN


async def _offer_anyone(draft: Draft, day: date) -> tuple[Choice, ...]:
    """The day that could not be had with the picked person, with anyone who is free then."""
    if draft.picks.get("staff", ANYONE) == ANYONE or not draft.turn.desk.traits.can_book_anyone or day < await draft.today():
        return ()
    if not (await draft.openings(day, anyone=True)).slots:
        return ()
    return (Choice(Text("day.with_anyone", {"when": await draft.moment(day)}), "with", f"{day.isoformat()}@{ANYONE}"),)


async def _list_days(draft: Draft) -> tuple[Choice, ...]:
    """The first free time and the days, or the days a line may have meant."""
    if draft.only:
        return tuple([await _offer_day(draft, date.fromisoformat(day)) for day in draft.only])
    calendar = await look_ahead(draft)
    slot = calendar.first_slot()
    first = (_first_choice(slot, calendar.first),) if slot else ()
    return (*first, *[await _offer_day(draft, day) for day in calendar.offer()])


async def _list_near(draft: Draft, wanted: date) -> tuple[Choice, ...]:
    """What comes closest to a day that cannot be had."""
    calendar = await look_ahead(draft, *([wanted] if wanted > await draft.today() else []))
    days = [await _offer_day(draft, day) for day in calendar.nearest(wanted, NEAREST_DAYS)]
    return (*await _offer_anyone(draft, wanted), *days, Choice(Text("day.others"), "edit", "day"))


def _first_choice(slot: Slot, today: date) -> Choice:
    ahead = slot.starts_at.date() - today
    key = {timedelta(0): "day.first_today", timedelta(days=1): "day.first_tomorrow"}.get(ahead, "day.first")
    return Choice(Text(key, {"when": slot.starts_at}), "time", write_start(slot.starts_at), style="primary")


async def _offer_day(draft: Draft, day: date) -> Choice:
    return Choice(Text("day.label", {"when": await draft.moment(day)}), "day", day.isoformat())

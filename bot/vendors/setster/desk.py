"""What every write needs: rules, a fresh look at the time, the order among our own customers, and one careful attempt."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.errors import AskCustomer, CallStaff, FrontdeskError, SlotTaken, TryAgain, VendorChanged
from bot.model import Location
from bot.vendors.base import Progress
from bot.vendors.bucket import Priority
from bot.vendors.rows import read_rows
from bot.vendors.setster.client import SetsterClient, SetsterSettings
from bot.vendors.setster.mapping import read_times
from bot.vendors.setster.memory import Look, Memory, Rules, read_rules
from bot.vendors.setster.payloads import AppointmentRow, ServiceRow
from bot.vendors.setster.refusals import Refusal
from bot.vendors.setster.turnstile import Turnstile
from bot.vendors.setster.zones import Zones, is_same_wall

PATIENCE = timedelta(seconds=8)
"""For other customers who are just booking on the same day."""
POSTED = "posted"
"""Written down before the one call that must not happen twice."""
CONFIRMED, CANCELLED = 2, 3
"""Values of `status`, which may be written (wire notes, 5.1 and 5.5)."""

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Wish:
    """A time that somebody wants: at once what is looked up again and what is locked."""

    location: Location
    service_id: str
    staff_id: str
    starts_at: datetime
    reference: str

    @property
    def wall(self) -> datetime:
        return self.starts_at.astimezone(self.location.zone)


@dataclass(frozen=True, slots=True)
class Desk:
    """One account with everything at hand."""

    client: SetsterClient
    settings: SetsterSettings
    memory: Memory
    turnstile: Turnstile
    zones: Zones
    now: Callable[[], datetime]

    async def find_rules(self, service_id: str, *, reference: str) -> Rules:
        """What is remembered of the service, else read. Raises `CallStaff` for one that is gone."""
        known = await self.memory.find_rules(service_id)
        if known is not None:
            return known
        with reading("service", reference):
            data = await self.client.read_service(service_id, priority=Priority.CONFIRM, reference=reference)
            rows = read_rows(ServiceRow, data if isinstance(data, list) else [data], "service", source="setster")
        for row in rows:
            if row.id == service_id and row.duration:
                await self.memory.keep_rules([row])
                return read_rules(row)
        raise sign(CallStaff("service not offered"), "service", reference)

    @asynccontextmanager
    async def stand_first(self, wish: Wish) -> AsyncIterator[None]:
        """Alone on this day: nobody says whether create looks at the calendar, so of two customers of ours the second does."""
        day = wish.wall.date()
        try:
            async with self.turnstile.pass_alone("day", wish.location.id, day.isoformat(), patience=PATIENCE):
                try:
                    yield
                finally:
                    await self.memory.keep_change(wish.location.id, day)
        except TryAgain as error:
            raise error if error.source else sign(error, "queue", wish.reference) from None

    async def check_free(self, wish: Wish) -> None:
        """Raises `SlotTaken`. A time seen a moment ago is believed."""
        look = Look(wish.location.id, wish.wall.date(), wish.service_id, wish.staff_id)
        if await self.memory.was_free(look, wish.starts_at):
            return
        if not await self.is_free(wish):
            raise sign(SlotTaken(), "availability", wish.reference)

    async def is_free(self, wish: Wish) -> bool:
        """As the vendor has it right now."""
        day = wish.wall.date()
        with reading("availability", wish.reference):
            data = await self.client.list_day(
                wish.location.id, wish.service_id, wish.staff_id, day, priority=Priority.CONFIRM, reference=wish.reference
            )
            starts = read_times(data, day).get(day, ())
        return any(is_same_wall(f"{day.isoformat()} {start}", wish.starts_at, wish.location.zone) for start in starts)

    def write_known(self, row: AppointmentRow) -> dict[str, Any]:
        body = {
            "company_id": write_number(self.settings.company_id),
            "client_email": row.client_email,
            "client_name": row.client_name,
            "service_id": write_number(row.service_id),
        }
        return {**body, "subservices": row.subservices} if row.subservices else body


@contextmanager
def reading(verb: str, reference: str) -> Iterator[None]:
    """A look before a write: whatever is not understood, nothing was written, and a person has to see to it."""
    try:
        yield
    except Refusal as refusal:
        raise refusal.translate() from None
    except VendorChanged as error:
        raise sign(CallStaff(error.reason), verb, reference) from error


@dataclass(frozen=True, slots=True)
class Attempt:
    """One write, and what its answer says about the progress that was saved before it."""

    progress: Progress
    keeps: bool
    """An earlier write is in doubt: this one's refusal takes nothing back."""

    async def run(
        self, write: Callable[[], Awaitable[Done]], look: Callable[[], Awaitable[Done | None]], *, wish: Wish, desk: Desk
    ) -> Done:
        """What `write` came to. `look` says whether a refusal that is not certain was one: what was done, or None."""
        try:
            return await write()
        except (TryAgain, CallStaff):  # certainly not applied
            await self._take_back()
            raise
        except Refusal as refusal:
            found = None if refusal.is_certain else await look()
            if found is not None:
                return found
            await self._take_back()
            error = refusal.translate()
            if not isinstance(error, AskCustomer) and not await desk.is_free(wish):
                raise sign(SlotTaken(), refusal.verb, wish.reference) from None
            raise error from None

    async def _take_back(self) -> None:
        if not self.keeps:
            await self.progress.save(posted="", staff="")


def read_row(data: Any) -> AppointmentRow | None:
    """The record in an answer, which may be wrapped in a list of one."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    try:
        return AppointmentRow.model_validate(data)
    except ValidationError:
        return None


def write_number(text: str) -> int | str:
    """Ids are numbers in what is sent, and beyond 32 bits."""
    return int(text) if text.isdecimal() and text.isascii() else text


def sign(error: FrontdeskError, verb: str, reference: str) -> FrontdeskError:
    error.source, error.verb, error.reference = "setster", verb, reference
    return error

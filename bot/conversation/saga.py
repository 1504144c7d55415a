"""Carries out a booking that was written down: act once, and when an answer is lost, look before acting again."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.conversation.codec import Intent
from bot.conversation.contract import Booked, GaveUp, Outcome, Refused, Unclear
from bot.errors import (
    AskCustomer,
    CallStaff,
    Fenced,
    FrontdeskError,
    NotSupported,
    OutcomeUnknown,
    SlotTaken,
    TryAgain,
    VendorChanged,
)
from bot.model import Appointment, Location
from bot.vendors.base import Vendor

ATTEMPTS = 3
"""Times one booking is begun at most, each further one after a look that found nothing."""
LONG = timedelta(minutes=2)
"""After this staff hear that a booking's outcome is still unclear: most are clear within seconds, and nobody needs to know."""
PATIENCE = timedelta(minutes=15)
"""After this a booking whose outcome is still unclear becomes a task for staff."""
_LONGEST_WAIT = timedelta(seconds=8)
"""A vendor that asks for a longer pause is reported to the customer instead of waited for."""
_FIRST_LOOK = timedelta(seconds=1)
_LONGEST_LOOK = timedelta(minutes=1)

log = logging.getLogger("frontdesk.saga")


@dataclass(frozen=True, slots=True)
class Settled:
    """The booking is over; `outcome` goes to the flow."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Later:
    """Not over: look again after `after`. `outcome`, if any, goes to the flow now."""

    intent: Intent
    after: timedelta
    outcome: Outcome | None = None


@dataclass(slots=True)
class _Progress:
    intent: Intent
    write: Callable[[Intent], Awaitable[None]]

    @property
    def values(self) -> Mapping[str, str]:
        return self.intent.progress

    async def save(self, **values: str) -> None:
        self.intent.progress.update(values)
        await self.write(self.intent)


@dataclass(frozen=True, slots=True)
class Pursuit:
    """One booking at one vendor."""

    vendor: Vendor
    location: Location
    write: Callable[[Intent], Awaitable[None]]
    """Makes an intent durable; raises `Fenced` if another worker has taken over."""
    now_ms: Callable[[], int]

    async def pursue(self, intent: Intent, *, is_fresh: bool) -> Settled | Later:
        """Take the booking one step on. `is_fresh`: this very worker has just written the intent down."""
        if intent.status == "waiting":
            intent.status = "begun"
            await self.write(intent)
        elif not is_fresh or intent.doubted_ms:
            found = await self._look(intent)
            if found is not None:
                return found
        return await self._act(intent)

    async def _act(self, intent: Intent) -> Settled | Later:
        request = intent.request
        try:
            appointment = await self.vendor.book(self.location, request, _Progress(intent, self.write))
        except Fenced:
            raise
        except SlotTaken:
            return await self._check_taken(intent)
        except AskCustomer as error:
            return Settled(Refused(request.reference, "details", error.text_key))
        except TryAgain as error:
            return self._again(intent, error)
        except (OutcomeUnknown, VendorChanged) as error:
            log.warning("outcome unknown: %s", error)
            return self.lose_sight(intent)
        except (CallStaff, NotSupported) as error:
            log.error("booking refused: %s", error)  # noqa: TRY400  the reason is known, the trace says nothing more
            return Settled(Refused(request.reference, "staff"))
        return Settled(Booked(request.reference, appointment))

    async def _look(self, intent: Intent) -> Settled | Later | None:
        """Whether it happened after all. None: certainly not, and it may be begun once more."""
        try:
            appointment = await self._find(intent)
        except FrontdeskError as error:
            if isinstance(error, Fenced):
                raise
            log.warning("look-up failed: %s", error)
            return self.lose_sight(replace(intent, is_silent=True))
        intent.is_silent = False
        if appointment is not None:
            return Settled(Booked(intent.request.reference, appointment))
        if self._may_exist(intent) and (intent.attempt >= ATTEMPTS or not self._has_shown(intent)):
            return self.lose_sight(intent)
        intent.attempt += 1
        intent.status = "begun"
        await self.write(intent)
        return None

    async def _check_taken(self, intent: Intent) -> Settled | Later:
        """A time that a second attempt finds taken may have been taken by our own first one: only a look tells."""
        is_doubtful = bool(intent.doubted_ms) and not self._has_shown(intent)
        if is_doubtful or (intent.attempt > 1 and self._may_exist(intent)):
            try:
                appointment = await self._find(intent)
            except FrontdeskError:
                return self.lose_sight(intent)
            return Settled(Booked(intent.request.reference, appointment)) if appointment else self.lose_sight(intent)
        return Settled(Refused(intent.request.reference, "taken"))

    async def _find(self, intent: Intent) -> Appointment | None:
        return await self.vendor.find_booking(self.location, intent.request, intent.progress)

    def _may_exist(self, intent: Intent) -> bool:
        """Whether an earlier attempt may have made an appointment that a further one would double.

        A vendor that knows it did not blanks what it had written down.
        """
        return (any(intent.progress.values()) or bool(intent.doubted_ms)) and not self.vendor.traits.can_repeat

    def _has_shown(self, intent: Intent) -> bool:
        """Whether a made appointment would be in the vendor's lists by now."""
        traits = self.vendor.traits
        since = intent.since_ms or intent.doubted_ms
        if not since:
            return False
        waited = timedelta(milliseconds=self.now_ms() - since)
        return waited >= traits.longest_processing + traits.visibility

    def _again(self, intent: Intent, error: TryAgain) -> Settled | Later:
        if intent.since_ms:  # this attempt was not applied; an earlier one may have been
            return self.lose_sight(intent)
        if intent.attempt >= ATTEMPTS or error.after > _LONGEST_WAIT:
            return Settled(Refused(intent.request.reference, "busy"))
        return Later(replace(intent, status="waiting", attempt=intent.attempt + 1), error.after)

    def lose_sight(self, intent: Intent) -> Settled | Later:
        """Its outcome is unclear: look at growing intervals, tell staff after a while, and give up in the end."""
        now = self.now_ms()
        is_new = not intent.since_ms
        since = intent.since_ms or now
        waited, reference = timedelta(milliseconds=now - since), intent.request.reference
        if waited > PATIENCE:
            log.error("given up after %d looks, a task for people: %s", intent.looks, reference)
            began = datetime.fromtimestamp(since / 1000, UTC)
            return Settled(GaveUp(reference, since=began, looks=intent.looks, is_silent=intent.is_silent))
        is_long = waited > LONG and not intent.is_told
        after = min(_FIRST_LOOK * 2 ** min(intent.looks, 10), _LONGEST_LOOK)
        later = replace(intent, status="unknown", since_ms=since, looks=intent.looks + 1, is_told=intent.is_told or is_long)
        return Later(later, after, Unclear(reference, is_long=is_long) if is_new or is_long else None)

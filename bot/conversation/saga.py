"""Carries out what was written down: act once, and when an answer is lost, look before acting again."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.conversation.codec import Intent
from bot.conversation.contract import Booked, GaveUp, Moved, Outcome, Refused, Unclear
from bot.conversation.deeds import Deed, choose_deed, is_first_half
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
from bot.model import Location
from bot.vendors.base import Vendor

ATTEMPTS = 3
"""Times one booking is begun at most, each further one after a look that found nothing."""
LONG = timedelta(minutes=2)
"""After this staff hear that an outcome is still unclear: most are clear within seconds, and nobody needs to know."""
PATIENCE = timedelta(minutes=15)
"""After this what is still unclear becomes a task for staff."""
_LONGEST_WAIT = timedelta(seconds=8)
"""A vendor that asks for a longer pause is reported to the customer instead of waited for."""
_FIRST_LOOK = timedelta(seconds=1)
_LONGEST_LOOK = timedelta(minutes=1)

log = logging.getLogger("frontdesk.saga")


@dataclass(frozen=True, slots=True)
class Settled:
    """It is over; `outcome` goes to the flow."""

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
    """One wish at one vendor."""

    vendor: Vendor
    location: Location
    write: Callable[[Intent], Awaitable[None]]
    """Makes an intent durable; raises `Fenced` if another worker has taken over."""
    now_ms: Callable[[], int]

    async def pursue(self, intent: Intent, *, is_fresh: bool) -> Settled | Later:
        """Take it one step on. `is_fresh`: this very worker has just written the intent down."""
        if intent.status == "waiting":
            intent.status = "begun"
            await self.write(intent)
        elif not is_fresh or intent.doubted_ms:
            found = await self._look(intent)
            if found is not None:
                return found
        return await self._act(intent)

    async def _act(self, intent: Intent) -> Settled | Later:
        try:
            outcome = await self._deed(intent).act(intent, _Progress(intent, self.write))
        except Fenced:
            raise
        except SlotTaken:
            return await self._check_taken(intent)
        except AskCustomer as error:
            return await self._check_refused(intent, self._refuse(intent, "details", error.text_key))
        except TryAgain as error:
            return self._again(intent, error)
        except (OutcomeUnknown, VendorChanged) as error:
            log.warning("outcome unknown: %s", error)
            return self.lose_sight(intent)
        except (CallStaff, NotSupported) as error:
            log.error("%s refused: %s", intent.task, error)  # noqa: TRY400  the reason is known, the trace says nothing more
            return await self._check_refused(intent, self._refuse(intent, "staff"))
        return await self._settle(intent, outcome)

    async def _settle(self, intent: Intent, outcome: Outcome) -> Settled | Later:
        """The end, or the first half of a move: what stands is written down before the old one is touched."""
        if not isinstance(outcome, Booked) or not is_first_half(self.vendor, intent):
            return Settled(outcome)
        second = Intent(intent.request, intent.task, intent.appointment, outcome.appointment, begun_ms=intent.begun_ms)
        await self.write(second)
        return await self._act(second)

    async def _look(self, intent: Intent) -> Settled | Later | None:
        """Whether it happened after all. None: certainly not, and it may be begun once more."""
        try:
            outcome = await self._deed(intent).look(intent)
        except FrontdeskError as error:
            if isinstance(error, Fenced):
                raise
            log.warning("look-up failed: %s", error)
            return self.lose_sight(replace(intent, is_silent=True))
        intent.is_silent = False
        if outcome is not None:
            return await self._settle(intent, self._conclude(intent, outcome))
        if self._may_double(intent) and (intent.attempt >= ATTEMPTS or not self._has_shown(intent)):
            return self.lose_sight(intent)
        intent.attempt += 1
        intent.status = "begun"
        await self.write(intent)
        return None

    async def _check_taken(self, intent: Intent) -> Settled | Later:
        """A time that a second attempt finds taken may have been taken by our own first one: only a look tells."""
        is_doubtful = bool(intent.doubted_ms) and not self._has_shown(intent)
        may_double = self._may_double(intent)
        if is_doubtful or (intent.attempt > 1 and (may_double or intent.task != "book")):
            try:
                outcome = await self._deed(intent).look(intent)
            except FrontdeskError as error:
                if isinstance(error, Fenced):
                    raise
                return self.lose_sight(intent)
            if outcome is not None:
                return await self._settle(intent, self._conclude(intent, outcome))
            if is_doubtful or may_double or not self._has_shown(intent):
                return self.lose_sight(intent)
        return Settled(self._refuse(intent, "taken"))

    async def _check_refused(self, intent: Intent, refusal: Outcome) -> Settled | Later:
        """What is done already cannot be done, so a refused change may be one that an earlier attempt, or the desk, made."""
        if intent.task == "book" or is_first_half(self.vendor, intent):
            return Settled(refusal)
        try:
            outcome = await self._deed(intent).look(intent)
        except FrontdeskError as error:
            if isinstance(error, Fenced):
                raise
            return self.lose_sight(intent) if intent.attempt > 1 else Settled(refusal)
        if outcome is None and intent.attempt > 1 and not self._has_shown(intent):
            return self.lose_sight(intent)
        return Settled(self._conclude(intent, outcome) if outcome is not None else refusal)

    def _deed(self, intent: Intent) -> Deed:
        return choose_deed(self.vendor, self.location, intent)

    def _may_double(self, intent: Intent) -> bool:
        return self._deed(intent).may_double(intent)

    def _refuse(self, intent: Intent, reason: Literal["taken", "details", "busy", "staff"], text_key: str = "") -> Outcome:
        refusal = Refused(intent.request.reference, reason, text_key, task=intent.task, appointment=intent.appointment)
        return self._conclude(intent, refusal)

    def _conclude(self, intent: Intent, outcome: Outcome) -> Outcome:
        """With the new appointment booked, a move has happened, whatever became of the old one."""
        if intent.made is None or isinstance(outcome, Moved):
            return outcome
        return Moved(intent.request.reference, intent.made, left=intent.appointment)

    def _has_shown(self, intent: Intent) -> bool:
        """Whether what was done would be in the vendor's lists by now."""
        traits = self.vendor.traits
        since = intent.since_ms or intent.doubted_ms
        if not since:
            return False
        waited = timedelta(milliseconds=self.now_ms() - since)
        return waited >= traits.longest_processing + traits.visibility

    def _again(self, intent: Intent, error: TryAgain) -> Settled | Later:
        if intent.since_ms or intent.made:  # this attempt was not applied; an earlier one may have been
            return self.lose_sight(intent)
        if intent.attempt >= ATTEMPTS or error.after > _LONGEST_WAIT:
            return Settled(self._refuse(intent, "busy"))
        return Later(replace(intent, status="waiting", attempt=intent.attempt + 1), error.after)

    def lose_sight(self, intent: Intent) -> Settled | Later:
        """Its outcome is unclear: look at growing intervals, tell staff after a while, and give up in the end."""
        now = self.now_ms()
        is_new = not intent.since_ms
        since = intent.since_ms or now
        waited, reference = timedelta(milliseconds=now - since), intent.request.reference
        if waited > PATIENCE:
            return Settled(self._give_up(intent, since))
        is_long = waited > LONG and not intent.is_told
        after = min(_FIRST_LOOK * 2 ** min(intent.looks, 10), _LONGEST_LOOK)
        later = replace(intent, status="unknown", since_ms=since, looks=intent.looks + 1, is_told=intent.is_told or is_long)
        unclear = Unclear(reference, is_long=is_long, task=intent.task)
        return Later(later, after, unclear if is_new or is_long else None)

    def _give_up(self, intent: Intent, since_ms: int) -> Outcome:
        outcome = GaveUp(
            intent.request.reference,
            since=datetime.fromtimestamp(since_ms / 1000, UTC),
            looks=intent.looks,
            is_silent=intent.is_silent,
            task=intent.task,
            appointment=intent.appointment,
        )
        return self._conclude(intent, outcome)

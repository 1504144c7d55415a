"""The contract between the engine and the flows: what a flow is handed, what it may read, what it hands back.

Together with `bot.model` and `bot.errors` this is all that `flows/` imports. Nothing here does I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol

from bot.model import (
    Appointment,
    BookingRequest,
    Contact,
    DayOpenings,
    Location,
    Money,
    Service,
    SlotQuery,
    StaffMember,
)

Task = Literal["book", "move", "cancel"]
"""What a wish is about: a new appointment, another time for one that stands, or its end."""

# ── Events: what happened to a customer ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Said:
    """A line of text."""

    text: str
    query: str = ""
    """What the channel needs to show that it was read, where the platform has that."""
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button of ours, of whatever age. `step` and `value` are what the button said when it was made."""

    step: str
    """Empty when the button's token did not prove itself (another chat, another secret, tampered)."""
    value: str = ""
    message: str = ""
    """The platform's id of the message that carried the button."""
    query: str = ""
    """What the channel needs to stop the button's spinner."""
    kind: Literal["tapped"] = "tapped"


@dataclass(frozen=True, slots=True)
class Commanded:
    """A slash command, without the slash and without the bot's name, lower case."""

    name: str
    argument: str = ""
    kind: Literal["commanded"] = "commanded"


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A contact card."""

    phone: str
    """As the platform gave it; not normalised."""
    name: str = ""
    is_own: bool = False
    """True only if the platform proves that it is the sender's own number."""
    kind: Literal["contact"] = "contact"


@dataclass(frozen=True, slots=True)
class SentOther:
    """Something we do not read: voice, sticker, photo, location, …"""

    what: str
    kind: Literal["other"] = "other"


@dataclass(frozen=True, slots=True)
class Left:
    """The customer blocked the bot, or the bot was removed from the chat."""

    kind: Literal["left"] = "left"


@dataclass(frozen=True, slots=True)
class Told:
    """A finished sentence for a staff chat, from another conversation."""

    text: str
    kind: Literal["told"] = "told"


@dataclass(frozen=True, slots=True)
class Booked:
    """The vendor's record shows the appointment."""

    reference: str
    appointment: Appointment
    kind: Literal["booked"] = "booked"


@dataclass(frozen=True, slots=True)
class Moved:
    """The vendor's record shows the appointment at its new time."""

    reference: str
    appointment: Appointment
    left: Appointment | None = None
    """The old one, where the new one was booked beside it and a person has to see that the old one is cancelled."""
    kind: Literal["moved"] = "moved"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The vendor's record does not hold the time for the customer any more."""

    reference: str
    appointment: Appointment
    """As it stood before."""
    kind: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True)
class Refused:
    """The vendor certainly did not do it: nothing was booked, or the appointment stands as it stood."""

    reference: str
    reason: Literal["taken", "details", "busy", "staff", "gone"]
    """taken: the time is gone. details: a detail of the customer was refused, `text_key` says which.
    busy: the vendor did not take the request, it may be tried again. staff: only a person can help.
    gone: the appointment is not where it was any more, somebody else has changed it."""
    text_key: str = ""
    task: Task = "book"
    appointment: Appointment | None = None
    """The one that was to be moved or cancelled."""
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Unclear:
    """The vendor's answer got lost; it is being looked up. Another outcome follows."""

    reference: str
    is_long: bool = False
    """Not news to the customer any more; it has gone on for so long that staff should know."""
    task: Task = "book"
    kind: Literal["unclear"] = "unclear"


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Looking up did not settle it within the bound: a person of the business decides."""

    reference: str
    since: datetime | None = None
    """When it became unclear, aware; None where that is not known."""
    looks: int = 0
    """How often the vendor's record was looked at since."""
    is_silent: bool = False
    """The last look had no answer; otherwise the record was read and did not show the appointment."""
    task: Task = "book"
    appointment: Appointment | None = None
    """The one that was to be moved or cancelled."""
    kind: Literal["gave_up"] = "gave_up"


Outcome = Booked | Moved | Cancelled | Refused | Unclear | GaveUp
Body = (
    Said | Tapped | Commanded | SharedContact | SentOther | Left | Told | Booked | Moved | Cancelled | Refused | Unclear | GaveUp
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who sent the event, as the platform names them."""

    id: str = ""
    name: str = ""
    language: str = ""
    """IETF tag as the platform gave it (`pt-br`), or empty."""
    phone: str = ""
    """E.164, where the platform vouches that it is this person's own; else empty."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one conversation."""

    body: Body
    person: Person = Person()


# ── Session: what the conversation remembers ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MenuRow:
    """A choice as the customer saw it, so that a typed number or name means that one."""

    label: str
    step: str
    value: str


@dataclass(slots=True)
class Session:
    """Everything remembered of one conversation. Changed only by the flow, inside a turn; saved whole."""

    state: str = "start"
    """A written id, never derived from a class or function name: sessions outlive code."""
    language: str = ""
    """A language we ship; empty until the first turn."""
    is_language_chosen: bool = False
    """The customer chose it; the platform's hint no longer matters."""
    picks: dict[str, str] = field(default_factory=dict)
    """What has been chosen for the appointment in the making, by step id."""
    page: int = 0
    """The page of the current prompt's choices that is shown, from 0."""
    menu: tuple[MenuRow, ...] = ()
    """The choices now on the customer's screen, in order, ways (back, menu …) not included. Written by the engine."""
    misunderstood: int = 0
    """How many times in a row the customer was not understood."""
    name: str = ""
    phone: str = ""
    """E.164, and only if proven or typed by the customer."""
    email: str = ""
    customer_id: str = ""
    """The vendor's id of this customer, once known; of somebody else where the number that was typed is not their own."""
    proven: str = ""
    """The phone number that the platform proved to be the customer's own, E.164."""
    proven_id: str = ""
    """The vendor's id of the customer with the proven number, once known: all their appointments may be shown."""
    pending: BookingRequest | None = None
    """The wish now being carried out or looked up: of a move its new time, of a cancelling the appointment as it stood.
    While there is one, no other is carried out."""
    wish: dict[str, str] = field(default_factory=dict)
    """What was picked for the pending wish, and what it was shown as: the customer may be picking something else by now."""
    unsettled: tuple[BookingRequest, ...] = ()
    """Wishes given up on: nobody here knows whether they were booked."""
    booked: tuple[Appointment, ...] = ()
    """The last few appointments made here, newest last; for old buttons, never shown as truth."""
    used: tuple[str, ...] = ()
    """References of the last few confirms that were acted on."""


# ── What the flow hands back ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence by key, worded from locales/ in the customer's language.

    Placeholders name values and how to word them: `{service}`, `{when:moment}`, `{when:day}`, `{when:time}`,
    `{price:money}`, `{length:duration}`, `{names:list}`, `{zone:city}`. `count` selects the plural form and is the value
    `{count}`.
    """

    key: str
    values: Mapping[str, "Value"] = field(default_factory=dict)
    count: int | None = None


Value = str | int | Money | datetime | date | time | timedelta | Text | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. What it says is what it does."""

    label: Text | str
    """A `str` is a name from the vendor or the customer; every word of ours is a `Text`."""
    step: str
    value: str = ""
    style: Literal["", "primary", "danger"] = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to the customer, before language and platform."""

    text: Text
    more: tuple[Text, ...] = ()
    """Further paragraphs of the same message."""
    choices: tuple[Choice, ...] = ()
    """All of them: the engine shows page `Session.page` and adds the buttons that turn pages (step `page`)."""
    columns: int = 1
    """How many choices may stand side by side where the platform can."""
    ways: tuple[Choice, ...] = ()
    """Back, restart, menu, a person: on every page."""
    replaces: bool = False
    """May take the place of the prompt whose button was pressed, where the platform can edit."""
    is_passing: bool = False
    """Says only that something is being done; left unsaid where the chat itself shows it."""
    asks_contact: Text | None = None
    """The label of a button that shares the customer's own phone number, where the platform has one."""


@dataclass(frozen=True, slots=True)
class Book:
    """Make this appointment. Exactly one outcome event follows, perhaps after an `Unclear`."""

    request: BookingRequest


@dataclass(frozen=True, slots=True)
class Move:
    """Give this appointment the request's time, and its staff member if one is named. Otherwise as `Book`."""

    request: BookingRequest
    appointment: Appointment
    """As just read from the vendor's record."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel this appointment. Otherwise as `Book`."""

    request: BookingRequest
    """The appointment as it stands, with our reference."""
    appointment: Appointment
    """As just read from the vendor's record."""


@dataclass(frozen=True, slots=True)
class TellStaff:
    """One line into every staff chat that listens to `event` for this location."""

    event: Literal["booked", "moved", "cancelled", "asked", "unclear", "failed"]
    text: Text
    """Worded in the business's first language."""
    location_id: str = ""


Wish = Book | Move | Cancel
Command = Wish | TellStaff


@dataclass(frozen=True, slots=True)
class Decision:
    """What one event leads to. The session has been changed in place."""

    replies: tuple[Reply, ...] = ()
    commands: tuple[Command, ...] = ()


# ── What the flow may read ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DeskTraits:
    """What this business's vendor needs and can do, as far as a flow may care."""

    needs_phone: bool = True
    needs_email: bool = False
    can_choose_staff: bool = True
    can_book_anyone: bool = True
    """Whether "anyone" may be asked for."""
    can_move: bool = True
    """Whether an appointment can be moved in place; otherwise a new one is booked before the old one is cancelled."""
    can_cancel: bool = True


class Desk(Protocol):
    """Reads of the business's booking system, cached where nothing else is said. Each may raise `TryAgain` or `CallStaff`."""

    @property
    def traits(self) -> DeskTraits: ...

    async def list_locations(self) -> tuple[Location, ...]:
        """All locations that can be booked, in the business's order."""

    async def list_services(self, location_id: str) -> tuple[Service, ...]:
        """Services that can be booked online there, in the business's order."""

    async def list_staff(self, location_id: str, service_id: str) -> tuple[StaffMember, ...]:
        """Who can perform this service there. Empty where the vendor does not say."""

    async def find_openings(self, query: SlotQuery) -> DayOpenings:
        """What is free on one day. At most a minute old; only booking tells the truth."""

    async def list_appointments(self, customer_id: str) -> tuple[Appointment, ...]:
        """Upcoming and recent appointments at all locations by the vendor's record of now, by start, cancelled ones included."""

    async def find_customer(self, contact: Contact) -> str:
        """The vendor's id of the customer with this phone number, by its record of now; empty where it knows none."""


@dataclass(frozen=True, slots=True)
class Business:
    """Who the customer is talking to."""

    slug: str
    name: str
    languages: tuple[str, ...]
    """Languages offered, the first is the default."""
    has_staff_chat: bool = True
    """Whether `TellStaff` reaches anybody; without, nothing may be promised in staff's name."""
    staff_locations: frozenset[str] = frozenset()
    """The locations whose staff chats there are; empty: every location has one, if any has."""
    phone: str = ""
    """The number at which customers reach people, E.164, or empty."""

    def reaches_staff(self, location_id: str = "") -> bool:
        """Whether somebody reads a `TellStaff` about this location; about no location in particular: anybody at all."""
        return self.has_staff_chat and (not self.staff_locations or not location_id or location_id in self.staff_locations)


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything a flow is handed for one event."""

    event: Event
    session: Session
    desk: Desk
    business: Business
    now: datetime
    """Aware, UTC."""
    reference: str
    """A reference for a booking confirmed in this turn. The same when the turn is repeated after a crash."""


class Flow(Protocol):
    """What the business does with an event."""

    async def decide(self, turn: Turn) -> Decision:
        """Change `turn.session` and say what to answer and do.

        Raises what the desk raises; the engine then answers with an apology and leaves the session as it was.
        """

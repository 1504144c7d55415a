"""Drives a conversation: what is said, tapped and answered, worded as the customer reads it."""

import copy
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

from bot.channels.base import Button, ChannelTraits, Message
from bot.conversation.contract import (
    Body,
    Booked,
    Business,
    Cancel,
    Cancelled,
    Command,
    Commanded,
    Decision,
    Event,
    Flow,
    GaveUp,
    Move,
    Moved,
    Person,
    Refused,
    Reply,
    Said,
    Session,
    SharedContact,
    Tapped,
    Task,
    TellStaff,
    Text,
    Turn,
    Unclear,
    Wish,
)
from bot.conversation.wording import PAGE_STEP, Wording
from bot.model import Appointment
from bot.texts import Texts, find_locales
from flows import build_flow
from tests.flows.salon import BUSINESS, Salon

TELEGRAM = ChannelTraits("telegram", page_rows=8, can_edit=True)

MIA = Person("u1", "Mia Chen", "en-GB")


@cache
def read_texts() -> Texts:
    return Texts(find_locales(), is_strict=True)


@cache
def flow() -> Flow:
    return build_flow()


@dataclass
class Chat:
    """One customer's conversation with a salon."""

    salon: Salon = field(default_factory=Salon)
    person: Person = MIA
    business: Business = BUSINESS
    session: Session = field(default_factory=Session)
    reply: Reply | None = None
    shown: Message = field(default_factory=lambda: Message(""))
    buttons: list[Button] = field(default_factory=list)
    """Every button ever shown."""
    commands: list[Command] = field(default_factory=list)
    taps: int = 0
    lines: int = 0
    turns: int = 0

    def send(self, body: Body) -> str:
        """One event; what the customer then reads, or an empty line for silence."""
        page, given = 0, self.session
        if isinstance(body, Tapped) and body.step == PAGE_STEP:
            page, body = int(body.value), replace(body, step="again", value="")
        self.turns += 1
        turn = Turn(
            event=Event(body, self.person),
            session=self.session,
            desk=self.salon,
            business=self.business,
            now=self.salon.now,
            reference=f"REF{self.turns}",
        )
        before = copy.deepcopy(given)
        try:
            decision = finish(flow().decide(turn))
        except Exception:
            self.session = before
            raise
        return self._show(decision, page)

    def _show(self, decision: Decision, page: int) -> str:
        self.commands += decision.commands
        assert len(decision.replies) <= 1, "one reply per turn"
        if not decision.replies:
            self.reply = None
            return ""
        self.reply = decision.replies[0]
        wording = Wording(read_texts(), self.session.language, self.salon.now, TELEGRAM)
        self.shown, self.session.menu, self.session.page = wording.message(self.reply, page=page, edits="")
        self.buttons += [button for row in self.shown.rows for button in row]
        return self.shown.text

    def say(self, text: str) -> str:
        self.lines += 1
        return self.send(Said(text))

    def command(self, name: str, argument: str = "") -> str:
        return self.send(Commanded(name, argument))

    def tap(self, label: str) -> str:
        """Tap the button whose label is or begins with this, on the last message."""
        self.taps += 1
        button = self.find(label)
        return self.send(Tapped(button.step, button.value))

    def press(self, button: Button) -> str:
        """Tap a button of any age."""
        return self.send(Tapped(button.step, button.value))

    def share(self, phone: str = "351912345678", *, is_own: bool = True) -> str:
        self.taps += 1
        return self.send(SharedContact(phone, "Mia", is_own=is_own))

    def find(self, label: str) -> Button:
        buttons = [button for row in self.shown.rows for button in row]
        exact = [button for button in buttons if button.label == label]
        found = exact or [button for button in buttons if button.label.startswith(label)]
        assert found, f"no button {label!r} among {[button.label for button in buttons]}"
        return found[0]

    def has(self, label: str) -> bool:
        return any(button.startswith(label) for button in self.labels)

    @property
    def labels(self) -> list[str]:
        return [button.label for row in self.shown.rows for button in row]

    @property
    def state(self) -> str:
        return self.session.state

    @property
    def staff_lines(self) -> list[str]:
        """What staff read, in the order it was sent."""
        told = [command.text for command in self.commands if isinstance(command, TellStaff)]
        return [read_texts().word(text, self.business.languages[0], now=self.salon.now) for text in told]

    @property
    def requests(self) -> list[Wish]:
        """Everything that was asked of the vendor."""
        return [command for command in self.commands if not isinstance(command, TellStaff)]

    def succeed(self) -> str:
        """The salon makes the pending appointment."""
        assert self.session.pending
        pending = self.session.pending
        match self.requests[-1]:
            case Move(appointment=appointment):
                return self.send(Moved(pending.reference, self.salon.move(appointment, pending)))
            case Cancel(appointment=appointment):
                self.salon.cancel(appointment)
                return self.send(Cancelled(pending.reference, appointment))
        return self.send(Booked(pending.reference, self.salon.book(pending)))

    def refuse(self, reason: str, text_key: str = "") -> str:
        assert self.session.pending
        return self.send(Refused(self.session.pending.reference, reason, text_key, *self.concerned))  # type: ignore[arg-type]

    def lose_sight(self, *, is_long: bool = False) -> str:
        assert self.session.pending
        return self.send(Unclear(self.session.pending.reference, is_long, self.concerned[0]))

    def give_up(self) -> str:
        assert self.session.pending
        task, appointment = self.concerned
        return self.send(GaveUp(self.session.pending.reference, task=task, appointment=appointment))

    @property
    def concerned(self) -> tuple[Task, Appointment | None]:
        """What the pending wish is, and of which appointment."""
        match self.requests[-1]:
            case Move(appointment=appointment):
                return "move", appointment
            case Cancel(appointment=appointment):
                return "cancel", appointment
        return "book", None

    def wait(self, **by: float) -> None:
        self.salon.now += timedelta(**by)

    def to_summary(self) -> str:
        """The shortest way to a summary: Swedish massage with Anna at Harbour, tomorrow 17:00."""
        self.command("start")
        self.tap("Harbour")
        self.tap("Swedish Massage")
        self.tap("Anna")
        self.say("tomorrow")
        text = self.say("17:00")
        return self.share() if self.state == "phone" else text


def finish(coroutine: Coroutine[object, None, Decision]) -> Decision:
    """Run to the end without an event loop: a flow that waited for anything but the desk in memory would stop here."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        decision: Decision = end.value
        return decision
    raise AssertionError("the flow waited")


def word(key: str, language: str = "en") -> str:
    """A sentence without values."""
    return read_texts().word(Text(key), language, now=Salon().now)

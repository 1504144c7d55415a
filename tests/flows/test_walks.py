"""Whatever happens, in whatever order: every prompt has its ways, one confirm books once, and "booked" is true."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.channels.tokens import TokenCodec
from bot.conversation.codec import decode_session, encode_session
from bot.conversation.contract import (
    Body,
    Book,
    Booked,
    Cancelled,
    Commanded,
    GaveUp,
    Move,
    Moved,
    Refused,
    Said,
    SentOther,
    SharedContact,
    Tapped,
    Unclear,
)
from bot.errors import TryAgain
from flows.words import COMMANDS
from tests.flows.chat import Chat
from tests.flows.salon import ANNA, BANDRA, HARBOUR, MARCO, SERVICES, SOHO, STATION, Salon

LINES = (
    *(
        "menu",
        "back",
        "cancel",
        "stop",
        "my appointments",
        "cancel my appointment",
        "reschedule",
        "human",
        "language",
        "restart",
        "help",
        "atrás",
        "idioma",
        "español",
        "english",
    ),
    *("1", "2", "3", "5", "24", "99", "0", "no", "same", "yes", "sí", "thanks", "hola", "?", "🔥", "   ", "why?", "-", "12/"),
    *("harbour", "soho", "massage", "haircut", "swedish", "anna", "joão", "anyone", "cualquiera", "with marco please"),
    *("tomorrow", "mañana", "friday", "next friday", "24/11", "31/11", "24 nov", "yesterday", "2026-11-24", "next week"),
    *("17:00", "5pm", "after 5", "morning", "por la tarde", "between 3 and 5", "25:00", "first", "10-12"),
    *("haircut tomorrow 5pm with anna", "swedish at harbour on saturday after 5", "Mia Chen", "+351 912 345 678"),
    *("a@b.pt", "912345678", "{name}", "%s", "x" * 5000, "http://example.com", "/menu", "/unknown"),
)

OUTCOMES = ("done", "taken", "details", "busy", "staff", "unclear", "gave_up")

DONE = {
    "book": ("Booked", "Reservado"),
    "move": ("Moved:", "Cambiada:", "Your new time is booked", "Tu nueva hora está reservada"),
    "cancel": ("Cancelled:", "Cancelada:"),
}
"""How the sentence begins that says it is done."""

CODEC = TokenCodec(b"secret")


class Walk(RuleBasedStateMachine):
    """A customer, a salon and a vendor who do anything."""

    def __init__(self) -> None:
        super().__init__()
        self.chat = Chat(Salon(locations=(HARBOUR, STATION, SOHO, BANDRA)))

    @initialize(is_halfway=st.booleans())
    def arrive(self, is_halfway: bool) -> None:
        if is_halfway:
            self.chat.to_summary()

    @precondition(lambda self: self.chat.state == "summary")
    @rule()
    def agree(self) -> None:
        self.do(Said("yes"))

    def do(self, body: Body) -> None:
        pending, requests = self.chat.session.pending, len(self.chat.requests)
        try:
            text = self.chat.send(body)
        except TryAgain:
            assert self.chat.salon.broken
            return
        assert text, f"silence after {body}"
        made = self.chat.requests[requests:]
        assert len(made) <= 1
        if made:
            assert pending is None, "a second booking while one is being made"
            assert self.chat.session.pending == made[0].request
        assert not text.startswith(tuple(word for words in DONE.values() for word in words))

    @rule(place=st.integers(0, 40))
    def tap(self, place: int) -> None:
        buttons = [button for row in self.chat.shown.rows for button in row]
        if buttons:
            button = buttons[place % len(buttons)]
            self.do(Tapped(button.step, button.value))

    @rule(place=st.integers(0, 400))
    def press_an_old_button(self, place: int) -> None:
        if self.chat.buttons:
            button = self.chat.buttons[place % len(self.chat.buttons)]
            self.do(Tapped(button.step, button.value))

    @rule(text=st.sampled_from(LINES))
    def say(self, text: str) -> None:
        self.do(Said(text))

    @rule(text=st.text(max_size=30))
    def mumble(self, text: str) -> None:
        self.do(Said(text))

    @rule(name=st.sampled_from([*COMMANDS, "nonsense"]))
    def command(self, name: str) -> None:
        self.do(Commanded(name))

    @rule(is_own=st.booleans(), phone=st.sampled_from(["351912345678", "+351 912 345 678", "12", ""]))
    def share(self, is_own: bool, phone: str) -> None:
        self.do(SharedContact(phone, "Mia", is_own))

    @rule(what=st.sampled_from(["voice", "sticker", "photo"]))
    def send_other(self, what: str) -> None:
        self.do(SentOther(what))

    @rule(
        step=st.sampled_from(
            [
                "",
                "service",
                "day",
                "time",
                "with",
                "at",
                "edit",
                "confirm",
                "window",
                "old",
                "visit",
                "move",
                "call_off",
                "off_sure",
            ]
        ),
        value=st.text(max_size=8),
    )
    def press_a_strange_button(self, step: str, value: str) -> None:
        self.do(Tapped(step, value))

    @rule(hours=st.sampled_from([0, 1, 5, 24, 200]))
    def wait(self, hours: int) -> None:
        self.chat.wait(hours=hours)

    @rule(hour=st.integers(9, 18), ahead=st.integers(0, 3), everybody=st.booleans())
    def others_book(self, hour: int, ahead: int, everybody: bool) -> None:
        day = (self.chat.salon.now + timedelta(days=ahead)).date()
        self.chat.salon.take(f"{day}T{hour:02}:00", *(() if everybody else (ANNA, MARCO)))

    @rule(ahead=st.integers(0, 30))
    def a_day_fills_up(self, ahead: int) -> None:
        day: date = (self.chat.salon.now + timedelta(days=ahead)).date()
        self.chat.salon.take_day(day)

    @rule(count=st.integers(0, 12))
    def services_change(self, count: int) -> None:
        self.chat.salon.services[HARBOUR.id] = SERVICES[12 - count :]

    @rule(is_broken=st.booleans())
    def the_desk_fails(self, is_broken: bool) -> None:
        self.chat.salon.broken = TryAgain("busy") if is_broken else None

    def do_it(self, reference: str) -> Body:
        """What the vendor then reports. Of a foreign one nothing is done here."""
        pending, wish = self.chat.session.pending, self.chat.requests[-1]
        assert pending is not None
        if isinstance(wish, Book):
            return Booked(reference, self.chat.salon.book(pending))
        if isinstance(wish, Move):
            moved = self.chat.salon.move(wish.appointment, pending)
            return Moved(reference, moved, left=wish.appointment if pending.starts_at.hour % 2 else None)
        self.chat.salon.cancel(wish.appointment)
        return Cancelled(reference, wish.appointment)

    @rule(hours=st.integers(1, 200), is_own=st.booleans())
    def somebody_books_at_the_desk(self, hours: int, is_own: bool) -> None:
        salon = self.chat.salon
        salon.customers = {"+351912345678": "cu-1"}
        start = salon.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
        salon.note_down(start, customer="cu-1" if is_own else "cu-2", key=f"desk{hours}{is_own}")

    @rule(hours=st.integers(-5, 200), place=st.integers(0, 20), is_cancelled=st.booleans())
    def the_desk_changes_one(self, hours: int, place: int, is_cancelled: bool) -> None:
        record = list(self.chat.salon.record.values())
        if record:
            one = record[place % len(record)]
            self.chat.salon.record[one.id] = replace(one, starts_at=self.chat.salon.now + timedelta(hours=hours))
            if is_cancelled:
                self.chat.salon.cancel(one)

    @precondition(lambda self: self.chat.session.pending is not None)
    @rule(outcome=st.sampled_from(OUTCOMES), is_ours=st.integers(0, 4))
    def outcome(self, outcome: str, is_ours: int) -> None:
        pending, state = self.chat.session.pending, self.chat.state
        assert pending is not None
        reference = pending.reference if is_ours else "FOREIGN"
        task, appointment = self.chat.concerned
        body: Body
        if outcome == "done":
            body = self.do_it(reference)
        elif outcome == "unclear":
            body = Unclear(reference, task=task)
        elif outcome == "gave_up":
            body = GaveUp(reference, task=task, appointment=appointment)
        else:
            key = "error.phone_wrong" if outcome == "details" else ""
            body = Refused(reference, outcome, key, task, appointment)  # type: ignore[arg-type]
        text = self.chat.send(body)
        assert text.startswith(DONE[task]) == (outcome == "done" and bool(is_ours))
        if not is_ours:
            assert (text, self.chat.state) == ("", state)
        elif outcome != "unclear":
            assert self.chat.session.pending is None

    @invariant()
    def every_prompt_has_its_ways(self) -> None:
        reply = self.chat.reply
        if reply is None:
            return
        steps = {choice.step for choice in (*reply.choices, *reply.ways)}
        assert "person" in steps or reply.asks_contact, "no way to a person"
        assert "menu" in steps or self.chat.state == "menu", "no way out"
        assert (
            steps - {"person", "menu"}
            or reply.asks_contact
            or self.chat.state in ("location", "booking", "booked", "menu", "name")
        ), f"no way on or back in {self.chat.state}"

    @invariant()
    def waiting_means_a_pending_wish(self) -> None:
        session = self.chat.session
        assert session.pending is not None or session.state not in ("booking", "checking")
        assert bool(session.wish) == (session.pending is not None)

    @invariant()
    def session_and_buttons_can_be_written_down(self) -> None:
        assert decode_session(encode_session(self.chat.session)) == self.chat.session
        for row in self.chat.shown.rows:
            for button in row:
                CODEC.seal("chat", button.step, button.value)
                assert button.label.strip()


TestWalks = Walk.TestCase
TestWalks.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

"""The front door: every event of a conversation comes in here and leaves as a decision."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.conversation.contract import (
    Booked,
    Cancelled,
    Commanded,
    Decision,
    GaveUp,
    Left,
    Moved,
    Refused,
    Reply,
    Said,
    SentOther,
    SharedContact,
    Tapped,
    Text,
    Told,
    Turn,
    Unclear,
)
from flows import handoff, ways, words
from flows.appointments.cards import SHOWN, Cards
from flows.appointments.moving import Moving
from flows.appointments.outcome import ChangeOutcomes
from flows.booking.confirm import Confirmation
from flows.booking.machine import OWN, Mover
from flows.booking.outcome import Outcomes
from flows.booking.path import Path
from flows.booking.waiting import ask_waiting, holds_back, is_waiting, mention_pending, report_waiting
from flows.booking.wish import digest_wish
from flows.draft import Draft
from flows.language import ask_language, choose_language, follow_hint
from flows.listening import Listener
from flows.menu import Menu
from flows.reading.people import show_phone

# So many misunderstandings in a row, and the way to a person comes first.
PATIENCE = 2


class Reception:
    """One flow for all conversations; what is remembered is in the session alone."""

    def __init__(self) -> None:
        mover = Mover()
        self._mover = mover
        self._path = Path(mover)
        self._menu = Menu(mover)
        self._outcomes = Outcomes(mover, self._path)
        self._changes = ChangeOutcomes(mover, self._path)
        self._cards = Cards(mover)
        moving = Moving(mover, self._path, self._cards)
        self._confirmation = Confirmation(self._path)
        self._listener = Listener(self._path, self._perform)
        self._actions: Mapping[str, Callable[[Draft, str], Awaitable[Reply]]] = {
            "menu": self._show_menu,
            "back": self._go_back,
            "restart": self._restart,
            "resume": self._resume,
            "again": self._repeat,
            "cancel": self._cancel,
            "stop": self._stop,
            "person": self._ask_person,
            "reach": self._take_phone,
            "language": self._speak,
            "help": self._help,
            "confirm": self._confirm,
            "yes": self._agree,
            "progress": self._report,
            "mine": self._cards.show_all,
            "own": self._cards.ask_number,
            "visit": self._cards.show_one,
            "directions": self._cards.show_way,
            "call_off": self._cards.ask_call_off,
            "off_sure": self._cards.call_off,
            "move": moving.begin,
        }

    async def decide(self, turn: Turn) -> Decision:
        """See `bot.conversation.contract.Flow`."""
        follow_hint(turn)
        draft = Draft(turn)
        match turn.event.body:
            case Left():
                return Decision()
            case Told(text=text):
                return Decision((Reply(Text("staff.line", {"text": text})),))
            case Moved() | Cancelled() as outcome:
                reply = await self._changes.receive(draft, outcome)
            case Booked() | Refused() | Unclear() | GaveUp() as outcome:
                is_change = not isinstance(outcome, Booked) and outcome.task != "book"
                reply = await (self._changes if is_change else self._outcomes).receive(draft, outcome)
            case _:
                reply = await self._answer(draft)
        return _compose(draft, reply)

    async def _answer(self, draft: Draft) -> Reply:
        """Answer what the customer did; what was not understood is counted and changes nothing."""
        session = draft.session
        if not self._mover.knows(session.state):
            session.state = "start"
        times, session.misunderstood = session.misunderstood, 0
        phone, state = session.phone, session.state
        reply = await self._understand(draft)
        has_left = state == "checking" and session.state not in ("checking", "menu")
        if has_left and (note := mention_pending(draft, "waiting.look_around")):
            draft.notes.insert(0, note)
        if session.phone != phone and handoff.was_asked(draft):
            handoff.pass_phone_on(draft)
        if reply is not None:
            return reply
        session.misunderstood = times + 1
        return await self._excuse(draft)

    async def _understand(self, draft: Draft) -> Reply | None:
        match draft.turn.event.body:
            case Tapped(step=step, value=value):
                return await self._perform(draft, step, value)
            case Commanded(name=name):
                return await self._command(draft, name)
            case Said(text=text) if draft.session.state != "start":
                return await self._listener.hear(draft, text)
            case Said(text=text):
                return await self._greet(draft, text)
            case SharedContact() as contact:
                return await self._receive_contact(draft, contact)
            case SentOther() if draft.session.state == "start":
                return await self._restart(draft, "start")
        return None

    async def _excuse(self, draft: Draft) -> Reply:
        """A short line and the current choices again; the second time in a row, the way to a person first."""
        is_other = isinstance(draft.turn.event.body, SentOther)
        draft.notes.insert(0, Text("unknown.other" if is_other else "unknown.text"))
        rows = draft.session.menu
        reply = ask_language(draft) if rows and rows[0].step == "language" else await self._show_current(draft)
        if draft.session.misunderstood < PATIENCE:
            return reply
        person = ways.to_person()
        rest = tuple(way for way in reply.ways if way != person)
        choices = (person, *(choice for choice in reply.choices if choice != person))
        return replace(reply, choices=choices, ways=rest)

    async def _perform(self, draft: Draft, step: str, value: str) -> Reply:
        """A button of whatever age, or a word: an action of the conversation, a step's answer, or no longer active."""
        if holds_back(draft, step):
            return ask_waiting(draft, step)
        if action := self._actions.get(step):
            return await action(draft, value)
        if await self._path.take(draft, step, value):
            reply = await self._path.advance(draft)
            if self._path.is_ahead(draft, step):
                draft.notes.insert(0, Text("heard.kept"))
            return reply
        draft.note("button.inactive")
        return await self._show_current(draft)

    async def _command(self, draft: Draft, name: str) -> Reply | None:
        action = words.COMMANDS.get(name)
        argument = draft.turn.event.body.argument if isinstance(draft.turn.event.body, Commanded) else ""
        return await self._perform(draft, action, name if action == "restart" else argument) if action else None

    async def _show_current(self, draft: Draft) -> Reply:
        """The current prompt, with data of now."""
        if is_waiting(draft):
            return ask_waiting(draft)
        if draft.session.state == "menu":
            return self._menu.ask(draft)
        if draft.session.state in OWN:
            return await self._cards.ask(draft)
        if draft.session.state == "booked":
            return await self._path.ask(draft)
        return await self._path.resume(draft)

    async def _show_menu(self, draft: Draft, value: str) -> Reply:
        return self._menu.show(draft)

    async def _cancel(self, draft: Draft, value: str) -> Reply:
        """The booking in the making; with an appointment on the screen, that one."""
        if draft.session.state in ("appointment", "calling_off"):
            return await self._cards.ask_call_off(draft, draft.picks.get(SHOWN, ""))
        return self._menu.cancel(draft)

    async def _stop(self, draft: Draft, value: str) -> Reply:
        return self._menu.stop(draft)

    async def _restart(self, draft: Draft, value: str) -> Reply:
        """From the first step. `value` is "start" where somebody arrives and is to be welcomed."""
        session = draft.session
        draft.forget()
        if value == "start" and session.name and session.booked:
            draft.note("start.welcome_back", name=session.name)
        elif value == "start":
            draft.note("start.welcome", business=draft.turn.business.name)
        return await self._path.advance(draft)

    async def _greet(self, draft: Draft, text: str) -> Reply:
        """The first line ever: perhaps a whole wish already."""
        reply = await self._listener.hear(draft, text)
        if reply is None:
            return await self._restart(draft, "start")
        if draft.picks.get("heard") or draft.picks.get("time"):
            draft.notes.insert(0, Text("start.welcome", {"business": draft.turn.business.name}))
        return reply

    async def _resume(self, draft: Draft, value: str) -> Reply:
        reply = await self._path.advance(draft)
        draft.notes.insert(0, await self._path.describe_position(draft))
        return reply

    async def _repeat(self, draft: Draft, value: str) -> Reply:
        if draft.session.state == "start":
            return await self._restart(draft, "start")
        return await self._show_current(draft)

    async def _go_back(self, draft: Draft, value: str) -> Reply:
        state = draft.session.state
        if state in ("appointment", "calling_off"):
            return await self._cards.go_back(draft)
        if state in ("start", "menu", "booked", "appointments"):
            return await (self._resume(draft, "") if draft.is_started else self._repeat(draft, ""))
        step = await self._path.step_back(draft)
        if not step:
            draft.note("back.first")
            return await self._show_current(draft)
        await self._path.take(draft, "edit", step)
        return await self._path.advance(draft)

    async def _ask_person(self, draft: Draft, value: str) -> Reply:
        return handoff.ask_person(draft)

    async def _take_phone(self, draft: Draft, phone: str) -> Reply:
        draft.session.phone = phone
        return await self._show_current(draft)

    async def _speak(self, draft: Draft, value: str) -> Reply:
        if not choose_language(draft, value):
            return ask_language(draft)
        return await self._repeat(draft, "")

    async def _help(self, draft: Draft, value: str) -> Reply:
        draft.note("help.text", business=draft.turn.business.name)
        return await self._repeat(draft, "")

    async def _confirm(self, draft: Draft, value: str) -> Reply:
        return await self._confirmation.press(draft, value) or await self._repeat(draft, "")

    async def _agree(self, draft: Draft, value: str) -> Reply:
        """ "Yes" at the summary is a press on its button."""
        shown = next((row.value for row in draft.session.menu if row.step == "confirm"), "")
        return await self._confirm(draft, shown or digest_wish(draft))

    async def _report(self, draft: Draft, value: str) -> Reply:
        """How the pending wish is going, asked from elsewhere."""
        if is_waiting(draft) or draft.session.pending is None:
            return await self._show_current(draft)
        return report_waiting(draft)

    async def _receive_contact(self, draft: Draft, contact: SharedContact) -> Reply:
        is_asked = draft.session.state == "phone"
        if await self._path.receive(draft, contact):
            if draft.picks.get("asking") == "phone":
                draft.drop("asking")
            if not is_asked and not handoff.was_asked(draft):
                draft.note("phone.saved", phone=show_phone(draft.session.phone))
            if draft.session.state in OWN:
                return await self._cards.show_all(draft)
        return await self._repeat(draft, "")


def _compose(draft: Draft, reply: Reply | None) -> Decision:
    """One reply: what has to be said first, then the prompt. Only a tap has a message that could be replaced."""
    if reply is None:
        return Decision(commands=tuple(draft.commands))
    texts = (*draft.notes, reply.text, *reply.more)
    is_tap = isinstance(draft.turn.event.body, Tapped)
    return Decision((replace(reply, text=texts[0], more=texts[1:], replaces=reply.replaces and is_tap),), tuple(draft.commands))

"""One event in, one step out: loads the session, lets the flow decide, words what it says."""

import logging
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from bot.channels.base import Message
from bot.conversation.codec import Intent, Relay, decode_session, encode_event, encode_session
from bot.conversation.contract import (
    Choice,
    Decision,
    Event,
    Flow,
    Reply,
    Session,
    Tapped,
    TellStaff,
    Text,
    Told,
    Turn,
    Wish,
)
from bot.conversation.wording import PAGE_STEP, Wording
from bot.errors import AskCustomer, FrontdeskError, TryAgain
from bot.office import Office
from bot.texts import Texts

log = logging.getLogger("frontdesk.conversation")


@dataclass(frozen=True, slots=True)
class Situation:
    """Where an event finds its conversation."""

    office: Office
    channel: str
    conversation_id: str
    version: int
    """Of the session; the same again when a turn is repeated after a crash."""
    session: bytes
    prompt: str
    """The platform's id of the last message sent."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one event led to, ready to be committed."""

    session: bytes
    letters: tuple[Message | Relay, ...]
    wish: Wish | None = None
    """An appointment to be made, moved or cancelled."""


class Engine:
    """Lets the flow decide. Has no effect on anything outside: its result may be dropped and worked out again."""

    def __init__(self, *, flow: Flow, texts: Texts, now: Callable[[], datetime]) -> None:
        """`now` hands out aware UTC times."""
        self._flow = flow
        self._texts = texts
        self._now = now

    async def decide(self, situation: Situation, event: Event) -> Result:
        """Raises only what is a mistake of ours; what the desk raises is answered to the customer."""
        session = decode_session(situation.session)
        now = self._now()
        page, handed = _turn_page(event)
        try:
            decision = await self._flow.decide(
                Turn(
                    event=handed,
                    session=session,
                    desk=situation.office.desk,
                    business=situation.office.business,
                    now=now,
                    reference=_reference(situation),
                )
            )
        except FrontdeskError as error:
            log.warning("turn not decided: %s: %s", type(error).__name__, error)
            session = self.read(situation)
            decision = Decision(replies=(_apology(error, event),))
        return self._word(situation, event, session, decision, page=page, now=now)

    def read(self, situation: Situation) -> Session:
        """Raises `TooNew`, and ValueError for a session that nobody can read."""
        session = decode_session(situation.session)
        session.language = session.language or situation.office.business.languages[0]
        return session

    def apologise(self, situation: Situation, key: str) -> Result:
        """What is said where something could not be worked on: the sentence of `key`, and the ways on."""
        reply = Reply(Text(key), choices=(Choice(Text("way.person"), "person"), Choice(Text("way.onward"), "again")))
        return self._say(situation, self.read(situation), reply)

    def restart(self, situation: Situation, intent: Intent | None) -> Result:
        """A fresh session in place of one that cannot be read. `intent`: what is under way, and goes on."""
        session = Session(language=situation.office.business.languages[0])
        if intent is not None:
            session.pending, session.wish = intent.request, {"task": intent.task}
        key = "restarted.text" if intent is None else "restarted.pending"
        return self._say(situation, session, Reply(Text(key), choices=(Choice(Text("way.menu"), "menu"),)))

    def _say(self, situation: Situation, session: Session, reply: Reply) -> Result:
        """Not in a staff chat: there is nobody to press the buttons."""
        is_staff = any(chat.is_at(situation.conversation_id) for chat in situation.office.staff_chats)
        replies = () if is_staff else (reply,)
        return self._word(situation, Event(Told("")), session, Decision(replies=replies), page=0, now=self._now())

    def _word(
        self, situation: Situation, event: Event, session: Session, decision: Decision, *, page: int, now: datetime
    ) -> Result:
        office = situation.office
        wording = Wording(self._texts, session.language, now, office.channels[situation.channel].traits)
        letters: list[Message | Relay] = []
        for reply in decision.replies:
            edits = _editable(event, situation, reply, wording) if not letters else ""
            message, session.menu, session.page = wording.message(reply, page=page, edits=edits)
            if not (reply.is_passing and wording.traits.shows_typing):
                letters.append(message)
        wish = None
        for command in decision.commands:
            if isinstance(command, TellStaff):
                letters.extend(self._relay(office, command, now))
            else:
                wish = command
        return Result(encode_session(session), tuple(letters), wish)

    def _relay(self, office: Office, notice: TellStaff, now: datetime) -> list[Relay]:
        line = self._texts.word(notice.text, office.business.languages[0], now=now)
        return [
            Relay(f"{office.business.slug}:{chat.channel}:{chat.chat}", encode_event(Event(Told(line))))
            for chat in office.staff_chats
            if chat.hears(notice)
        ]


def _turn_page(event: Event) -> tuple[int, Event]:
    """Turning a page is asking the same again; every other event starts at the first page."""
    body = event.body
    if isinstance(body, Tapped) and body.step == PAGE_STEP and body.value.isdecimal():
        return int(body.value), replace(event, body=replace(body, step="again", value=""))
    return 0, event


def _editable(event: Event, situation: Situation, reply: Reply, wording: Wording) -> str:
    """The pressed message, if it is still the last one: an edit further up would go unseen."""
    body = event.body
    if not isinstance(body, Tapped) or not wording.traits.can_edit or body.message != situation.prompt:
        return ""
    return body.message if reply.replaces or body.step == PAGE_STEP else ""


def _reference(situation: Situation) -> str:
    """Eight characters that people can read out; the same for the same state of the same conversation."""
    seed = f"{situation.conversation_id}#{situation.version}".encode()
    return b32encode(blake2b(seed, digest_size=5).digest()).decode()


def _apology(error: FrontdeskError, event: Event) -> Reply:
    """With a button that does what could not be done: the tap again, or else the current prompt."""
    body = event.body
    again = (body.step, body.value) if isinstance(body, Tapped) and body.step else ("again", "")
    key = "error.try_again" if isinstance(error, TryAgain) else "error.staff"
    if isinstance(error, AskCustomer):
        key = error.text_key
    return Reply(
        Text(key),
        choices=(Choice(Text("error.again"), *again, style="primary"),),
        ways=(Choice(Text("way.menu"), "menu"), Choice(Text("way.person"), "person")),
    )

"""The steps that ask who the appointment is for: name, phone number, e-mail address."""

from abc import abstractmethod
from dataclasses import replace

from bot.conversation.contract import Choice, Reply, SharedContact, Text
from flows import ways
from flows.booking.step import Found, Step
from flows.booking.wording import describe_wish
from flows.draft import Draft
from flows.reading.people import drop_symbols, read_email, read_name, read_own_phone, read_phone, show_phone

# Values of buttons: the name the platform gave, or the detail as it is already known.
PLATFORM, KNOWN = "platform", "known"


class DetailStep(Step):
    """A line the customer types once; the conversation keeps it for the next time."""

    async def settle(self, draft: Draft) -> Found:
        return Found.ANSWERED if self.known(draft) or not self.is_needed(draft) else Found.OPEN

    @abstractmethod
    def known(self, draft: Draft) -> str: ...

    @abstractmethod
    def is_needed(self, draft: Draft) -> bool: ...

    def show_known(self, draft: Draft) -> str:
        return self.known(draft)

    async def take(self, draft: Draft, value: str) -> None:
        """The one button keeps what is known."""

    async def show(self, draft: Draft, reply: Reply) -> Reply:
        """The question, after what it is for."""
        start = await draft.start()
        if start is None:
            return reply
        wish = Text("details.wish", {"what": await describe_wish(draft), "when": start})
        return replace(reply, text=wish, more=(reply.text,))

    def keep(self, draft: Draft) -> tuple[Choice, ...]:
        """Leave it as it is: for a customer who came back to look."""
        known = self.show_known(draft)
        return (Choice(Text("details.keep", {"detail": known}), self.id, KNOWN),) if known else ()


class NameStep(DetailStep):
    """The customer's name: the platform's without asking, where that looks like one."""

    id = "name"

    async def settle(self, draft: Draft) -> Found:
        session = draft.session
        session.name = session.name or _platform_name(draft)
        return await super().settle(draft)

    def known(self, draft: Draft) -> str:
        return draft.session.name

    def is_needed(self, draft: Draft) -> bool:
        return True

    async def take(self, draft: Draft, value: str) -> None:
        if value == PLATFORM:
            draft.session.name = _platform_name(draft) or draft.session.name

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        offered = _platform_name(draft)
        choices = self.keep(draft)
        if offered and offered != draft.session.name:
            choices += (Choice(offered, self.id, PLATFORM),)
        return await self.show(draft, Reply(Text("name.ask"), choices=choices, ways=(*back, *ways.out()), replaces=True))

    async def read(self, draft: Draft, text: str) -> bool:
        name = read_name(text)
        draft.session.name = name or draft.session.name
        return name is not None


class PhoneStep(DetailStep):
    """The phone number: the platform's own, shared by its button, or typed. Somebody else's card proves nothing."""

    id = "phone"

    async def settle(self, draft: Draft) -> Found:
        draft.learn_phone()
        return await super().settle(draft)

    def known(self, draft: Draft) -> str:
        return draft.session.phone

    def show_known(self, draft: Draft) -> str:
        return show_phone(draft.session.phone) if draft.session.phone else ""

    def is_needed(self, draft: Draft) -> bool:
        return draft.turn.desk.traits.needs_phone

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        share = Text("phone.share")
        reply = Reply(Text("phone.ask"), choices=self.keep(draft), ways=(*back, *ways.out()), asks_contact=share)
        return await self.show(draft, reply)

    async def read(self, draft: Draft, text: str) -> bool:
        location = await draft.location()
        phone = read_phone(text, location.country if location else "")
        draft.session.phone = phone or draft.session.phone
        return phone is not None

    async def receive(self, draft: Draft, contact: SharedContact) -> bool:
        """Take a contact card, at any step. False: it is not the sender's own, or no number can be read in it."""
        if not contact.is_own:
            draft.note("phone.not_yours")
            return False
        location = await draft.location() if "location" in draft.picks else None
        phone = read_own_phone(contact.phone, location.country if location else "")
        if phone is None:
            draft.note("phone.unreadable")
            return False
        session = draft.session
        session.phone = phone
        if session.proven != phone:
            session.proven, session.proven_id = phone, ""
        return True


class EmailStep(DetailStep):
    """The e-mail address, where the booking system wants one."""

    id = "email"

    def known(self, draft: Draft) -> str:
        return draft.session.email

    def is_needed(self, draft: Draft) -> bool:
        return draft.turn.desk.traits.needs_email

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        reply = Reply(Text("email.ask"), choices=self.keep(draft), ways=(*back, *ways.out()), replaces=True)
        return await self.show(draft, reply)

    async def read(self, draft: Draft, text: str) -> bool:
        address = read_email(text)
        draft.session.email = address or draft.session.email
        return address is not None


def _platform_name(draft: Draft) -> str:
    return read_name(drop_symbols(draft.turn.event.person.name)) or ""

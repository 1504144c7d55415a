"""The step that asks with whom, or with anyone."""

from collections.abc import Sequence

from bot.conversation.contract import Choice, Reply, Text
from flows.booking.step import Found, ListStep, Option
from flows.booking.wording import describe_service
from flows.draft import ANYONE, Draft
from flows.reading.folding import split_words

# What people type for "anyone", folded, in every language.
ANYONE_WORDS = frozenset(
    {
        *("any", "anyone", "anybody", "whoever", "no preference", "dont mind", "don't mind", "i don't mind", "first available"),
        *("cualquiera", "quien sea", "me da igual", "da igual", "sin preferencia", "cualquier persona"),
    }
)


class StaffStep(ListStep):
    """Anyone, or one of those who perform the picked service there."""

    id = "staff"

    async def list_options(self, draft: Draft) -> Sequence[Option]:
        traits = draft.turn.desk.traits
        members = await draft.staff() if traits.can_choose_staff else ()
        named = [Option(member.id, member.name, member.name) for member in members]
        if len(named) == 1 or (named and not traits.can_book_anyone):
            return named
        return [Option(ANYONE, "", Text("staff.anyone")), *named]

    async def settle(self, draft: Draft) -> Found:
        # "Anyone" fits everywhere: where it is not on offer the one who is there is meant, or has to be named.
        if draft.picks.get(self.id) == ANYONE and all(option.value != ANYONE for option in await self.list_options(draft)):
            draft.drop(self.id)
        return await super().settle(draft)

    def miss(self, draft: Draft) -> None:
        draft.note("staff.not_here")

    async def read(self, draft: Draft, text: str) -> bool:
        if " ".join(split_words(text)) in ANYONE_WORDS and draft.turn.desk.traits.can_book_anyone:
            await self.take(draft, ANYONE)
            return True
        return await super().read(draft, text)

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        return await self.show(draft, Text("staff.ask", {"what": await describe_service(draft)}), back)

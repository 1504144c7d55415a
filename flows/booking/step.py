"""What a step is, and the steps that choose one of several named things."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.conversation.contract import Choice, Reply, Text
from flows import ways
from flows.draft import Draft
from flows.reading.choices import find_names, match_names, read_number


class Found(Enum):
    """Where a step stands with the picks there are."""

    ANSWERED = "answered"
    OPEN = "open"
    LOST = "lost"
    """The picked time cannot be had any more."""


class Step(ABC):
    """One question: whether it is answered, how it is asked, what a tap and a line mean to it."""

    id: str

    @abstractmethod
    async def settle(self, draft: Draft) -> Found:
        """Whether the picks answer it. A single possible answer is picked; one that no longer fits is dropped and said."""

    @abstractmethod
    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        """The question with its choices. `back` leads to the step before, empty on the first."""

    @abstractmethod
    async def take(self, draft: Draft, value: str) -> None:
        """A tap on one of its buttons, of whatever age."""

    @abstractmethod
    async def read(self, draft: Draft, text: str) -> bool:
        """A typed line. False: not understood (perhaps the number of a row on the screen), and nothing has changed."""

    async def hear(self, draft: Draft, sentence: str) -> bool:
        """Pick what a whole sentence said for this step, in passing. False: it said nothing about it."""
        return False

    async def has_choice(self, draft: Draft) -> bool:
        """Whether there is anything to choose, so that one can come back to it."""
        return True


@dataclass(frozen=True, slots=True)
class Option:
    """A thing that can be chosen."""

    value: str
    name: str
    """What a typed line is compared with."""
    label: Text | str


class ListStep(Step):
    """A choice among named things."""

    @abstractmethod
    async def list_options(self, draft: Draft) -> Sequence[Option]: ...

    @abstractmethod
    def miss(self, draft: Draft) -> None:
        """Say that what was picked cannot be had here."""

    async def settle(self, draft: Draft) -> Found:
        options = await self.list_options(draft)
        picked = draft.picks.get(self.id)
        if any(option.value == picked for option in options):
            return Found.ANSWERED
        if picked is not None:
            draft.drop(self.id)
            self.miss(draft)
        if len(options) != 1:
            return Found.OPEN
        draft.picks[self.id] = options[0].value
        return Found.ANSWERED

    async def take(self, draft: Draft, value: str) -> None:
        draft.picks[self.id] = value

    async def read(self, draft: Draft, text: str) -> bool:
        number = read_number(text)
        if number and number <= len(draft.session.menu):
            return False
        options = await self.list_options(draft)
        return await self._choose(draft, [options[index] for index in match_names(_names(options), text)])

    async def hear(self, draft: Draft, sentence: str) -> bool:
        return await self._choose(draft, await self.find_named(draft, sentence))

    async def find_named(self, draft: Draft, sentence: str) -> list[Option]:
        """The options a sentence speaks of."""
        options = await self.list_options(draft)
        return [options[index] for index in find_names(_names(options), sentence)]

    async def _choose(self, draft: Draft, found: Sequence[Option]) -> bool:
        """One is taken; of several the customer chooses."""
        if len(found) == 1:
            await self.take(draft, found[0].value)
        elif len(found) > 1:
            draft.only = tuple(option.value for option in found)
            draft.note("which.one")
        return bool(found)

    async def has_choice(self, draft: Draft) -> bool:
        return len(await self.list_options(draft)) > 1

    async def show(self, draft: Draft, text: Text, back: tuple[Choice, ...]) -> Reply:
        """The question with its options, or those a line narrowed them to."""
        options = await self.list_options(draft)
        choices = tuple(
            Choice(option.label, self.id, option.value) for option in options if not draft.only or option.value in draft.only
        )
        return Reply(text, choices=choices, ways=(*back, *ways.out()), replaces=True)


def _names(options: Sequence[Option]) -> list[str]:
    return [option.name for option in options]

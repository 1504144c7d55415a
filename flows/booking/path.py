"""The way through the steps: which is asked next, what a tap or a line does to it."""

from bot.conversation.contract import Choice, Reply, SharedContact, Text
from flows import ways
from flows.booking.day import DayStep
from flows.booking.details import EmailStep, NameStep, PhoneStep
from flows.booking.hearing import speaks_of_booking
from flows.booking.location import LocationStep
from flows.booking.machine import STEPS, Mover
from flows.booking.service import ServiceStep
from flows.booking.staff import StaffStep
from flows.booking.step import Found, ListStep, Step
from flows.booking.summary import Summary
from flows.booking.taken import Taken
from flows.booking.time import TimeStep
from flows.booking.wording import describe_service, describe_wish
from flows.draft import Draft
from flows.reading.choices import read_number
from flows.reading.folding import split_words

# The steps that "back" leads to; details are changed from the summary.
CHOOSING = ("location", "service", "staff", "day", "time")

# Another place or service would be another appointment, not the one that is moved.
FIXED = ("location", "service")

# What makes a move of the picks.
MOVE = ("moving", "from")

# A remembered sentence is not looked at again once each step has had its turn.
HEARD = ("heard", "heard_at", "heard_by")

# Longer lines are stories, not wishes.
LONGEST_SENTENCE = 200

# A single word speaks of one step only: of a later one where somebody begins with what they want ("haircut").
FEWEST_WORDS, FEWEST_AT_FIRST = 2, 1
FIRST = ("start", "location")


class Path:
    """Walks a draft to the first open step, or to the summary."""

    def __init__(self, mover: Mover) -> None:
        self._mover = mover
        self._lists: tuple[ListStep, ...] = (LocationStep(), ServiceStep(), StaffStep())
        self._phone = PhoneStep()
        steps: tuple[Step, ...] = (*self._lists, DayStep(), TimeStep(), NameStep(), self._phone, EmailStep())
        self._steps = {step.id: step for step in steps}
        self.summary = Summary(mover, self._steps)
        self.taken = Taken()

    async def advance(self, draft: Draft) -> Reply:
        """Go from the first step past every answered one and ask the one that is open."""
        session = draft.session
        self._mover.move(session, "begin")
        while step := self._steps.get(session.state):
            if draft.picks.get("asking") == step.id:
                break
            found = await self._settle(draft, step)
            if found is Found.OPEN:
                break
            self._mover.move(session, "next" if found is Found.ANSWERED else "lose")
        if session.state in ("summary", "taken"):
            draft.drop(*HEARD)
        return await self.ask(draft)

    async def resume(self, draft: Draft) -> Reply:
        """The current prompt again, after checking that what is picked still holds."""
        return await (self.ask_taken(draft) if draft.session.state == "taken" else self.advance(draft))

    async def ask(self, draft: Draft) -> Reply:
        """The current prompt, with data of now."""
        state = draft.session.state
        if state == "taken":
            return await self.ask_taken(draft)
        back = await self._show_back(draft)
        if state == "summary":
            return await self.summary.ask(draft, back)
        if state == "booked":
            return Reply(Text("booked.next"), choices=(ways.to_booking(),), ways=ways.out())
        return await self._steps[state].ask(draft, back)

    async def ask_taken(self, draft: Draft) -> Reply:
        """The ways on from a lost time; what they keep must still be on offer."""
        for step in CHOOSING[:3]:
            if await self._steps[step].settle(draft) is not Found.ANSWERED:
                draft.note("booking.taken")
                return await self.advance(draft)
        return await self.taken.ask(draft, await self._show_back(draft))

    async def describe_position(self, draft: Draft) -> Text:
        """ "You were choosing a time for Haircut with Anna"."""
        state = draft.session.state
        if state in ("day", "time"):
            return Text("resume.day" if state == "day" else "resume.time", {"what": await describe_wish(draft)})
        if state == "staff":
            return Text("resume.staff", {"what": await describe_service(draft)})
        if state == "service":
            return Text("resume.service", {"location": (await draft.picked_location()).name})
        return Text("resume.location" if state == "location" else "resume.other")

    async def take(self, draft: Draft, step: str, value: str) -> bool:
        """A tap on a step's button, of whatever age. False: no step of ours."""
        if draft.is_moving and (step in FIXED or step == "at" or (step == "edit" and value in FIXED)):
            draft.drop(*MOVE)
            draft.note("move.left")
        if step in self._steps:
            draft.drop("asking")
            await self._steps[step].take(draft, value)
        elif step in ("with", "at"):
            draft.drop("asking", "handle")
            await (self.taken.take_person if step == "with" else self.taken.take_place)(draft, value)
        elif step == "window":
            draft.picks["window"] = value
            draft.picks["asking"] = "time"
        elif step == "edit" and value in self._steps:
            draft.picks["asking"] = value
        elif step == "edit" and value == "summary":
            draft.drop("asking")
        else:
            return False
        return True

    def is_ahead(self, draft: Draft, step: str) -> bool:
        """Whether a step still comes after the current one."""
        state = draft.session.state
        return state in STEPS and step in STEPS and STEPS.index(state) < STEPS.index(step)

    async def read(self, draft: Draft, text: str) -> bool:
        """A typed line as the answer to the current step, or a change of what is picked. False: not understood."""
        step = self._steps.get(draft.session.state)
        asking = draft.picks.pop("asking", "")
        if step and await step.read(draft, text):
            if step in self._lists and self._remember(draft, text):
                await self._replace_named(draft, text)
            return True
        if self._may_revise(draft, text) and await self._revise(draft, text):
            return True
        if asking:
            draft.picks["asking"] = asking
        return False

    async def hear(self, draft: Draft, text: str) -> Reply | None:
        """A whole sentence: fill what it says and ask for what is missing. None: it says nothing we know."""
        before, state = dict(draft.picks), draft.session.state
        is_first = state in FIRST and read_number(text) is None
        if self._remember(draft, text, fewest=FEWEST_AT_FIRST if is_first else FEWEST_WORDS):
            draft.drop("asking")
            has_named = await self._replace_named(draft, text)
            reply = await self.advance(draft)
            if has_named or draft.picks.get("heard_by"):
                return reply
            if await speaks_of_booking(draft, text):
                draft.note("heard.kept")
                return reply
        draft.session.picks, draft.session.state = before, state
        draft.notes.clear()
        return None

    async def receive(self, draft: Draft, contact: SharedContact) -> bool:
        """A contact card, at any step."""
        return await self._phone.receive(draft, contact)

    async def step_back(self, draft: Draft) -> str:
        """The step before the current one at which there is something to choose, or empty."""
        state = draft.session.state
        if state in ("name", "phone", "email") and draft.picks.get("asking") == state:
            return "summary"
        position = CHOOSING.index(state) if state in CHOOSING else len(CHOOSING)
        for step in reversed(CHOOSING[:position]):
            if draft.is_moving and step in FIXED:
                continue
            if await self._steps[step].has_choice(draft):
                return step
        return ""

    async def _settle(self, draft: Draft, step: Step) -> Found:
        """Where the step stands; if open, what a remembered sentence said about it is its answer."""
        if draft.is_moving and draft.turn.desk.traits.can_move and step.id in ("name", "phone", "email"):
            return Found.ANSWERED
        found = await step.settle(draft)
        heard, heard_by = draft.picks.get("heard", ""), draft.picks.get("heard_by", "").split()
        if found is not Found.OPEN or not heard or step.id in heard_by or step.id in ("name", "phone", "email"):
            return found
        if not await step.hear(draft, heard):
            return found
        draft.picks["heard_by"] = " ".join([*heard_by, step.id])
        return await step.settle(draft)

    def _may_revise(self, draft: Draft, text: str) -> bool:
        """A bare number is a row of the screen, or the beginning of a phone number, before it is an hour."""
        number = read_number(text)
        if text.lstrip().startswith("+"):  # "+351 9" has stopped halfway
            return False
        if draft.session.state in ("summary", "taken"):
            return number is None or number > len(draft.session.menu)
        return draft.session.state in ("phone", "email") and number is None

    async def _revise(self, draft: Draft, text: str) -> bool:
        """ "18:00", "tomorrow instead", "with Marco"."""
        has_named = await self._replace_named(draft, text)
        return await self._steps["time"].read(draft, text) or has_named

    async def _replace_named(self, draft: Draft, text: str) -> bool:
        """Change what is picked already to what a line clearly names. False: it names none of the three."""
        has_named = False
        for step in self._lists:
            if step.id not in draft.picks:
                break
            if draft.is_moving and step.id in FIXED:
                continue
            found = await step.find_named(draft, text)
            if len(found) == 1:
                draft.picks[step.id] = found[0].value
                has_named = True
        return has_named

    async def _show_back(self, draft: Draft) -> tuple[Choice, ...]:
        step = "" if draft.session.state == "booked" else await self.step_back(draft)
        return (ways.to_step(step),) if step else ()

    def _remember(self, draft: Draft, text: str, fewest: int = FEWEST_WORDS) -> bool:
        """Keep a line of several words: it may speak of other steps too. False: it is too short for that, or a story."""
        if len(text) > LONGEST_SENTENCE or len(split_words(text)) < fewest:
            return False
        draft.drop(*HEARD)
        draft.pick(heard=text, heard_at=draft.now.isoformat())
        return True

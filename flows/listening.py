"""What a typed line means, in the order of what outranks what."""

from collections.abc import Awaitable, Callable

from bot.conversation.contract import MenuRow, Reply
from flows import handoff, words
from flows.booking.path import Path
from flows.draft import Draft
from flows.reading.choices import match_names, read_number
from flows.reading.folding import fold
from flows.reading.people import read_phone

# Performs a button or a word: step or action, and value.
Perform = Callable[[Draft, str, str], Awaitable[Reply]]

# Rows of these steps are shown beside the conversation: a line typed then is meant for them.
BESIDE = ("language", "again")

# States without a question: the rows on the screen are all a line can mean.
ROWS_ONLY = ("menu", "booked", "taken", "summary", "appointments", "appointment", "calling_off")


class Listener:
    """Reads lines: words above all, then what is on the screen, then the step, then small talk and sentences."""

    def __init__(self, path: Path, perform: Perform) -> None:
        self._path = path
        self._perform = perform

    async def hear(self, draft: Draft, text: str) -> Reply | None:
        """The answer to a line, or None where it was not understood."""
        if word := words.find_word(text):
            return await self._perform(draft, word.action, word.value)
        if row := self._find_row(draft, text):
            return await self._perform(draft, row.step, row.value)
        if handoff.was_asked(draft) and draft.session.state != "phone" and (phone := await self._read_phone(draft, text)):
            return await self._perform(draft, "reach", phone)
        if draft.session.state == "booking":
            return None
        if draft.session.state == "appointments" and not draft.session.proven and await self._read_phone(draft, text):
            return await self._perform(draft, "own", "typed")
        if talk := words.find_small_talk(text):
            return await self._chat(draft, talk)
        if await self._path.read(draft, text):
            return await self._path.advance(draft)
        if row := self._find_likely_row(draft, text):
            return await self._perform(draft, row.step, row.value)
        return await self._path.hear(draft, text) if draft.session.state not in ("name", "phone", "email") else None

    def _find_row(self, draft: Draft, text: str) -> MenuRow | None:
        """The row whose very words were typed, or any way of naming one shown beside the conversation."""
        rows = draft.session.menu
        same = next((row for row in rows if fold(row.label) == fold(text)), None)
        if same or not rows or rows[0].step not in BESIDE:
            return same
        return self._find_likely_row(draft, text) or _match_label(rows, text)

    def _find_likely_row(self, draft: Draft, text: str) -> MenuRow | None:
        """The row with the typed number; where rows are all there is, one with the typed words."""
        rows = draft.session.menu
        number = read_number(text)
        if number is not None:
            return rows[number - 1] if 1 <= number <= len(rows) else None
        return _match_label(rows, text) if draft.session.state in ROWS_ONLY else None

    async def _read_phone(self, draft: Draft, text: str) -> str | None:
        location = await draft.location() if "location" in draft.picks else None
        return read_phone(text, location.country if location else "")

    async def _chat(self, draft: Draft, talk: str) -> Reply | None:
        state = draft.session.state
        if state == "calling_off" and talk in ("yes", "no"):
            wanted = "off_sure" if talk == "yes" else "visit"
            row = next((row for row in draft.session.menu if row.step == wanted), None)
            return await self._perform(draft, row.step if row else "again", row.value if row else "")
        if talk == "hello" and state == "checking":
            return await self._perform(draft, "again", "")
        if talk == "hello":
            return await self._perform(draft, "resume" if draft.is_started else "restart", "start")
        if talk == "yes" and state == "summary":
            # Only what is on the screen is agreed to: after something else the summary is shown again first.
            is_shown = any(row.step == "confirm" for row in draft.session.menu)
            return await self._perform(draft, "yes" if is_shown else "again", "")
        if talk == "yes" and state in ("menu", "booked"):
            return await self._perform(draft, "resume" if draft.is_started else "restart", "")
        if talk == "thanks" or (talk == "no" and state in ("summary", "booked", "menu")):
            draft.note("thanks.text" if talk == "thanks" else "no.nothing_booked" if state == "summary" else "no.fine")
            return await self._perform(draft, "again", "")
        return None


def _match_label(rows: tuple[MenuRow, ...], text: str) -> MenuRow | None:
    found = match_names([row.label for row in rows], text)
    return rows[found[0]] if len(found) == 1 else None

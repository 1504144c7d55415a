"""From a flow's reply to a worded message: language, pages and rows of buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.channels.base import Button, ChannelTraits, Message
from bot.conversation.contract import Choice, MenuRow, Reply, Text
from bot.texts import Texts

PAGE_STEP = "page"
"""The step of the buttons that turn pages; their value is the page they lead to."""
_WAYS_PER_ROW = 3
_TURNS = 2
"""Buttons that turn pages: earlier and more."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What is needed to word one reply."""

    texts: Texts
    language: str
    now: datetime
    traits: ChannelTraits

    def message(self, reply: Reply, *, page: int, edits: str) -> tuple[Message, tuple[MenuRow, ...], int]:
        """The message, the choices it shows, and the page shown (the last one if `page` lies beyond it)."""
        size = self._page_size(reply)
        last = max(0, (len(reply.choices) - 1) // size)
        page = min(max(0, page), last)
        shown = [self._button(choice) for choice in reply.choices[page * size : (page + 1) * size]]
        ways = [self._button(way) for way in reply.ways]
        rows = (*_rows(shown, max(1, reply.columns)), *self._page_row(page, last), *_rows(ways, _WAYS_PER_ROW))
        texts = (reply.text, *reply.more)
        if reply.asks_contact and self.traits.asks_contact_alone and any(rows):
            texts += (Text("contact.or_type", {"names": tuple(button.label for row in rows for button in row)}),)
        message = Message(
            text="\n\n".join(self._word(text) for text in texts),
            rows=rows,
            edits=edits,
            asks_contact=self._word(reply.asks_contact) if reply.asks_contact else "",
            opener=self._word(Text("choices.open")) if self.traits.most_buttons else "",
        )
        return message, tuple(MenuRow(button.label, button.step, button.value) for button in shown), page

    def _page_size(self, reply: Reply) -> int:
        most, wanted = self.traits.most_buttons, len(reply.choices)
        if not most:
            return self.traits.page_rows * max(1, reply.columns)
        room = most - len(reply.ways)
        return wanted if 0 < wanted <= room else max(1, room - _TURNS)

    def _page_row(self, page: int, last: int) -> tuple[tuple[Button, ...], ...]:
        turns = []
        if page > 0:
            turns.append(Button(self._word(Text("page.earlier")), PAGE_STEP, str(page - 1)))
        if page < last:
            turns.append(Button(self._word(Text("page.more")), PAGE_STEP, str(page + 1)))
        return (tuple(turns),) if turns else ()

    def _button(self, choice: Choice) -> Button:
        label = choice.label if isinstance(choice.label, str) else self._word(choice.label)
        return Button(label, choice.step, choice.value, choice.style)

    def _word(self, text: Text) -> str:
        return self.texts.word(text, self.language, now=self.now)


def _rows(buttons: Sequence[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    """Rows of `width`; a primary button has its row to itself."""
    rows: list[list[Button]] = []
    for button in buttons:
        is_alone = not rows or len(rows[-1]) == width or "primary" in (button.style, rows[-1][-1].style)
        if is_alone:
            rows.append([])
        rows[-1].append(button)
    return tuple(map(tuple, rows))

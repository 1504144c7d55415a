"""A press on the confirm button: it books the wish it was made for, once, and nothing else ever."""

from bot.conversation.contract import Reply
from flows.booking.path import Path
from flows.booking.wish import digest_wish
from flows.draft import Draft


class Confirmation:
    """Tells a button of the wish on the screen from one of another wish and from one that has done its work."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def press(self, draft: Draft, digest: str) -> Reply | None:
        """The answer, or None where only the current prompt is left to show (what there is to say is noted)."""
        if digest in (used := dict(entry.split("=", 1) for entry in draft.session.used)):
            self._explain_used(draft, used[digest])
            return None
        if "time" in draft.picks and digest == digest_wish(draft):
            return await self._book(draft)
        draft.note("confirm.changed" if draft.is_started else "confirm.left")
        return None

    async def _book(self, draft: Draft) -> Reply:
        if draft.session.state != "summary":
            draft.drop("asking")
            reply = await self._path.advance(draft)
            if draft.session.state != "summary":
                return reply
        return await self._path.summary.confirm(draft) or await self._path.ask(draft)

    def _explain_used(self, draft: Draft, appointment_id: str) -> None:
        made = next((made for made in draft.session.booked if made.id == appointment_id), None)
        if made is None:
            draft.note("confirm.with_staff")
        else:
            draft.note("confirm.used", service=made.service_name, when=made.starts_at)

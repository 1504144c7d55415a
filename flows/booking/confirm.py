"""A press on the confirm button: it books the wish it was made for, once, and nothing else ever."""

from dataclasses import replace

from bot.conversation.contract import Choice, Reply, Text
from flows.booking.path import Path
from flows.booking.telling import describe_request
from flows.booking.waiting import ask_waiting, is_waiting, mention_pending
from flows.booking.wish import digest_wish
from flows.draft import Draft

# After the digest of a button that books although an earlier wish like it is unsettled.
ALL_THE_SAME = "!"


class Confirmation:
    """Tells a button of the wish on the screen from one of another wish and from one that has done its work."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def press(self, draft: Draft, value: str) -> Reply | None:
        """The answer, or None where only the current prompt is left to show (what there is to say is noted)."""
        digest = value.removesuffix(ALL_THE_SAME)
        if digest in (used := dict(entry.split("=", 1) for entry in draft.session.used)):
            self._explain_used(draft, used[digest])
            return None
        if draft.session.pending and draft.session.wish.get("confirmed") == digest:
            if note := None if is_waiting(draft) else mention_pending(draft, "waiting.still"):
                draft.notes.append(note)
            return ask_waiting(draft) if is_waiting(draft) else None
        if "time" in draft.picks and digest == digest_wish(draft):
            return await self._book(draft, is_sure=value.endswith(ALL_THE_SAME))
        draft.note("confirm.changed" if draft.is_started else "confirm.left")
        return None

    async def _book(self, draft: Draft, *, is_sure: bool) -> Reply | None:
        if note := mention_pending(draft, "waiting.second"):
            draft.notes.append(note)
            return None
        if draft.session.state != "summary":
            draft.drop("asking")
            reply = await self._path.advance(draft)
            if draft.session.state != "summary":
                return reply
        if not is_sure and not draft.is_moving and (warning := await self._warn(draft)):
            return warning
        return await self._path.summary.confirm(draft) or await self._path.ask(draft)

    async def _warn(self, draft: Draft) -> Reply | None:
        """Before a second booking of what may have been booked already. None: there is nothing to warn of."""
        service = draft.picks.get("service")
        open_still = [request for request in draft.session.unsettled if request.starts_at > draft.now]
        alike = next((request for request in open_still if request.service_id == service), None)
        if alike is None:
            return None
        reply = await self._path.ask(draft)
        names = {"service_name": draft.picks.get("service_name", "")}
        draft.notes.append(Text("confirm.unsettled", {"what": describe_request(alike, names)}))
        sure = Choice(Text("confirm.anyway"), "confirm", digest_wish(draft) + ALL_THE_SAME)
        return replace(reply, choices=tuple(sure if choice.step == "confirm" else choice for choice in reply.choices))

    def _explain_used(self, draft: Draft, appointment_id: str) -> None:
        made = next((made for made in draft.session.booked if made.id == appointment_id), None)
        if made is not None and made.status.is_live:
            draft.note("confirm.used", service=made.service_name, when=made.starts_at)
        elif appointment_id:
            draft.note("confirm.used_gone")
        elif draft.turn.business.has_staff_chat:
            draft.note("confirm.with_staff")
        else:
            draft.note("confirm.with_nobody", business=draft.turn.business.name)

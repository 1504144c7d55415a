"""The summary of a move and its button: from when to when, in full words, and only if the appointment still is there."""

from bot.conversation.contract import Choice, Move, Reply, Text, Value
from bot.model import Appointment
from flows import ways
from flows.appointments.naming import describe_standing
from flows.appointments.record import find_own, is_ahead, name_shown, write_contact
from flows.booking.machine import Mover
from flows.booking.wish import build_request, digest_wish
from flows.booking.wording import describe_staff
from flows.draft import MOVING, Draft, read_start, write_start

# In the picks: when the appointment that is moved is now.
FROM = "from"


async def ask_move(draft: Draft, back: tuple[Choice, ...], edits: tuple[Choice, ...]) -> Reply:
    """The summary of a move: from when to when, and what happens to the old time meanwhile."""
    start, location = await draft.start() or draft.now, await draft.picked_location()
    values: dict[str, Value] = {
        "service": (await draft.picked_service()).name,
        "old": read_start(draft.picks[FROM], location.zone) or draft.now,
        "when": start,
        "who": await describe_staff(draft),
        "location": location.name,
    }
    zone = draft.picks.get("zone", "")
    what = Text("move.what_zone", {**values, "zone": zone}) if zone else Text("move.what", values)
    confirm = Choice(Text("move.sure", {"when": start}), "confirm", digest_wish(draft), style="primary")
    return Reply(what, more=(Text("move.ask"),), choices=(confirm, *edits), columns=2, ways=(*back, *ways.out()))


async def confirm_move(draft: Draft, mover: Mover) -> Reply:
    """Have the shown move made, if the appointment still is where it was."""
    standing = await find_own(draft, draft.picks[MOVING])
    if standing is None or not is_ahead(draft, standing) or write_start(standing.starts_at) != draft.picks[FROM]:
        return await _explain_changed(draft, mover, standing)
    start = await draft.start()
    if start is None:
        raise LookupError("no time picked")
    request = build_request(draft, start, write_contact(draft, standing))
    draft.pick(confirmed=digest_wish(draft), task="move", changing=standing.id)
    mover.move(draft.session, "confirm")
    draft.session.pending = request
    draft.session.wish = dict(draft.picks)
    draft.commands.append(Move(request, standing))
    return Reply(Text("booking.one_moment"), ways=ways.out(), replaces=True)


async def _explain_changed(draft: Draft, mover: Mover, standing: Appointment | None) -> Reply:
    """Somebody else was at it: what was agreed to does not hold any more."""
    draft.forget()
    mover.move(draft.session, "show_menu")
    mine = ways.to_appointments()
    if standing is None or not is_ahead(draft, standing):
        return Reply(Text("move.gone"), choices=(mine,), ways=ways.out())
    what = await describe_standing(draft, standing)
    again = Choice(Text("visit.move"), "move", name_shown(standing))
    return Reply(Text("move.changed", {"what": what}), choices=(again, mine), ways=ways.out())

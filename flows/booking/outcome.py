"""What became of a confirmed wish: said to the customer once, and to staff where they should know."""

from bot.conversation.contract import Booked, Choice, GaveUp, Outcome, Refused, Reply, TellStaff, Text, Unclear, Value
from bot.errors import CallStaff, TryAgain
from bot.model import Appointment, BookingRequest
from flows import ways
from flows.appointments.record import name_shown
from flows.booking.machine import WAITING, Mover
from flows.booking.path import Path
from flows.booking.telling import (
    describe_appointment,
    describe_customer,
    describe_reach,
    describe_request,
    describe_task,
    describe_unsettled,
)
from flows.draft import Draft, write_start

# How many appointments, used buttons and unsettled wishes a session remembers.
MOST_REMEMBERED = 8

# In a pending wish: staff were told that it takes long.
STAFF_KNOW = "staff_know"

# The step at which a refused detail is corrected, by what the vendor said about it.
CORRECTIONS = {
    "error.name_needed": "name",
    "error.name_wrong": "name",
    "error.phone_wrong": "phone",
    "error.phone_needed": "phone",
    "error.email_wrong": "email",
    "error.email_needed": "email",
    "error.email_taken": "email",
}


class Outcomes:
    """Takes outcome events. One that is not of the pending wish changes and says nothing."""

    def __init__(self, mover: Mover, path: Path) -> None:
        self._mover = mover
        self._path = path

    async def receive(self, draft: Draft, outcome: Outcome) -> Reply | None:
        pending = draft.session.pending
        if pending is None or pending.reference != outcome.reference:
            return None
        match outcome:
            case Booked():
                return self._finish(draft, outcome.appointment, pending)
            case Refused():
                return await self._refuse(draft, outcome, pending)
            case Unclear():
                return self._wait(draft, outcome, pending)
            case GaveUp():
                return self._give_up(draft, outcome, pending)
        return None

    def _finish(self, draft: Draft, appointment: Appointment, pending: BookingRequest) -> Reply:
        session = draft.session
        wish = self._use_up(draft, appointment.id)
        session.booked = (*session.booked, appointment)[-MOST_REMEMBERED:]
        session.customer_id = appointment.customer_id or session.customer_id
        what = describe_appointment(appointment, wish)
        staff_line = Text("staff.booked", {"who": describe_customer(pending), "what": what, "reference": pending.reference})
        draft.commands.append(TellStaff("booked", staff_line, appointment.location_id))
        self._leave(draft, "finish", pending)
        choice = ways.onward() if draft.is_started else ways.to_booking()
        look = Choice(Text("visit.look"), "visit", name_shown(appointment))
        return Reply(Text("booked.text", {"what": what}), choices=(choice, look), ways=ways.out())

    async def _refuse(self, draft: Draft, outcome: Refused, pending: BookingRequest) -> Reply:
        session = draft.session
        wish, session.wish, session.pending = session.wish, {}, None
        if wish.pop(STAFF_KNOW, ""):
            draft.commands.append(TellStaff("unclear", describe_task(pending, wish, "staff.not_booked"), pending.location_id))
        if session.state not in WAITING and draft.is_started:
            return self._refuse_beside(draft, outcome, pending, wish=wish)
        if session.state != "booking":  # they have been elsewhere; what they had picked comes back
            draft.forget()
            draft.pick(**wish)
            self._mover.move(session, "wait")
        if outcome.reason == "taken":
            start = write_start(pending.starts_at)
            draft.pick(lost=start, day=start[:10], why="taken.gone")
            draft.drop("time", "handle")
            self._mover.move(session, "lose")
            return await self._ask_safely(draft, advance=False)
        self._mover.move(session, "refuse")
        if outcome.reason == "staff":
            return self._call_staff(draft, pending, wish)
        if outcome.reason == "details":
            draft.note("refused.details")
            draft.note(outcome.text_key or "refused.detail_unknown")
            if step := CORRECTIONS.get(outcome.text_key):
                draft.picks["asking"] = step
                # The steps of details are called as the session calls the details.
                setattr(session, step, "")
        else:
            draft.note("refused.busy")
        return await self._ask_safely(draft, advance=True)

    def _refuse_beside(self, draft: Draft, outcome: Refused, pending: BookingRequest, *, wish: dict[str, str]) -> Reply:
        """They are picking something else by now, and that is kept."""
        if outcome.reason == "staff":
            return self._call_staff(draft, pending, wish)
        key = "refused.beside_taken" if outcome.reason == "taken" else "refused.beside"
        return Reply(Text(key, {"what": describe_request(pending, wish)}), choices=(ways.onward(),), ways=ways.out())

    def _call_staff(self, draft: Draft, pending: BookingRequest, wish: dict[str, str]) -> Reply:
        if not draft.turn.business.reaches_staff(pending.location_id):
            return self._send_there(draft, "refused.staff_alone", pending, wish=wish)
        draft.commands.append(TellStaff("failed", describe_task(pending, wish, "staff.refused"), pending.location_id))
        choices = (ways.to_person(), ways.onward())
        return Reply(Text("refused.staff"), choices=choices, ways=(ways.to_menu(),))

    def _wait(self, draft: Draft, outcome: Unclear, pending: BookingRequest) -> Reply | None:
        """Said once, however often the look-up reports. What was picked is kept aside: they may go on."""
        session = draft.session
        if outcome.is_long:
            session.wish[STAFF_KNOW] = "yes"
            line = describe_task(pending, session.wish, "staff.unclear")
            draft.commands.append(TellStaff("unclear", line, pending.location_id))
        if session.state != "booking":
            return None
        self._mover.move(session, "wait")
        draft.forget()
        return Reply(Text("checking.text"), choices=(Choice(Text("waiting.ask"), "again"),), ways=ways.out())

    def _give_up(self, draft: Draft, outcome: GaveUp, pending: BookingRequest) -> Reply:
        session = draft.session
        wish = self._use_up(draft, "")
        still_ahead = [request for request in session.unsettled if request.starts_at > draft.now]
        session.unsettled = (*still_ahead, pending)[-MOST_REMEMBERED:]
        self._leave(draft, "give_up", pending)
        if not draft.turn.business.reaches_staff(pending.location_id):
            return self._send_there(draft, "checking.gave_up_alone", pending, wish=wish)
        draft.commands.append(TellStaff("failed", describe_unsettled(pending, wish, outcome), pending.location_id))
        choices = (ways.to_person(), ways.onward()) if draft.is_started else (ways.to_person(),)
        return Reply(Text("checking.gave_up", {"business": draft.turn.business.name}), choices=choices, ways=(ways.to_menu(),))

    def _send_there(self, draft: Draft, key: str, pending: BookingRequest, *, wish: dict[str, str]) -> Reply:
        """Nobody reads along here: how to reach the place, and what to say there."""
        what, reach = describe_request(pending, wish), describe_reach(draft, wish)
        values: dict[str, Value] = {"business": draft.turn.business.name, "what": what, "reference": pending.reference}
        more = (Text("reach.there", {"reach": reach}),) if reach else ()
        choices = (ways.onward(),) if draft.is_started else ()
        return Reply(Text(key, values), more=more, choices=choices, ways=ways.out())

    def _use_up(self, draft: Draft, appointment_id: str) -> dict[str, str]:
        """Remember that the wish's button has done its work, and what it made (nothing yet known: empty)."""
        session = draft.session
        used = f"{session.wish.get('confirmed', '')}={appointment_id}"
        session.used = (*session.used, used)[-MOST_REMEMBERED:]
        wish, session.wish, session.pending = session.wish, {}, None
        return wish

    def _leave(self, draft: Draft, trigger: str, pending: BookingRequest) -> None:
        """Go on from waiting. Who is picking something else stays there, unless it is the very same thing."""
        if draft.session.state in WAITING:
            self._mover.move(draft.session, trigger)
            draft.forget()
        elif is_same(draft, pending):
            self._mover.move(draft.session, "show_menu")
            draft.forget()

    async def _ask_safely(self, draft: Draft, *, advance: bool) -> Reply:
        """The next prompt; an outcome is told even while the desk cannot be read."""
        try:
            return await (self._path.advance(draft) if advance else self._path.ask(draft))
        except (TryAgain, CallStaff):
            return Reply(
                Text("taken.ask_later" if not advance else "refused.ask_later"), choices=(ways.onward(),), ways=ways.out()
            )


def is_same(draft: Draft, request: BookingRequest) -> bool:
    """Whether what is picked is what the request is for: place, service and time."""
    picks = draft.picks
    picked = (picks.get("location"), picks.get("service"), picks.get("time"))
    return picked == (request.location_id, request.service_id, write_start(request.starts_at))

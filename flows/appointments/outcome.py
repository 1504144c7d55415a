"""What became of a move or a cancelling: said to the customer once, and to staff where they should know."""

from dataclasses import replace

from bot.conversation.contract import Cancelled, Choice, GaveUp, Moved, Outcome, Refused, Reply, TellStaff, Text, Unclear, Value
from bot.errors import CallStaff, TryAgain
from bot.model import Appointment, AppointmentStatus, BookingRequest
from flows import ways
from flows.appointments.record import name_shown
from flows.appointments.telling import describe_change, describe_old, describe_task
from flows.booking.machine import WAITING, Mover
from flows.booking.outcome import MOST_REMEMBERED, STAFF_KNOW
from flows.booking.path import Path
from flows.booking.telling import describe_appointment, describe_customer, describe_reach
from flows.draft import Draft, write_start


class ChangeOutcomes:
    """Takes the outcomes of changes. One that is not of the pending wish changes and says nothing."""

    def __init__(self, mover: Mover, path: Path) -> None:
        self._mover = mover
        self._path = path

    async def receive(self, draft: Draft, outcome: Outcome) -> Reply | None:
        pending = draft.session.pending
        if pending is None or pending.reference != outcome.reference:
            return None
        match outcome:
            case Moved():
                return self._finish_move(draft, outcome, pending)
            case Cancelled():
                return self._finish_cancel(draft, outcome, pending)
            case Refused():
                return await self._refuse(draft, outcome, pending)
            case Unclear():
                return self._wait(draft, outcome, pending)
            case GaveUp():
                return self._give_up(draft, outcome, pending)
        return None

    # ── Done ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _finish_move(self, draft: Draft, outcome: Moved, pending: BookingRequest) -> Reply:
        session, moved = draft.session, outcome.appointment
        wish = self._use_up(draft)
        self._remember(draft, wish.get("changing", ""), moved)
        session.used = (*session.used, f"{wish.get('confirmed', '')}={moved.id}")[-MOST_REMEMBERED:]
        what, old = describe_appointment(moved, wish), describe_old(wish, outcome.left)
        values: dict[str, Value] = {"who": describe_customer(pending), "what": what, "reference": pending.reference}
        line = Text("staff.moved_left" if outcome.left else "staff.moved", {**values, "old": old})
        draft.commands.append(TellStaff("failed" if outcome.left else "moved", line, moved.location_id))
        self._leave(draft, "finish", has_ended=True)
        choices = (Choice(Text("visit.look"), "visit", name_shown(moved)), self._onward(draft))
        if outcome.left is None:
            return Reply(Text("moved.text", {"what": what}), choices=choices, ways=ways.out())
        reaches = draft.turn.business.reaches_staff(moved.location_id)
        text = Text("moved.left" if reaches else "moved.left_alone", {"what": what, "old": old, **self._name(draft)})
        return Reply(text, choices=choices, ways=ways.out())

    def _finish_cancel(self, draft: Draft, outcome: Cancelled, pending: BookingRequest) -> Reply:
        wish = self._use_up(draft)
        self._remember(draft, outcome.appointment.id, replace(outcome.appointment, status=AppointmentStatus.CANCELLED))
        what = describe_appointment(outcome.appointment, wish)
        values: dict[str, Value] = {"who": describe_customer(pending), "what": what, "reference": pending.reference}
        draft.commands.append(TellStaff("cancelled", Text("staff.cancelled", values), pending.location_id))
        self._leave(draft, "finish", has_ended=False)
        return Reply(Text("cancelled.text", {"what": what}), choices=(self._onward(draft),), ways=ways.out())

    # ── Not done ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _refuse(self, draft: Draft, outcome: Refused, pending: BookingRequest) -> Reply:
        session = draft.session
        was_waiting = session.state in WAITING
        wish = self._use_up(draft)
        if wish.pop(STAFF_KNOW, ""):
            line = describe_task(pending, wish, "staff.change_not_done", task=outcome.task, appointment=outcome.appointment)
            draft.commands.append(TellStaff("unclear", line, pending.location_id))
        may_resume = outcome.task == "move" and outcome.reason in ("taken", "busy") and "moving" in wish
        if may_resume and (was_waiting or not draft.is_started):
            return await self._resume_move(draft, outcome, pending, wish=wish)
        self._leave(draft, "give_up", has_ended=outcome.task == "move")
        return self._explain(draft, outcome, pending, wish=wish)

    async def _resume_move(self, draft: Draft, outcome: Refused, pending: BookingRequest, *, wish: dict[str, str]) -> Reply:
        """Other times, or the same once more; the old one is kept, and that is said."""
        draft.forget()
        draft.pick(**{name: value for name, value in wish.items() if name not in ("task", "changing", "confirmed")})
        self._mover.move(draft.session, "wait")
        if outcome.reason == "taken":
            start = write_start(pending.starts_at)
            draft.pick(lost=start, day=start[:10], why="taken.gone_move")
            draft.drop("time", "handle")
            self._mover.move(draft.session, "lose")
        else:
            draft.note("move.busy")
            self._mover.move(draft.session, "refuse")
        try:
            return await (self._path.ask(draft) if outcome.reason == "taken" else self._path.advance(draft))
        except (TryAgain, CallStaff):
            return Reply(Text("move.ask_later"), choices=(ways.onward(),), ways=ways.out())

    def _explain(self, draft: Draft, outcome: Refused, pending: BookingRequest, *, wish: dict[str, str]) -> Reply:
        """What stands, and who sees to it."""
        mine = ways.to_appointments()
        if outcome.reason == "gone":
            return Reply(Text("change.gone"), choices=(mine, self._onward(draft)), ways=ways.out())
        standing = outcome.appointment
        what = describe_appointment(standing, wish) if standing else describe_change(pending, wish, outcome.task)
        if outcome.reason in ("taken", "busy"):
            key = "change.taken" if outcome.reason == "taken" else "change.busy"
            again = (Choice(Text("error.again"), *_name_again(outcome.task, standing)),) if standing else ()
            return Reply(Text(key, {"what": what}), choices=(*again, mine), ways=ways.out())
        if outcome.text_key:
            draft.note(outcome.text_key)
        return self._call_staff(draft, outcome, pending, wish=wish, what=what)

    def _call_staff(self, draft: Draft, outcome: Refused, pending: BookingRequest, *, wish: dict[str, str], what: Text) -> Reply:
        is_move = outcome.task == "move"
        if not draft.turn.business.reaches_staff(pending.location_id):
            key = "move.refused_alone" if is_move else "call_off.refused_alone"
            return self._send_there(draft, key, what, pending, wish=wish)
        line = describe_task(pending, wish, "staff.change_refused", task=outcome.task, appointment=outcome.appointment)
        draft.commands.append(TellStaff("failed", line, pending.location_id))
        choices = (ways.to_person(), ways.to_appointments())
        return Reply(
            Text("move.refused" if is_move else "call_off.refused", {"what": what}), choices=choices, ways=(ways.to_menu(),)
        )

    # ── Not known ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _wait(self, draft: Draft, outcome: Unclear, pending: BookingRequest) -> Reply | None:
        session = draft.session
        if outcome.is_long:
            session.wish[STAFF_KNOW] = "yes"
            line = describe_task(pending, session.wish, "staff.change_unclear", task=outcome.task, appointment=None)
            draft.commands.append(TellStaff("unclear", line, pending.location_id))
        if session.state != "booking":
            return None
        self._mover.move(session, "wait")
        if outcome.task == "move":
            draft.forget()
        return Reply(Text("checking.change"), choices=(Choice(Text("waiting.ask"), "again"),), ways=ways.out())

    def _give_up(self, draft: Draft, outcome: GaveUp, pending: BookingRequest) -> Reply:
        wish = self._use_up(draft)
        what = describe_change(pending, wish, outcome.task)
        self._leave(draft, "give_up", has_ended=outcome.task == "move")
        if not draft.turn.business.reaches_staff(pending.location_id):
            return self._send_there(draft, "change.gave_up_alone", what, pending, wish=wish)
        line = describe_task(pending, wish, "staff.change_failed", task=outcome.task, appointment=outcome.appointment)
        draft.commands.append(TellStaff("failed", line, pending.location_id))
        choices = (ways.to_person(), ways.to_appointments())
        text = Text("change.gave_up", {"what": what, **self._name(draft)})
        return Reply(text, choices=choices, ways=(ways.to_menu(),))

    # ── Shared ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _send_there(self, draft: Draft, key: str, what: Text, pending: BookingRequest, *, wish: dict[str, str]) -> Reply:
        """Nobody reads along here: how to reach the place, and what to say there."""
        reach = describe_reach(draft, wish)
        more = (Text("reach.there", {"reach": reach}),) if reach else ()
        text = Text(key, {"what": what, "reference": pending.reference, **self._name(draft)})
        return Reply(text, more=more, choices=(ways.to_appointments(),), ways=ways.out())

    def _name(self, draft: Draft) -> dict[str, Value]:
        return {"business": draft.turn.business.name}

    def _onward(self, draft: Draft) -> Choice:
        return ways.onward() if draft.is_started else ways.to_booking()

    def _use_up(self, draft: Draft) -> dict[str, str]:
        session = draft.session
        wish, session.wish, session.pending = session.wish, {}, None
        return wish

    def _leave(self, draft: Draft, trigger: str, *, has_ended: bool) -> None:
        """Go on from waiting. Who is doing something else stays there. `has_ended`: what was picked was for this."""
        if draft.session.state in WAITING:
            self._mover.move(draft.session, trigger)
            if has_ended:
                draft.forget()

    def _remember(self, draft: Draft, old_id: str, now: Appointment) -> None:
        """Old buttons lead to what became of the appointment."""
        session = draft.session
        kept = tuple(one for one in session.booked if one.id not in (old_id, now.id))
        session.booked = (*kept, now)[-MOST_REMEMBERED:]
        if now.id != old_id:
            renamed = (entry.rpartition("=") for entry in session.used)
            session.used = tuple(f"{digest}={now.id if made == old_id else made}" for digest, _, made in renamed)


def _name_again(task: str, standing: Appointment) -> tuple[str, str]:
    """The button that begins it once more."""
    return ("move" if task == "move" else "call_off", name_shown(standing))

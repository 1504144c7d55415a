"""What became of a confirmed wish: said to the customer once, and to staff where they should know."""

from collections.abc import Mapping

from bot.conversation.contract import Booked, Choice, GaveUp, Outcome, Refused, Reply, TellStaff, Text, Unclear, Value
from bot.errors import CallStaff, TryAgain
from bot.model import Appointment, BookingRequest
from flows import ways
from flows.booking.machine import Mover
from flows.booking.path import Path
from flows.draft import Draft, write_start
from flows.reading.people import show_phone

# How many appointments and used buttons a session remembers.
MOST_REMEMBERED = 8

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
                return self._wait(draft)
            case GaveUp():
                return self._give_up(draft, pending)

    def _finish(self, draft: Draft, appointment: Appointment, pending: BookingRequest) -> Reply:
        session = draft.session
        self._use_up(draft, appointment.id)
        self._mover.move(session, "finish")
        session.booked = (*session.booked, appointment)[-MOST_REMEMBERED:]
        session.customer_id = appointment.customer_id or session.customer_id
        what = describe_appointment(appointment, draft.picks)
        staff_line = Text("staff.booked", {"who": _describe_customer(pending), "what": what, "reference": pending.reference})
        draft.commands.append(TellStaff("booked", staff_line, appointment.location_id))
        draft.forget()
        return Reply(Text("booked.text", {"what": what}), choices=(ways.to_booking(),), ways=ways.out())

    async def _refuse(self, draft: Draft, outcome: Refused, pending: BookingRequest) -> Reply:
        draft.session.pending = None
        if outcome.reason == "taken":
            start = write_start(pending.starts_at)
            draft.pick(lost=start, day=start[:10], why="taken.gone")
            draft.drop("time", "handle")
            self._mover.move(draft.session, "lose")
            return await self._ask_safely(draft, advance=False)
        self._mover.move(draft.session, "refuse")
        if outcome.reason == "staff":
            return self._call_staff(draft, pending)
        if outcome.reason == "details":
            draft.note("refused.details")
            draft.note(outcome.text_key or "refused.detail_unknown")
            if step := CORRECTIONS.get(outcome.text_key):
                draft.picks["asking"] = step
                # The steps of details are called as the session calls the details.
                setattr(draft.session, step, "")
        else:
            draft.note("refused.busy")
        return await self._ask_safely(draft, advance=True)

    def _call_staff(self, draft: Draft, pending: BookingRequest) -> Reply:
        draft.commands.append(TellStaff("failed", _describe_failure(draft, pending, "staff.refused"), pending.location_id))
        choices = (ways.to_person(), ways.onward())
        return Reply(Text("refused.staff"), choices=choices, ways=(ways.to_menu(),))

    def _wait(self, draft: Draft) -> Reply | None:
        """Said once, however often the look-up reports."""
        is_news = draft.session.state == "booking"
        self._mover.move(draft.session, "wait")
        return Reply(Text("checking.text"), choices=(Choice(Text("waiting.ask"), "again"),), ways=ways.out()) if is_news else None

    def _give_up(self, draft: Draft, pending: BookingRequest) -> Reply:
        self._use_up(draft, "")
        draft.commands.append(TellStaff("failed", _describe_failure(draft, pending, "staff.failed"), pending.location_id))
        self._mover.move(draft.session, "give_up")
        draft.forget()
        return Reply(
            Text("checking.gave_up", {"business": draft.turn.business.name}), choices=(ways.to_person(),), ways=(ways.to_menu(),)
        )

    def _use_up(self, draft: Draft, appointment_id: str) -> None:
        """Remember that the wish's button has done its work, and what it made (nothing yet known: empty)."""
        used = f"{draft.picks.get('confirmed', '')}={appointment_id}"
        draft.session.used = (*draft.session.used, used)[-MOST_REMEMBERED:]
        draft.session.pending = None

    async def _ask_safely(self, draft: Draft, *, advance: bool) -> Reply:
        """The next prompt; an outcome is told even while the desk cannot be read."""
        try:
            return await (self._path.advance(draft) if advance else self._path.ask(draft))
        except (TryAgain, CallStaff):
            return Reply(
                Text("taken.ask_later" if not advance else "refused.ask_later"), choices=(ways.onward(),), ways=ways.out()
            )


def describe_appointment(appointment: Appointment, names: Mapping[str, str]) -> Text:
    """In full words, from the vendor's record; `names` are those the summary was told with."""
    is_picked = bool(appointment.staff_id) and appointment.staff_id.lower() == names.get("staff", "").lower()
    staff = appointment.staff_name or (names.get("staff_name", "") if is_picked else "")  # a record may name nobody, by id alone
    who = Text("who.staff", {"staff": staff}) if staff else Text("who.later")
    values: dict[str, Value] = {"when": appointment.starts_at, "service": appointment.service_name, "who": who}
    values["location"] = names.get("location_name", "")
    if zone := names.get("zone"):
        return Text("what.appointment_zone", {**values, "zone": zone})
    return Text("what.appointment", values)


def _describe_customer(pending: BookingRequest) -> str:
    contact = pending.contact
    return ", ".join(detail for detail in (contact.name, contact.phone and show_phone(contact.phone), contact.email) if detail)


def _describe_failure(draft: Draft, pending: BookingRequest, key: str) -> Text:
    """Everything a person needs to decide: who wanted what, when and where, and our reference in the vendor's note."""
    picks = draft.picks
    return Text(
        key,
        {
            "who": _describe_customer(pending),
            "when": pending.starts_at,
            "service": picks.get("service_name", ""),
            "staff": picks.get("staff_name", "") or Text("who.anyone"),
            "location": picks.get("location_name", ""),
            "reference": pending.reference,
        },
    )

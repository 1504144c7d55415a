"""Talking to a person: staff are told who asks and about what; the conversation stays where it was."""

from datetime import datetime, timedelta

from bot.conversation.contract import Reply, TellStaff, Text
from flows import ways
from flows.draft import Draft
from flows.reading.people import show_phone

# Asking again within this time repeats the answer to the customer, not the line to staff.
QUIET = timedelta(minutes=10)

# What the customer was doing, for staff.
DOINGS = {
    "location": "doing.location",
    "service": "doing.service",
    "staff": "doing.staff",
    "day": "doing.day",
    "time": "doing.time",
    "name": "doing.details",
    "phone": "doing.details",
    "email": "doing.details",
    "summary": "doing.summary",
    "taken": "doing.taken",
    "booking": "doing.booking",
    "checking": "doing.checking",
    "booked": "doing.booked",
    "appointments": "doing.appointments",
    "appointment": "doing.appointments",
    "calling_off": "doing.calling_off",
}


def ask_person(draft: Draft) -> Reply:
    """Tell staff, tell the customer what happens now, and offer to go on."""
    draft.learn_phone()
    if not draft.turn.business.reaches_staff(_find_place(draft)):
        name, phone = draft.turn.business.name, draft.turn.business.phone
        nobody = Text("person.nobody", {"business": name})
        more = (Text("reach.there", {"reach": show_phone(phone)}),) if phone else ()
        return Reply(nobody, more=more, choices=(ways.onward(),), ways=(ways.to_menu(),))
    asked_at = draft.picks.get("asked_at")
    if not asked_at or draft.now - datetime.fromisoformat(asked_at) >= QUIET:
        draft.picks["asked_at"] = draft.now.isoformat()
        tell_staff(draft)
    session, business = draft.session, draft.turn.business.name
    if session.phone:
        told = Text("person.told", {"business": business, "phone": show_phone(session.phone)})
        return Reply(told, choices=(ways.onward(),), ways=ways.out())
    text = Text("person.told_no_phone", {"business": business})
    return Reply(text, choices=(ways.onward(),), ways=(ways.to_menu(),), asks_contact=Text("phone.share"))


def tell_staff(draft: Draft) -> None:
    """One line: who, how to reach them, what they were doing."""
    session, person = draft.session, draft.turn.event.person
    values = {
        "name": session.name or person.name or Text("staff.someone"),
        "reach": show_phone(session.phone) if session.phone else Text("staff.no_phone"),
        "doing": Text(DOINGS.get("checking" if session.pending and session.state != "booking" else session.state, "doing.menu")),
    }
    draft.commands.append(TellStaff("asked", Text("staff.asked", values), _find_place(draft)))


def _find_place(draft: Draft) -> str:
    """Whom it concerns: the location in the making, or of what was just booked. Empty: all of them."""
    just_booked = draft.session.booked[-1:] if draft.session.state == "booked" else ()
    return draft.picks.get("location", "") or next((made.location_id for made in just_booked), "")


def pass_phone_on(draft: Draft) -> None:
    """The number that the person who was asked for needs to call back."""
    tell_staff(draft)
    draft.note("person.phone_passed_on", phone=show_phone(draft.session.phone))


def was_asked(draft: Draft) -> bool:
    """Whether staff were told a short while ago and a phone number would help them."""
    asked_at = draft.picks.get("asked_at")
    return bool(asked_at) and draft.now - datetime.fromisoformat(asked_at or "") < QUIET

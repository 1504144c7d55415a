"""Customers (§7): list, search, create, update, and the profile with its appointments (§6.2)."""

from dataclasses import replace

from bot.sandbox.salon import Book, Business, Guest
from bot.sandbox.schedly.appointments import Appointments
from bot.sandbox.schedly.switches import Switches
from bot.sandbox.schedly.wire import Answer, Call, Json, Rows, invalid, missing, read_text

FIELDS = ("name", "email", "phone", "notes")


class Customers:
    """The card index as Schedly shows it."""

    def __init__(self, book: Book, switches: Switches, appointments: Appointments) -> None:
        self._book = book
        self._switches = switches
        self._appointments = appointments

    def list_customers(self, call: Call) -> Answer:
        ident = call.find_id()
        if ident:
            return self._show(self.find(call.business, ident))
        text = call.query.get("search", "").strip()
        rows = [guest for guest in self._book.guests.values() if guest.business == call.business.slug]
        return Rows("customers", [self._show(guest) for guest in rows if not text or self._matches(guest, text)])

    def create_customer(self, call: Call) -> Json:
        name, email, phone, notes = (read_text(call.body.get(field)) for field in FIELDS)
        if not name:
            raise invalid("name is required", "name")
        if email and "@" not in email:
            raise invalid("email is not an address", "email")
        guest = self._book.add_guest(call.business, call.business.places[0], name, phone=phone, email=email, note=notes)
        return self._show(guest)

    def change_customer(self, call: Call) -> Json:
        guest = self.find(call.business, call.find_id())
        before = {"name": guest.name, "email": guest.email, "phone": guest.phone, "notes": guest.note}
        said = before | {field: read_text(call.body[field]) for field in FIELDS if field in call.body}
        changed = replace(guest, name=said["name"], email=said["email"], phone=said["phone"], note=said["notes"])
        self._book.guests[guest.number] = changed
        return self._show(changed)

    def read_profile(self, call: Call) -> Json:
        guest = self.find(call.business, call.find_id())
        rows = self._appointments.list_of(call, guest)
        more: Json = {"appointments": rows, "invoices": [], "reviews": []}
        if self._switches.profile == "nested":
            return {"customer": self._show(guest), **more}
        return self._show(guest) | (more if self._switches.profile == "flat" else {})

    def find(self, business: Business, ident: str) -> Guest:
        guest = self._book.guests.get(int(ident)) if ident.isdecimal() and len(ident) < 10 else None
        if guest is None or guest.business != business.slug:
            raise missing("Customer")
        return guest

    def _matches(self, guest: Guest, text: str) -> bool:
        if text.casefold() in guest.name.casefold() or text.casefold() in guest.email.casefold():
            return True
        stored = _keep_digits(guest.phone) if self._switches.phone_search == "digits" else guest.phone
        wanted = _keep_digits(text) if self._switches.phone_search == "digits" else text
        return bool(wanted) and wanted in stored

    def _show(self, guest: Guest) -> Json:
        mine = [visit for visit in self._book.list_visits() if visit.guest_id == guest.number]
        return {
            "id": guest.number,
            "name": guest.name,
            "email": guest.email or None,
            "phone": guest.phone or None,
            "notes": guest.note or None,
            "totalBookings": len(mine),
            "totalSpent": sum(visit.extra.get("price", 0) for visit in mine if visit.status == "done"),
        }


def _keep_digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())

"""Clients (§6): found, made, linked by phone."""

import re

from bot.sandbox.salon import Book, Business, Guest, Place
from bot.sandbox.whautomate.call import Call, Json, Refusal, refuse_body
from bot.sandbox.whautomate.listings import cut_page
from bot.sandbox.whautomate.payloads import show_client
from bot.sandbox.whautomate.spelling import SPELLING
from bot.sandbox.whautomate.switches import Switches


class Clients:
    """Handlers of `/v1/clients`, and who an appointment is for."""

    def __init__(self, book: Book, switches: Switches) -> None:
        self._book = book
        self._switches = switches

    def list_clients(self, call: Call) -> list[Json]:
        """`searchText` is looked for in name, digits and e-mail."""
        wanted = call.query.get("searchText", "").casefold()
        rows = [show_client(call.business, guest, self._switches) for guest in self._list_guests(call.business)]
        fields = ("fullName", "phone", "email", "clientId")
        found = [row for row in rows if wanted in "\n".join(str(row[name]) for name in fields).casefold()]
        return cut_page(found, call, self._switches)

    def read_client(self, call: Call) -> Json:
        return show_client(call.business, self._find(call.business, call.ids["id"]), self._switches)

    def create_client(self, call: Call) -> Json:
        place_id = call.read_id("primaryLocation")
        place = next((one for one in call.business.places if SPELLING.place(one) == place_id), None)
        if place is None:
            raise refuse_body()
        phone = _join_phone(call.read_option("countryCode"), call.read_option("phone"), place)
        guest = self._book.add_guest(
            call.business, place, call.read_text("fullName"), phone=phone, email=call.read_option("email")
        )
        return show_client(call.business, guest, self._switches)

    def find_or_add(self, call: Call, place: Place) -> Guest:
        """By id, else by phone, else a new one. Raises `Refusal`."""
        wish = call.read_object("client")
        if wish.get("id"):
            return self._find(call.business, str(wish["id"]))
        name, code, digits = (wish.get(key) for key in ("fullName", "countryCode", "phone"))
        if not (isinstance(name, str) and name.strip() and isinstance(code, str) and isinstance(digits, str)):
            raise refuse_body()
        phone = _join_phone(code, digits, place)
        known = self._book.find_guest(call.business, phone=phone) if self._switches.inline_client_links_by_phone else None
        return known or self._book.add_guest(call.business, place, name.strip(), phone=phone)

    def _find(self, business: Business, ident: str) -> Guest:
        for guest in self._list_guests(business):
            if SPELLING.guest(guest.number) == ident:
                return guest
        raise Refusal(404, "Client not found")

    def _list_guests(self, business: Business) -> list[Guest]:
        return [guest for guest in self._book.guests.values() if guest.business == business.slug]


def _join_phone(code: str, digits: str, place: Place) -> str:
    """As the book keeps it: E.164, with a `|` behind a code that is not the place's own."""
    if not code and not digits:
        return ""
    if not re.fullmatch(r"\+\d{1,4}", code) or not re.fullmatch(r"\d{4,14}", digits):
        raise refuse_body()
    return f"{code}{digits}" if code == f"+{place.country.dial}" else f"{code}|{digits}"

"""Finds the customer, or makes one: never a stranger's record, never a second one if it can be helped."""

from dataclasses import replace
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from bot.errors import AskCustomer, FrontdeskError, OutcomeUnknown, TryAgain, VendorChanged
from bot.model import Contact, Location
from bot.vendors.bucket import Priority
from bot.vendors.schedly.client import SchedlyClient
from bot.vendors.schedly.payloads import SOURCE, CustomerRow, read_rows
from bot.vendors.schedly.refusals import Refusal

SEARCH_DIGITS = 9
"""Of a phone number, from its end: spellings differ in front and between (wire notes, section 7)."""


class CustomerBook:
    """Customers of one business, by the phone number or e-mail address they gave us."""

    def __init__(self, client: SchedlyClient) -> None:
        self._client = client

    async def find(self, location: Location, contact: Contact, *, priority: Priority, reference: str) -> str:
        """The id of the customer who really has this number, else this e-mail address; empty if there is none."""
        text = _list_digits(contact.phone)[-SEARCH_DIGITS:] or contact.email
        if not text:
            return ""
        try:
            data = await self._client.search_customers(text, priority=priority, reference=reference)
        except Refusal as refusal:
            raise refusal.translate(contact) from None
        mine = [row for row in read_rows(CustomerRow, data, "customers") if _is_same(row, location, contact)]
        return _pick(mine, contact)

    async def find_or_create(self, location: Location, contact: Contact, *, reference: str) -> str:
        """The customer's id. `AskCustomer`: a detail is missing or refused. `TryAgain`: a create got lost and shows nowhere."""
        contact = replace(contact, name=" ".join(contact.name.split()))
        if not contact.phone and not contact.email:
            raise _ask("error.phone_needed", reference)
        if not contact.name:
            raise _ask("error.name_needed", reference)
        found = await self.find(location, contact, priority=Priority.HOLD, reference=reference)
        return found or await self._create(location, contact, reference)

    async def _create(self, location: Location, contact: Contact, reference: str) -> str:
        """One create. When its answer is lost or says nothing it is looked up, never repeated."""
        details = {"name": contact.name, "email": contact.email, "phone": contact.phone}
        body = {name: value for name, value in details.items() if value}
        lost: FrontdeskError | None = None
        try:
            data: Any = await self._client.create_customer(body, reference=reference)
            rows = read_rows(CustomerRow, [data.get("customer", data) if isinstance(data, dict) else data], "customers")
            return rows[0].id
        except Refusal as refusal:
            error = refusal.translate(contact, is_write=True)
            if not isinstance(error, OutcomeUnknown):
                raise error from None
            lost = error
        except (OutcomeUnknown, VendorChanged) as error:
            lost = error
        found = await self.find(location, contact, priority=Priority.HOLD, reference=reference)
        if found:
            return found
        raise TryAgain("no customer after a lost create", source=SOURCE, verb="create_customer", reference=reference) from lost


def _is_same(row: CustomerRow, location: Location, contact: Contact) -> bool:
    """Whether it is this very number, or without one this very address. What cannot be told is not the same."""
    if not contact.phone:
        return row.email.casefold() == contact.email.casefold()
    try:
        stored = phonenumbers.parse(row.phone, location.country or None)
    except NumberParseException:
        return _list_digits(row.phone) == _list_digits(contact.phone)
    return phonenumbers.format_number(stored, PhoneNumberFormat.E164) == contact.phone


def _list_digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")


def _pick(rows: list[CustomerRow], contact: Contact) -> str:
    """One of several records of the same person: the one with the name given, then the oldest."""

    def rank(row: CustomerRow) -> tuple[bool, int, str]:
        return row.name.casefold() != contact.name.casefold(), len(row.id), row.id

    return min(rows, key=rank).id if rows else ""


def _ask(text_key: str, reference: str) -> AskCustomer:
    return AskCustomer(text_key, source=SOURCE, verb="create_customer", reference=reference)

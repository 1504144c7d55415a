"""Finds the customer among Zenoti's guests, or makes one: never a stranger's record, never a second one if it can be helped."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, TryAgain
from bot.model import Contact, Location
from bot.vendors.bucket import Priority
from bot.vendors.phones import national_digits
from bot.vendors.zenoti.client import Query, ZenotiClient
from bot.vendors.zenoti.mapping import same_id
from bot.vendors.zenoti.payloads import CountryRow, GuestRow, read_rows
from bot.vendors.zenoti.phones import Countries
from bot.vendors.zenoti.refusals import NO_ACCESS, Refusal

COUNTRIES_KEPT = timedelta(hours=24)
GENDER_UNSAID = -1
"""Left out, Zenoti stores 0: female."""
LAST_NAME_UNSAID = "-"
"""A last name is mandatory everywhere, and many customers give one name."""
PREFERENCES = {
    "receive_transactional_email": True,
    "receive_transactional_sms": True,
    "receive_marketing_email": False,
    "receive_marketing_sms": False,
}
"""Left out, all are stored as false."""
LOST_CREATE = timedelta(seconds=3)
"""Until a create whose answer got lost should show in a search."""

MISSING_FIELD = 481
FIELD_WORDS = {
    "mail": "error.email_needed",
    "phone": "error.phone_needed",
    "mobile": "error.phone_needed",
    "last name": "error.name_needed",
    "lastname": "error.name_needed",
    "last_name": "error.name_needed",
}
"""What a mandatory-field refusal may name that we can ask the customer for, in this order."""


class GuestBook:
    """Guests of one organization, by the phone number or e-mail address they gave us."""

    def __init__(self, client: ZenotiClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._countries: dict[str, tuple[datetime, Countries]] = {}
        self._reading: dict[str, asyncio.Lock] = {}
        self._center_only: set[str] = set()
        """Keys of organizations that refuse a search without a center."""
        self._proven: dict[str, int] = {}
        """By key, which of `_spell`'s digits find people there."""
        self._made: dict[str, str] = {}
        """By key, the number of a guest we made there before anybody was found: it proves the spelling, once."""

    async def find(
        self, location: Location, contact: Contact, *, priority: Priority, reference: str, is_last: bool = True
    ) -> str:
        """The id of the guest who really has this phone number, else this e-mail address; empty if there is none.

        Which digits the phone search compares is not documented: learned from whoever is found, or from a guest of our own.
        `is_last`: nobody looks after us, so try all of them.
        """
        if not contact.phone:
            rows = await self._search(location, ("email", contact.email), priority, reference) if contact.email else ()
            return _pick([row for row in rows if row.personal_info.email.lower() == contact.email.lower()], location, contact)
        countries = await self._list_countries(location, priority)
        if not national_digits(contact.phone):
            raise AskCustomer("error.phone_wrong", source="zenoti", verb="search_guests", reference=reference)
        key = self._client.settings.key_of(location.id)
        if key not in self._proven and key in self._made:
            await self._find_phone(location, self._made.pop(key), countries, priority=priority, reference=reference)
        mine = await self._find_phone(location, contact.phone, countries, priority=priority, reference=reference, is_last=is_last)
        return _pick(mine, location, contact)

    async def _find_phone(
        self, location: Location, phone: str, countries: Countries, *, priority: Priority, reference: str, is_last: bool = True
    ) -> list[GuestRow]:
        """Those who have this very number."""
        key = self._client.settings.key_of(location.id)
        first = self._proven.get(key, 0)
        for spelling in (first, 1 - first) if is_last else (first,):
            rows = await self._search(location, ("phone", _spell(phone)[spelling]), priority, reference)
            mine = [row for row in rows if countries.is_same(row.personal_info.mobile_phone, phone)]
            if mine:
                self._proven[key] = spelling
                return mine
        return []

    async def find_or_create(self, location: Location, contact: Contact, *, reference: str) -> str:
        """The guest's id. `AskCustomer`: a detail is missing or refused. `TryAgain`: the look after a lost create found none."""
        if not contact.phone and not contact.email:
            raise AskCustomer("error.phone_needed", source="zenoti", verb="create_guest", reference=reference)
        found = await self.find(location, contact, priority=Priority.HOLD, reference=reference, is_last=False)
        return found or await self._create(location, contact, reference)

    async def _create(self, location: Location, contact: Contact, reference: str) -> str:
        """One create. When its answer is lost or says nothing it is looked up, never repeated."""
        body = await self._describe(location, contact, reference)
        lost: OutcomeUnknown | None = None
        guest_id, refusal = "", None
        try:
            guest_id, refusal = await self._client.create_guest(location.id, body, reference=reference)
        except OutcomeUnknown as error:
            lost = error
        if not guest_id and refusal is None:
            guest_id = await self.find(location, contact, priority=Priority.HOLD, reference=reference)
        if guest_id:
            if contact.phone:
                self._made[self._client.settings.key_of(location.id)] = contact.phone
            return guest_id
        if lost is not None:
            raise TryAgain(
                "no guest after a lost create", after=LOST_CREATE, source="zenoti", verb="create_guest", reference=reference
            )
        raise self._explain(refusal or Refusal(MISSING_FIELD), contact, reference)

    def _explain(self, refusal: Refusal, contact: Contact, reference: str) -> FrontdeskError:
        """A missing mandatory field is refused with 481, with vague words, or with a 200 that has no id."""
        where = {"source": "zenoti", "verb": "create_guest", "reference": reference}
        if refusal.code != MISSING_FIELD and not (refusal.code is None and "mandatory" in refusal.message):
            refusal.verb, refusal.reference = "create_guest", reference
            return refusal.translate()
        named = next((key for word, key in FIELD_WORDS.items() if word in refusal.message), "")
        given = {"error.phone_needed": contact.phone, "error.email_needed": contact.email}
        if named and not given.get(named):
            return AskCustomer(named, **where)
        if not named and not (contact.phone and contact.email):
            return AskCustomer("error.email_needed" if contact.phone else "error.phone_needed", **where)
        return CallStaff("code 481: a mandatory guest field the bot does not ask for", **where)

    async def _describe(self, location: Location, contact: Contact, reference: str) -> dict[str, Any]:
        first, _, last = " ".join(contact.name.split()).partition(" ")
        if not first:
            raise AskCustomer("error.name_needed", source="zenoti", verb="create_guest", reference=reference)
        person: dict[str, Any] = {"first_name": first, "last_name": last or LAST_NAME_UNSAID, "gender": GENDER_UNSAID}
        body: dict[str, Any] = {"center_id": location.id, "personal_info": person, "preferences": PREFERENCES}
        if contact.email:
            person["email"] = contact.email
        if contact.phone:
            phone = (await self._list_countries(location, Priority.HOLD)).encode(contact.phone, location.country)
            if phone is None:
                raise AskCustomer("error.phone_wrong", source="zenoti", verb="create_guest", reference=reference)
            person["mobile_phone"] = {"country_code": phone.country_id, "number": phone.number}
        source = self._client.settings.referral_source_id
        if source:
            body["referral"] = {"referral_source": {"id": source}}
        return body

    async def _search(
        self, location: Location, what: tuple[str, str], priority: Priority, reference: str
    ) -> tuple[GuestRow, ...]:
        """Organization-wide where the tenant allows it, else in this center."""
        key = self._client.settings.key_of(location.id)
        scopes: list[Query] = [(what,)] if key not in self._center_only else []
        scopes.append((what, ("center_id", location.id)))
        for scope in scopes:
            try:
                data = await self._client.search_guests(location.id, scope, priority=priority, reference=reference)
            except Refusal as refusal:
                if scope is scopes[-1] or refusal.code in NO_ACCESS:
                    raise refusal.translate() from None
                self._center_only.add(key)
            else:
                return read_rows(GuestRow, data, "guests")
        return ()

    async def _list_countries(self, location: Location, priority: Priority) -> Countries:
        key = self._client.settings.key_of(location.id)
        async with self._reading.setdefault(key, asyncio.Lock()):  # one reader for all who book at once
            kept = self._countries.get(key)
            if kept is None or self._now() - kept[0] > COUNTRIES_KEPT:
                try:
                    data = await self._client.list_countries(location.id, priority=priority)
                except Refusal as refusal:
                    raise refusal.translate() from None
                kept = (self._now(), Countries(read_rows(CountryRow, data, "countries")))
                self._countries[key] = kept
        return kept[1]


def _spell(phone: str) -> tuple[str, str]:
    """The digits that a search may compare: without and with the country code."""
    return national_digits(phone), phone.lstrip("+")


def _pick(rows: list[GuestRow], location: Location, contact: Contact) -> str:
    """One of several records of the same person: the one with the name given, then the one of this center, then the first."""
    first_name = contact.name.strip().partition(" ")[0].casefold()

    def rank(row: GuestRow) -> tuple[bool, bool]:
        return row.personal_info.first_name.casefold() != first_name, not same_id(row.center_id, location.id)

    return min(rows, key=rank).id if rows else ""

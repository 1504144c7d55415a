"""Catalogue reads: locations, staff, categories, services, the account (§3, §9)."""

from bot.sandbox.salon import Directory, Place
from bot.sandbox.whautomate.call import Call, Json, Refusal, find_place
from bot.sandbox.whautomate.payloads import show_category, show_location, show_service, show_staff
from bot.sandbox.whautomate.switches import Switches


class Listings:
    """Handlers of everything that only reads what the business is."""

    def __init__(self, directory: Directory, switches: Switches) -> None:
        self._directory = directory
        self._switches = switches

    def read_account(self, call: Call) -> Json:
        return {"name": call.business.name, "plan": self._switches.plan}

    def list_locations(self, call: Call) -> list[Json]:
        return cut_page([show_location(place) for place in call.business.places], call, self._switches)

    def read_location(self, call: Call) -> Json:
        return show_location(find_place(self._directory, call.business, call.ids["id"]))

    def list_staff(self, call: Call) -> list[Json]:
        rows = [show_staff(place, person) for place in self._list_places(call) for person in place.people]
        return cut_page(search(rows, call, "firstName", "lastName"), call, self._switches)

    def read_staff(self, call: Call) -> Json:
        found = self._directory.find_person(call.ids["id"])
        if found is None or found[0] is not call.business:
            raise Refusal(404, "Invalid staffId")
        return show_staff(found[1], found[2])

    def list_categories(self, call: Call) -> list[Json]:
        rows = [
            show_category(place, name)
            for place in self._list_places(call)
            for name in dict.fromkeys(one.category for one in call.business.list_treatments(place))
        ]
        return cut_page(search(rows, call, "name"), call, self._switches)

    def list_services(self, call: Call) -> list[Json]:
        rows = [
            show_service(call.business, place, treatment)
            for place in self._list_places(call)
            for treatment in call.business.list_treatments(place)
        ]
        kind = call.query.get("serviceType", "")
        rows = [row for row in rows if kind in ("", row["serviceType"])]
        return cut_page(search(rows, call, "name"), call, self._switches)

    def read_service(self, call: Call) -> Json:
        for place in call.business.places:
            treatment = self._directory.find_treatment(place, call.ids["id"])
            if treatment is not None:
                return show_service(call.business, place, treatment)
        raise Refusal(404, "Invalid serviceId")

    def _list_places(self, call: Call) -> list[Place]:
        ident = call.query.get("locationId", "")
        return [find_place(self._directory, call.business, ident)] if ident else list(call.business.places)


def search(rows: list[Json], call: Call, *names: str) -> list[Json]:
    """Those in which `searchText` occurs."""
    wanted = call.query.get("searchText", "").casefold()
    return [row for row in rows if wanted in " ".join(str(row[name]) for name in names).casefold()]


def cut_page(rows: list[Json], call: Call, switches: Switches) -> list[Json]:
    """`page` counts from 1; there is no total. Raises `Refusal`."""
    size = min(call.read_number("limit", switches.default_page_size), switches.largest_page_size)
    page = call.read_number("page", 1)
    return rows[(page - 1) * size : page * size]

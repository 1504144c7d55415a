"""What is offered is what the business offers: places, services, people."""

from datetime import timedelta

from bot.sandbox.salon.harbour import HARBOUR
from tests.vendors.cases import each_switch
from tests.vendors.world import BANDRA, BROOKLYN, LISBON, Case, World, play


@each_switch
def test_everything_that_can_be_booked_is_read(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        locations = await world.vendor.list_locations()
        assert [(one.name, one.time_zone) for one in locations] == [(place.name, place.time_zone) for place in HARBOUR.places]
        for location, place in zip(locations, (LISBON, BROOKLYN, BANDRA), strict=True):
            assert location.currency in ("", place.currency)
            offered = {one.name: one for one in HARBOUR.list_treatments(place) if one.is_offered}
            services = {one.name: one for one in await world.vendor.list_services(location)}
            assert services.keys() == offered.keys()
            for name, service in services.items():
                assert timedelta() <= service.duration - timedelta(minutes=offered[name].minutes) < timedelta(minutes=15)
                if service.price is not None:
                    assert service.price.currency == place.currency
                    assert service.price.minor_units >= offered[name].minutes >= 0

    play(case, redis_url, scenario)


@each_switch
def test_those_who_do_a_service_are_listed_and_nobody_else(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        for name in ("Swedish massage", "Haircut & finish"):
            treatment = next(one for one in HARBOUR.treatments.values() if one.name == name)
            service = await world.find_service(name)
            staff = await world.vendor.list_staff(world.location, service.id)
            wanted = {person.first_name for person in HARBOUR.list_skilled(BANDRA, treatment)}
            assert {one.name.split()[0] for one in staff} == wanted
            assert len({one.id for one in staff}) == len(staff)

    play(case, redis_url, scenario, place=BANDRA)

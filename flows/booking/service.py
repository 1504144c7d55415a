"""The step that asks for the service."""

from collections.abc import Sequence

from bot.conversation.contract import Choice, Reply, Text
from bot.model import Service
from flows.booking.step import ListStep, Option
from flows.draft import Draft


class ServiceStep(ListStep):
    """One of the services of the picked location."""

    id = "service"

    async def list_options(self, draft: Draft) -> Sequence[Option]:
        return [Option(service.id, service.name, _label(service)) for service in await draft.services()]

    def miss(self, draft: Draft) -> None:
        draft.note("service.not_here")

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        key = "service.ask" if await draft.services() else "service.none"
        return await self.show(draft, Text(key, {"location": (await draft.picked_location()).name}), back)


def _label(service: Service) -> Text:
    if service.price is None:
        return Text("service.label", {"service": service.name, "length": service.duration})
    return Text("service.label_priced", {"service": service.name, "length": service.duration, "price": service.price})

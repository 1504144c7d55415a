"""The step that asks where."""

from collections.abc import Sequence

from bot.conversation.contract import Choice, Reply, Text
from flows.booking.step import ListStep, Option
from flows.draft import Draft


class LocationStep(ListStep):
    """One of the business's locations."""

    id = "location"

    async def list_options(self, draft: Draft) -> Sequence[Option]:
        return [Option(location.id, location.name, location.name) for location in await draft.locations()]

    def miss(self, draft: Draft) -> None:
        draft.note("location.gone")

    async def ask(self, draft: Draft, back: tuple[Choice, ...]) -> Reply:
        has_any = bool(await draft.locations())
        return await self.show(draft, Text("location.ask" if has_any else "location.none"), back)

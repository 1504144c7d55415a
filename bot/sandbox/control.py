"""The part of the control API that every emulator has: its faults."""

from dataclasses import asdict
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as validated

from bot.sandbox.faults import Fault, FaultKind, FaultPlan


@validated(config=ConfigDict(extra="forbid"))
class _Wish:
    operation: str
    kind: FaultKind
    times: Annotated[int, Field(ge=1)] = 1
    after: Annotated[int, Field(ge=0)] = 0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    status: int = 0
    account: str = ""


_WISH = TypeAdapter(_Wish)


def add_fault_routes(app: web.Application, plan: FaultPlan) -> None:
    """`GET`, `POST` and `DELETE /faults` on an emulator's control app."""

    async def show(_: web.Request) -> web.Response:
        return web.json_response([asdict(fault) for fault in plan.waiting])

    async def add(request: web.Request) -> web.Response:
        try:
            wish = _WISH.validate_json(await request.read())
        except ValidationError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        plan.add(Fault(**asdict(wish)))
        return web.json_response({"waiting": len(plan.waiting)}, status=201)

    async def clear(_: web.Request) -> web.Response:
        plan.clear()
        return web.json_response({"waiting": 0})

    app.router.add_get("/faults", show)
    app.router.add_post("/faults", add)
    app.router.add_delete("/faults", clear)

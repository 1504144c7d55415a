"""What every control route needs: read a body, find what it names, answer, say what is wrong."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.sandbox.telegram.chats import Chat, Person, open_private_chat
from bot.sandbox.telegram.people import ImpossibleAction
from bot.sandbox.telegram.platform import Account, Platform

_Wish = TypeVar("_Wish", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(data: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


async def read_wish(request: web.Request, kind: type[_Wish]) -> _Wish:
    """Raises pydantic's ValidationError."""
    return kind.model_validate_json(await request.read())


def find_account(platform: Platform, request: web.Request) -> Account:
    """Raises HTTPNotFound."""
    account = platform.accounts.get(int(request.match_info["bot"]))
    if account is None:
        raise web.HTTPNotFound(text="no such bot")
    return account


def find_person(platform: Platform, ident: int) -> Person:
    """Raises HTTPNotFound."""
    person = platform.people.get(ident)
    if person is None:
        raise web.HTTPNotFound(text="no such person")
    return person


def find_chat(platform: Platform, account: Account, ident: int) -> Chat:
    """A person who has not written yet has an empty chat, which is not kept. Raises HTTPNotFound."""
    chat = account.chats.get(ident)
    if chat is None and ident in platform.people:
        return open_private_chat(platform.people[ident])
    if chat is None:
        raise web.HTTPNotFound(text="no such chat")
    return chat


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Mistakes become `{"error": …}`: 400 unreadable, 404 unknown, 409 impossible."""
    try:
        return await handler(request)
    except ImpossibleAction as error:
        return answer({"error": str(error)}, 409)
    except ValidationError as error:
        return answer({"error": error.errors(include_url=False, include_context=False, include_input=False)}, 400)
    except orjson.JSONDecodeError as error:
        return answer({"error": str(error)}, 400)
    except web.HTTPException as error:
        return answer({"error": error.text}, error.status)

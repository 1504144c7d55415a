"""The floor: the least a durable Telegram bot does for a tap. One Lua trip, then the same two calls, then 200.

No flow, no order, no recovery, no texts: it is what the real bot's cost per turn is measured against.
`python floor.py PORT API_URL REDIS_URL`
"""

import asyncio
import sys

import aiohttp
import orjson
from aiohttp import web
from redis.asyncio import Redis

_SCRIPT = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', 691200) then return false end
local state = redis.call('GET', KEYS[2])
redis.call('SET', KEYS[2], ARGV[1])
redis.call('LPUSH', KEYS[3], ARGV[2])
redis.call('LTRIM', KEYS[3], 0, 9)
return state or ''
"""
_STATE = b"x" * 300
_KEYBOARD = {
    "inline_keyboard": [
        [{"text": f"Choice number {row} {column}", "callback_data": f"choice:{row}:{column}"} for column in range(2)]
        for row in range(4)
    ]
}


class Floor:
    def __init__(self, api_url: str, redis_url: str) -> None:
        self._api = f"{api_url}/bot1001:harbour-demo-token/"
        self._redis = Redis.from_url(redis_url, max_connections=4096, protocol=2)
        self._script = self._redis.register_script(_SCRIPT)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def take(self, request: web.Request) -> web.Response:
        update = orjson.loads(await request.read())
        tap = update.get("callback_query")
        chat = (tap or update)["message"]["chat"]["id"]
        keys = [f"seen:{update['update_id']}", f"state:{chat}", f"log:{chat}"]
        if await self._script(keys=keys, args=[_STATE, _STATE * 2]) is None:
            return web.Response()
        said = {"chat_id": chat, "text": f"A prompt of ordinary length, number {update['update_id']}.", "reply_markup": _KEYBOARD}
        if tap is None:
            await self._call("sendMessage", said)
        else:
            said["message_id"] = tap["message"]["message_id"]
            answer = {"callback_query_id": tap["id"]}
            await asyncio.gather(self._call("editMessageText", said), self._call("answerCallbackQuery", answer))
        return web.Response()

    async def _call(self, method: str, payload: dict[str, object]) -> None:
        assert self._session is not None
        headers = {"Content-Type": "application/json"}
        async with self._session.post(self._api + method, data=orjson.dumps(payload), headers=headers) as answer:
            orjson.loads(await answer.read())


async def main(port: int, api_url: str, redis_url: str) -> None:
    floor = Floor(api_url, redis_url)
    await floor.open()
    app = web.Application()
    app.router.add_post("/telegram/harbour", floor.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))

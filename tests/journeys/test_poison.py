"""What the bot cannot work on ends in an honest line and a way to a person, and in nobody else's way."""

import asyncio
from pathlib import Path

from bot.inbox.keys import Conversation, keys_of
from bot.redisclient import connect
from bot.redisserver import RedisServer
from tests.journeys.talk import open_house


def test_a_customer_whose_event_nobody_can_read_is_told_and_goes_on(tmp_path: Path) -> None:
    async def run() -> None:
        async with RedisServer(tmp_path / "redis", appendfsync="no") as server, open_house(redis_url=server.url) as house:
            mia, noah = await house.customer("Mia", phone="+351912345678"), await house.customer("Noah", phone="+351912345679")
            await mia.says("/start")
            await mia.taps("Harbour")
            await mia.reads("What would you like?")
            redis = connect(server.url)
            where = Conversation("harbour", "telegram", str(mia.chat))
            await redis.rpush(keys_of(where.id).inbox, b'1 {"body": {"kind": "hummed"}}')
            for _ in range(6):  # each line has the mailbox looked at again; without them it would take half a minute
                await mia.says("haircut", at_once=True)
            await noah.books_first_free()
            await mia.reads("With whom?")
            lines = await mia.lines()
            assert lines[1].startswith("Something went wrong on our side with what you just sent, so I have left it aside.")
            assert await house.metric("frontdesk_dead_letters_total", kind="event", reason="poison") == 1
            [apology] = [message for message in await mia.messages() if message["text"] == lines[1]]
            [person] = [row[0] for row in apology["inline_keyboard"] if row[0]["text"] == "Talk to a person"]
            await mia.taps_at(person | {"message_id": apology["message_id"]})
            await mia.reads("I have told the team of Harbour Studio")
            await mia.books_first_free()
            await redis.aclose()

    asyncio.run(run())

import asyncio
import json

import aiohttp
import pytest

from tests.bot.sandbox.setster.salon import LOGIN, open_salon


def test_a_login_hands_out_a_token_of_26_letters_and_digits() -> None:
    async def scenario() -> None:
        async with open_salon(is_logged_in=False) as salon:
            answer = await salon.log_in()
            assert (answer["statusCode"], answer["statusDescriptions"], answer["statusDescription"]) == (0, "OK", "OK")
            assert len(salon.token) == 26
            assert salon.token.isalnum()
            assert salon.token == salon.token.lower()
            assert answer["data"]["user"]["company_id"] == 3001

    asyncio.run(scenario())


@pytest.mark.parametrize("wrong", [{"email": "staff@harbour.example"}, {"token": "x"}, {"company_id": "3002"}])
def test_a_login_with_anything_wrong_is_refused(wrong: dict[str, str]) -> None:
    async def scenario() -> None:
        async with open_salon(is_logged_in=False) as salon:
            answer = await salon.log_in(**wrong)
            assert (salon.seen, answer["statusCode"], answer["data"]) == ([403], 403, None)

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [401, 403])
def test_nothing_is_read_without_a_session(status: int) -> None:
    async def scenario() -> None:
        async with open_salon(expired_status=status) as salon:
            salon.token = "x" * 26
            for path in ("/location", "/employee", "/service", "/appointment", "/account", "/tz/list", "/client"):
                answer = await salon.call("GET", path)
                assert (salon.seen[-1], answer["statusCode"]) == (status, status)
            salon.switch(expired_in_body=True)
            answer = await salon.call("GET", "/location")
            assert (salon.seen[-1], answer["statusCode"]) == (200, status)

    asyncio.run(scenario())


def test_a_session_ends_after_its_calls_or_its_time() -> None:
    async def scenario() -> None:
        async with open_salon(session_ttl_calls=2) as salon:
            await salon.read("/location")
            await salon.read("/location")
            assert (await salon.call("GET", "/location"))["statusCode"] == 403
            salon.switch(session_ttl_calls=0, session_ttl_s=60)
            await salon.log_in()
            await salon.read("/location")
            async with salon.session.post(f"{salon.address}/control/setster/sessions/end") as response:
                assert response.status == 200
            assert (await salon.call("GET", "/location"))["statusCode"] == 403

    asyncio.run(scenario())


def test_the_company_is_named_on_every_call() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            assert (await salon.call("GET", "/location", company_id=""))["statusCode"] == 1
            assert (await salon.call("GET", "/location", company_id="3002"))["statusCode"] == 1
            salon.switch(company_id_optional=True)
            assert (await salon.call("GET", "/location", company_id=""))["statusCode"] == 0

    asyncio.run(scenario())


def test_a_write_may_be_a_form_with_one_field() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            query = {"session_token": salon.token, "company_id": "3001"}
            form = {"data": json.dumps(await salon.wish())}
            assert (await salon.send("POST", "/appointment/", params=query, data=form))["statusCode"] == 0
            salon.switch(accept_form_data=False)
            assert (await salon.send("POST", "/appointment/", params=query, data=form))["statusCode"] == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_too_many_calls_are_answered_429(form: str) -> None:
    async def scenario() -> None:
        async with open_salon(rate_header=form) as salon:
            salon.switch(calls_per_minute=1)
            await salon.read("/location")
            url, query = f"{salon.address}/setster/api/v2/location", {"session_token": salon.token, "company_id": "3001"}
            async with salon.session.get(url, params=query) as response:
                assert response.status == 429
                header = response.headers.get("Retry-After", "")
            assert {"seconds": header.isdigit(), "date": header.endswith("GMT"), "none": header == ""}[form]

    asyncio.run(scenario())


def test_a_call_goes_on_when_its_client_has_hung_up() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            salon.fail("create", "cut_after")
            wish = await salon.wish()
            with pytest.raises(aiohttp.ClientError):
                await salon.call("POST", "/appointment", wish)
            (row,) = await salon.read("/appointment", client_email="noor@example.net")
            assert row["note"] == "[FD-1]"

    asyncio.run(scenario())


def test_what_is_no_endpoint_is_not_found() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            await salon.call("GET", "/coupon")
            assert salon.seen[-1] == 404

    asyncio.run(scenario())


def test_calls_are_counted_without_what_was_asked() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            await salon.read("/location")
            async with salon.session.get(f"{salon.address}/control/setster/calls") as response:
                text = await response.text()
            assert json.loads(text)["by_operation"] == {"authenticate": 1, "locations": 1}
            assert salon.token not in text
            assert LOGIN["email"] not in text

    asyncio.run(scenario())

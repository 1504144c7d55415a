"""Rule 9 and the words: a customer reads their own language, chooses it at any time, and staff read theirs."""

from tests.journeys.talk import House, play


def test_a_spanish_customer_reads_spanish_and_the_staff_english() -> None:
    async def scenario(house: House) -> None:
        carmen = await house.customer("Carmen", last_name="Ruiz", language="es", phone="+34612345678")
        await carmen.says("/start")
        await carmen.reads("¡Te damos la bienvenida a Harbour Studio!", "¿Adónde quieres venir?")
        for choice in ("Harbour", "Swedish", "Anna", "Hoy, lunes, 1 de marzo", "9:00", "Compartir mi número"):
            await carmen.taps(choice)
        assert await carmen.reads("¿Lo reservo?") == (
            "Hoy, lunes, 1 de marzo, 9:00 con Anna en Harbour (hora de Lisboa).\n\n"
            "Swedish massage, 60 min, 55 €.\n\n"
            "Nombre: Carmen Ruiz, +34 612 34 56 78. ¿Lo reservo?"
        )
        await carmen.taps("Reservar 9:00")
        await carmen.reads(
            "Reservado: hoy, lunes, 1 de marzo, 9:00 con Anna Lindqvist en Harbour (hora de Lisboa), Swedish massage."
        )
        await house.staff().reads(
            "Booked: today, Monday 1 March, 09:00 with Anna Lindqvist at Harbour (Lisbon time), Swedish massage. "
            "For Carmen Ruiz, +34 612 34 56 78. Ref. "
        )

    play(scenario)


def test_the_language_can_be_changed_at_any_step_and_the_step_stays() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        await mia.taps("Harbour")
        await mia.says("/language")
        await mia.taps("Español")
        await mia.reads("A partir de ahora, en español.", "Harbour. ¿Qué te gustaría?")
        await mia.taps("Swedish")
        await mia.says("english")
        await mia.reads("From now on in English.", "Swedish massage at Harbour, 60 min, €55. With whom?")
        await mia.says("idioma")
        await mia.reads("Which language do you prefer? · ¿Qué idioma prefieres?")
        await mia.says("español")
        await mia.taps("Anna")
        await mia.reads("¿Qué día?")

    play(scenario)


def test_what_was_chosen_outlives_the_phones_own_language_and_a_week() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", language="en")
        await mia.says("español")
        await mia.reads("A partir de ahora, en español.")
        await house.wait(days=7)
        await mia.says("/start")
        await mia.reads("¿Adónde quieres venir?")

    play(scenario)


def test_a_language_we_do_not_ship_falls_back_to_the_business_first() -> None:
    async def scenario(house: House) -> None:
        for language in ("ja", "", "pt-br"):
            person = await house.customer("Aki", language=language)
            await person.says("/start")
            await person.reads("Welcome to Harbour Studio!")

    play(scenario)


def test_words_of_every_language_are_understood_in_any() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        await mia.taps("Harbour")
        for word, answer in (("atrás", "Where would you like to come?"), ("menú", "what would you like to do?")):
            await mia.says(word)
            await mia.reads(answer)
        await mia.taps("Go on with my booking")
        await mia.says("swedish massage con anna mañana después de las 4")
        await mia.reads("Swedish massage with Anna at Harbour, tomorrow, Tuesday 2 March. From 16:00 on:")

    play(scenario)

"""Rule 1: one location, one therapist: what has one possible answer is never asked, and stands in the summary."""

from tests.journeys.talk import CLINIC, CLINIC_DESK, House, play


def test_a_business_with_one_place_and_one_therapist_asks_for_neither() -> None:
    async def scenario(house: House) -> None:
        carmen = await house.customer("Carmen", last_name="Ruiz", language="es", phone="+34612345678", bot=CLINIC)
        await carmen.says("/start")
        await carmen.reads("¡Te damos la bienvenida a Riverside Physio!", "Riverside Physio. ¿Qué te gustaría?")
        await carmen.taps("Sesión de fisioterapia")
        await carmen.reads("Sesión de fisioterapia con Lucía en Riverside Physio. ¿Qué día?")
        await carmen.taps("Martes, 9 de marzo")
        await carmen.taps("11:30")
        await carmen.taps("Compartir mi número")
        assert await carmen.reads("¿Lo reservo?") == (
            "Martes, 9 de marzo, 11:30 con Lucía en Riverside Physio.\n\n"
            "Sesión de fisioterapia, 60 min, 55 €.\n\n"
            "Nombre: Carmen Ruiz, +34 612 34 56 78. ¿Lo reservo?"
        )
        assert not [label for label in await carmen.buttons() if "persona" in label and "Hablar" not in label]
        await carmen.taps("Reservar")
        what = "Reservado: martes, 9 de marzo, 11:30 con Lucía Romero en Riverside Physio, Sesión de fisioterapia."
        await carmen.reads(what)
        assert carmen.taps_made == 5
        await house.staff(CLINIC_DESK, CLINIC).reads(what)
        [made] = await house.appointments()
        assert (made["location_name"], made["start_utc"]) == ("Riverside Physio", "2027-03-09T10:30:00Z")

    play(scenario)


def test_back_from_the_first_question_says_that_there_is_nothing_before_it() -> None:
    async def scenario(house: House) -> None:
        carmen = await house.customer("Carmen", last_name="Ruiz", language="es", bot=CLINIC)
        await carmen.says("/start")
        await carmen.says("atrás")
        await carmen.reads("¿Qué te gustaría?")
        await carmen.taps("Sesión de fisioterapia")
        await carmen.taps("Atrás")
        await carmen.reads("Riverside Physio. ¿Qué te gustaría?")

    play(scenario)


def test_the_two_businesses_know_nothing_of_each_other() -> None:
    """The same person at both: no name, number, language or booking of one is known to the other."""

    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        at_clinic = await house.customer("Mia", phone="+351912345678", bot=CLINIC)
        at_clinic.chat = mia.chat
        await at_clinic.says("/start")
        await at_clinic.reads("Riverside Physio. What would you like?")
        assert await house.staff(CLINIC_DESK, CLINIC).lines() == []

    play(scenario)

"""What is long over raises no alarm; what is told with it and lasts today still does."""

import pytest


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "our team committed suicide last night (football)"),
        ("en", "the fridge is dead and my insulin needs cold"),
        ("en", "I tried to kill myself ten years ago"),
        ("en", "I attempted suicide in 2012, I am fine now"),
        ("en", "my father had a stroke in 2020"),
        ("en", "my ex used to hit me, we divorced in 2015"),
        ("en", "we slept in the car last winter, now we have a flat"),
        ("ro", "mă plictisesc de moarte"),
        ("ro", "am avut un AVC în 2020"),
        ("ro", "am încercat să mă sinucid acum zece ani"),
        ("fr", "AVC en 2020"),
        ("fr", "j'ai fait une TS en 2015"),
        ("fr", "mon père a fait un infarctus l'année dernière"),
        ("es", "intenté suicidarme hace diez años"),
        ("pt", "tentei matar-me há dez anos"),
        ("uk", "десять років тому хотіла покінчити з собою"),
        ("tr", "on yıl önce intihara kalkıştım"),
        ("ar", "حاولت الانتحار قبل عشر سنوات"),
        ("ar", "كنا نبيت في السيارة والآن عندنا شقة"),
    ],
)
def test_a_danger_long_over_or_a_manner_of_speaking_is_ordinary(safety_check, language, text):
    assert safety_check.check(text, language).kind == "none"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "my father had a stroke in 2020 and now he can't speak and his face is drooping"),
        ("en", "I tried to kill myself ten years ago and I want to die tonight"),
        ("en", "my ex used to hit me, he is at the door now"),
        ("ro", "am încercat să mă sinucid acum zece ani și acum vreau să mor"),
        ("fr", "j'ai fait une TS en 2015 et j'ai encore envie de mourir"),
        ("fr", "j'ai fait une tentative il y a dix ans et j'y pense encore ce soir"),
        ("es", "intenté suicidarme hace diez años y hoy quiero morir"),
        ("pt", "tentei matar-me há dez anos e agora quero morrer"),
        ("uk", "десять років тому хотіла покінчити з собою, і зараз хочу померти"),
        ("tr", "on yıl önce intihara kalkıştım, şimdi de ölmek istiyorum"),
        ("ar", "حاولت الانتحار قبل عشر سنوات والآن أريد أن أموت"),
        ("ar", "كنا نبيت في السيارة والآن ننام في الشارع"),
        ("en", "my husband has hit me since 2015"),
        ("es", "mi marido me pega desde 2019"),
        ("pt", "o meu marido bate-me desde 2018"),
        ("ro", "mă bate din 2019"),
        ("uk", "чоловік б'є мене з 2019 року"),
        ("ar", "زوجي يضربني منذ سنوات"),
    ],
)
def test_a_danger_of_today_is_heard_beside_one_long_over(safety_check, language, text):
    assert safety_check.check(text, language).alert


@pytest.mark.parametrize(
    ("language", "text", "medical"),
    [
        ("ar", "شحال من حبة ناخد فالنهار", True), ("ar", "wach dwa l7emma kaydorr", True),
        ("ar", "ما هي أعراض الربو", True), ("ar", "ركبتي منفوخة واش خطير", True),
        ("ar", "أبحث عن عمل قريب من الدار", False), ("en", "I'm pregnant, which allowance can I ask for", False),
        ("en", "my cat needs an operation", False), ("es", "¿es grave si no pago el alquiler?", False),
        ("pt", "qual foi o resultado do meu pedido", False), ("uk", "у квартирі 12 градусів, холодно", False),
    ],
)  # fmt: skip
def test_questions_of_health_are_told_from_papers_animals_and_cold_flats(safety_check, language, text, medical):
    assert safety_check.check(text, language).medical is medical

"""One SMS in, one answer out."""


def test_the_first_message_gets_one_sms_that_says_who_we_are(resident):
    answers = resident.says("bonjour")

    (answer,) = answers
    assert "Passerelle" in answer
    assert "STOP" in answer

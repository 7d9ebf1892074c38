"""The SMS door takes what Twilio signed, once, and answers a danger even with everything else down."""

from urllib.parse import urlencode

import pytest

from passerelle.channels.twilio_signature import sign
from passerelle.foundation.errors import NotAllowed

PHONE = "+33639980001"
NUMBER = "+33939980000"
URL = "http://localhost:8000"
FORM_TYPE = "application/x-www-form-urlencoded"


def form(**changes):
    sid = "SM" + "1" * 32
    fields = {"MessageSid": sid, "From": PHONE, "To": NUMBER, "Body": "bonjour", "NumMedia": "0"}
    return {name: value for name, value in (fields | changes).items() if value is not None}


async def post(house, fields, *, path="/sms/twilio", token="secret-token", content_type=FORM_TYPE, **headers):
    pairs = fields if isinstance(fields, list) else list(fields.items())
    signed = {name: [value for other, value in pairs if other == name] for name, _ in pairs}
    headers = {"Content-Type": content_type, "X-Twilio-Signature": sign(URL + path, signed, token=token)} | headers
    return await house.client.post(path, content=urlencode(pairs), headers=headers)


async def test_a_signed_message_is_accepted_and_nothing_is_said_yet(house):
    response = await post(house, form(Body="bonjour  l'e\u0301quipe"))

    (inbound,) = house.inbox.accepted.values()
    assert response.status_code == 204
    assert response.content == b""
    assert (inbound.channel, inbound.provider, inbound.address) == ("sms", "twilio", PHONE)
    assert inbound.text == "bonjour  l'équipe"


async def test_the_same_message_three_times_is_accepted_once_and_answered_alike(house):
    answers = await house.twilio.deliver_inbound(PHONE, "bonjour", times=3)

    assert answers == [204, 204, 204]
    assert len(house.inbox.accepted) == 1


async def test_a_wrong_signature_is_refused_without_a_word(house):
    response = await post(house, form(), token="another")

    assert (response.status_code, response.content) == (403, b"")
    assert house.inbox.calls == 0


async def test_the_host_header_decides_nothing(house):
    """The signature is checked over the configured address, so a proxy's or an attacker's Host changes nothing."""
    response = await post(house, form(), Host="evil.example.net")

    assert response.status_code == 204


async def test_a_picture_without_words_is_accepted_with_an_empty_text(house):
    await post(house, form(MessageSid="MM" + "2" * 32, Body=None, NumMedia="2"))

    (inbound,) = house.inbox.accepted.values()
    assert (inbound.text, inbound.media_count) == ("", 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"MessageSid": "SM123"},
        {"MessageSid": "SM" + "G" * 32},
        {"MessageSid": "SM" + "1" * 33},
        {"MessageSid": None},
        {"From": "0639980001"},
        {"From": "+33639980001\n"},
        {"From": "+999999999999"},
        {"From": "whatsapp:+33639980001"},
        {"To": "+33939980009"},
        {"To": None},
        {"NumMedia": "-1"},
        {"NumMedia": "٣"},
    ],
)
async def test_a_signed_form_of_another_shape_is_refused(house, changes):
    assert (await post(house, form(**changes))).status_code == 400
    assert house.inbox.calls == 0


async def test_a_field_sent_twice_has_no_meaning(house):
    pairs = [*form().items(), ("From", "+33639980002")]

    assert (await post(house, pairs)).status_code == 400


async def test_the_same_signed_characters_cut_elsewhere_are_refused(house):
    """Twilio signs names and values without separators; a replay may move the boundary (A2)."""
    genuine = form(Body="bonjour")
    signature = sign(URL + "/sms/twilio", {name: [value] for name, value in genuine.items()}, token="secret-token")
    cut = {name: value for name, value in genuine.items() if name not in {"Body", "From"}}
    cut["Body"] = "bonjourFrom" + PHONE
    response = await house.client.post("/sms/twilio", data=cut, headers={"X-Twilio-Signature": signature})

    assert response.status_code == 400
    assert house.inbox.calls == 0


async def test_only_small_uncompressed_forms_are_read(house):
    assert (await post(house, form(Body="x" * 70_000))).status_code == 413
    assert (await post(house, form(), content_type="application/json")).status_code == 415
    assert (await post(house, form(), content_type="multipart/form-data; boundary=x")).status_code == 415
    assert (await post(house, form(), **{"Content-Encoding": "gzip"})).status_code == 415
    assert (await post(house, form(), **{"Content-Length": "9999999"})).status_code == 413
    assert (await house.client.get("/sms/twilio")).status_code == 405


async def test_a_body_without_announced_length_is_cut_off_at_the_limit(house):
    sent = 0

    async def endless():
        nonlocal sent
        while sent < 10_000_000:
            sent += 16_384
            yield b"Body=" + b"x" * 16_379

    response = await house.client.post("/sms/twilio", content=endless(), headers={"Content-Type": FORM_TYPE})

    assert response.status_code == 413


@pytest.mark.parametrize("body", [b"\xff\xfe", b"Body=%ff", b"&".join([b"a=1"] * 101), b"Body"])
async def test_a_body_that_is_no_form_is_refused(house, body):
    response = await house.client.post("/sms/twilio", content=body, headers={"Content-Type": FORM_TYPE})

    assert response.status_code == 400


async def test_a_very_long_text_is_cut_before_it_costs_anything(house):
    await post(house, form(Body="é" * 5000))

    (inbound,) = house.inbox.accepted.values()
    assert len(inbound.text) == 1600


async def test_a_known_id_with_another_content_is_refused(house):
    house.inbox.error = NotAllowed()

    assert (await post(house, form())).status_code == 403
    assert not house.spool.folder.exists()


async def test_with_the_database_down_a_message_is_kept_on_disk_and_acknowledged(house):
    house.database_down()

    response = await post(house, form(Body="bonjour j'ai besoin d'aide"))

    assert response.status_code == 200
    assert "<Message>Message bien recu.</Message>" in response.text
    (kept,) = house.spool.folder.iterdir()
    assert b"besoin" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_a_kept_message_reaches_the_inbox_once_it_answers(house):
    house.database_down()
    await post(house, form())
    await post(house, form())

    assert house.spool.replay(house.inbox.accept) == 0
    house.inbox.error = None
    assert house.spool.replay(house.inbox.accept) == 1
    assert house.spool.replay(house.inbox.accept) == 0
    (inbound,) = house.inbox.accepted.values()
    assert (inbound.text, inbound.received_at.isoformat()) == ("bonjour", "2026-11-22T10:00:00+00:00")


async def test_one_message_the_inbox_cannot_digest_does_not_hold_the_others(house):
    house.database_down()
    await post(house, form())
    await post(house, form(MessageSid="SM" + "2" * 32))
    house.inbox.error = None

    def choosy(inbound):
        if inbound.provider_id.endswith("1"):
            raise ValueError
        return house.inbox.accept(inbound)

    assert house.spool.replay(choosy) == 1
    assert len(list(house.spool.folder.glob("*.sealed"))) == 1


@pytest.mark.parametrize("disk_full", [False, True])
async def test_with_the_database_down_a_danger_is_answered_at_once(house, disk_full):
    house.database_down()
    if disk_full:
        house.spool.folder.write_text("a file where the folder should be")

    response = await post(house, form(Body="je veux mourir"))

    assert response.status_code == 200
    assert "Appelez le 15 &amp; le 112." in response.text


async def test_with_the_database_and_the_disk_down_twilio_is_asked_to_come_back(house):
    house.database_down()
    house.spool.folder.write_text("a file where the folder should be")

    response = await post(house, form())

    assert (response.status_code, response.content) == (503, b"")


async def test_a_fault_of_ours_silences_neither_a_danger_nor_a_message(house):
    house.inbox.error = KeyError("je veux mourir")

    assert "Appelez le 15" in (await post(house, form(Body="je veux mourir"))).text
    assert (await post(house, form(MessageSid="SM" + "3" * 32))).status_code == 200


async def test_a_status_is_recorded_with_its_notice(house):
    fields = {"MessageSid": "SM" + "4" * 32, "MessageStatus": "undelivered", "ErrorCode": "30003"}

    response = await post(house, fields, path="/sms/twilio/status/notice-1")

    assert response.status_code == 204
    assert house.statuses == [("notice-1", "SM" + "4" * 32, "undelivered", "30003")]


async def test_a_status_signed_for_another_notice_is_refused(house):
    fields = {"MessageSid": "SM" + "4" * 32, "MessageStatus": "delivered"}
    signature = sign(URL + "/sms/twilio/status/notice-1", {k: [v] for k, v in fields.items()}, token="secret-token")
    response = await house.client.post(
        "/sms/twilio/status/notice-2", data=fields, headers={"X-Twilio-Signature": signature}
    )

    assert response.status_code == 403
    assert house.statuses == []


@pytest.mark.parametrize("changes", [{"MessageSid": "x"}, {"MessageStatus": "<b>"}, {"ErrorCode": "none"}])
async def test_a_status_of_another_shape_is_refused(house, changes):
    fields = {"MessageSid": "SM" + "4" * 32, "MessageStatus": "delivered", "ErrorCode": ""} | changes

    assert (await post(house, fields, path="/sms/twilio/status/notice-1")).status_code == 400

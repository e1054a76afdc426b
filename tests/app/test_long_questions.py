"""Questions too long for an address are asked by POST and answered as the GET they stand for."""

from __future__ import annotations

import json
import math

from tests.app.conftest import SignIn

BOX = {"bbox": "121.3,31.1,121.6,31.3", "zoom": "12"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _circle(corners: int) -> str:
    angles = [2 * math.pi * n / corners for n in range(corners)]
    ring = [[121.44 + 0.2 * math.cos(angle), 31.2 + 0.2 * math.sin(angle)] for angle in angles]
    return json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})


def test_a_polygon_of_many_corners_gives_what_one_of_few_gives(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    for question in (
        "/api/map",
        "/api/layers/shops/map",
        "/api/layers/shops/facets",
        "/api/layers/shops/places",
    ):
        box = BOX if question.endswith("map") else {}
        short = client.get(question, params={**box, "within": _circle(30)}).json()
        answer = client.post(question, data={**box, "within": _circle(10_000)})
        assert answer.status_code == 200
        assert answer.json()["total"] == short["total"] > 0


def test_what_is_wrong_in_a_long_question_is_named(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    for wrong in ({"q": "a" * 1_000_000}, {"colour": "red"}, {"within": _circle(10_000)[:-9]}):
        answer = client.post("/api/map", data={**BOX, **wrong})
        assert answer.status_code == 422
        assert answer.json()["parameter"] == next(iter(wrong))


def test_a_question_that_is_no_form_or_endless_is_refused(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    assert client.post("/api/map", json=BOX).json()["type"] == "urn:yiping:not_a_form"
    endless = client.post("/api/map", content=b"q=" + b"a" * 3_000_000, headers=FORM)
    assert (endless.status_code, endless.json()["type"]) == (413, "urn:yiping:too_long")


def test_who_may_not_ask_by_address_may_not_by_post_either(sign_in: SignIn) -> None:
    client = sign_in("public")
    assert (
        client.post("/api/layers/nights/map", data=BOX).status_code
        == client.get("/api/layers/nights/map", params=BOX).status_code
    )
    assert client.post("/api/login", data=BOX).status_code == 422
    other = client.post("/api/map", data=BOX, headers={"Sec-Fetch-Site": "cross-site"})
    assert other.status_code == 403

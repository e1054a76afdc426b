"""Objections over HTTP and on the screens, as every role: who may, who reads what, and what is refused how."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.server import Screens
from data.status import judge_places
from layers.core.access import Role
from layers.core.citytime import day_of
from tests.app.conftest import SignIn
from tests.app.walk import body_of, callbacks_of, events_after, newest_event, said
from tests.small_city import NOW, SmallCity

ROLES = [role.value for role in Role]
WORDS = "证件已于上月延续，系统未更新"
WHY = "请更新许可证的有效期"


@pytest.fixture(autouse=True)
def expired(city_engine: Engine, small_city: SmallCity) -> None:
    """The food permit of the merchant's shop has run out, and nobody has objected."""
    given = {"id": small_city.merchant_shop, "end": day_of(NOW) - timedelta(days=12)}
    with city_engine.begin() as connection:
        connection.execute(text("DELETE FROM \"case\" WHERE kind = 'contest'"))
        sql = "UPDATE permit SET valid_to = :end WHERE place_id = :id AND kind = 'food_business'"
        connection.execute(text(sql), given)
        judge_places(connection, [small_city.merchant_shop], NOW)


def _reason(client: TestClient, city: SmallCity) -> dict[str, Any]:
    reasons = client.get(f"/api/places/{city.merchant_shop}").json()["properties"]["reasons"]
    return dict(next(reason for reason in reasons if reason["code"] == "permit.expired"))


def _body(client: TestClient, city: SmallCity, **more: Any) -> dict[str, Any]:
    reason = _reason(client, city)
    return {name: reason[name] for name in ("code", "rule_id", "fact")} | {"words": WORDS} | more


def _object(client: TestClient, city: SmallCity, body: dict[str, Any]) -> Any:
    return client.post(f"/api/places/{city.merchant_shop}/contests", json=body)


def _contests(answer: Any) -> list[dict[str, Any]]:
    return [row for row in answer.json()["properties"]["cases"] if row["kind"] == "contest"]


def _objected(sign_in: SignIn, city: SmallCity) -> int:
    client = sign_in("merchant")
    return int(_contests(_object(client, city, _body(client, city)))[0]["id"])


def test_every_role_may_object_as_the_table_says(
    sign_in: SignIn, small_city: SmallCity, city_engine: Engine
) -> None:
    body = _body(sign_in("supervisor"), small_city)
    for role in ROLES:
        client = sign_in(role)
        before = newest_event(city_engine)
        answer = _object(client, small_city, body)
        assert answer.status_code == (200 if role == "merchant" else 403), role
        assert events_after(city_engine, before) == ([(role, "contest")] if role == "merchant" else [])


@pytest.mark.parametrize("step", ["decide", "withdraw"])
def test_every_role_may_end_an_objection_as_the_table_says(
    sign_in: SignIn, small_city: SmallCity, city_engine: Engine, step: str
) -> None:
    contest, may = _objected(sign_in, small_city), "supervisor" if step == "decide" else "merchant"
    body = {"outcome": "rejected", "words": WHY} if step == "decide" else None
    for role in [role for role in ROLES if role != may] + [may]:
        client = sign_in(role)
        before = newest_event(city_engine)
        answer = client.post(f"/api/contests/{contest}/{step}", json=body)
        assert answer.status_code == (200 if role == may else 403), role
        written = [(role, f"contest_{step}")] if role == may else []
        assert events_after(city_engine, before) == written
    again = sign_in(may).post(f"/api/contests/{contest}/{step}", json=body)
    assert (again.status_code, again.json()["type"]) == (409, "urn:yiping:contest_ended")


def test_the_words_are_read_by_who_handles_them_and_who_wrote_them(
    sign_in: SignIn, small_city: SmallCity
) -> None:
    contest = _objected(sign_in, small_city)
    sign_in("supervisor").post(
        f"/api/contests/{contest}/decide", json={"outcome": "upheld", "words": "答复在此"}
    )
    reads, knows = {"merchant", "inspector", "supervisor"}, {"merchant", "inspector", "supervisor", "admin"}
    for role in ROLES:
        client = sign_in(role)
        card = client.get(f"/api/places/{small_city.merchant_shop}")
        assert (WORDS in said(card)) == (role in reads), role
        assert ("答复在此" in said(card)) == (role in knows), role
        for form in ("csv", "geojson"):
            export = client.get(f"/api/layers/shops/export.{form}")
            assert WORDS not in said(export), role
            assert "答复在此" not in said(export), role


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [
        ({"words": "太短"}, "words"),
        ({"words": None}, "words"),
        ({"kind": "grudge"}, "kind"),
        ({"fact": "a\0b"}, "fact"),
        ({"rule_id": "another"}, "code"),
        ({"by": "somebody else"}, "by"),
    ],
)
def test_what_cannot_be_meant_is_named(
    sign_in: SignIn, small_city: SmallCity, changed: dict[str, Any], parameter: str
) -> None:
    client = sign_in("merchant")
    answer = _object(client, small_city, _body(client, small_city, **changed))
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)


@pytest.mark.parametrize("given", [{"outcome": "withdrawn", "words": WHY}, {"outcome": "x", "words": WHY}])
def test_a_decision_is_one_of_two(sign_in: SignIn, small_city: SmallCity, given: dict[str, str]) -> None:
    contest = _objected(sign_in, small_city)
    answer = sign_in("supervisor").post(f"/api/contests/{contest}/decide", json=given)
    assert (answer.status_code, answer.json()["parameter"]) == (422, "outcome")


def test_what_is_under_review_already_is_a_conflict(sign_in: SignIn, small_city: SmallCity) -> None:
    client = sign_in("merchant")
    body = _body(client, small_city)
    assert [_object(client, small_city, body).status_code for _ in range(2)] == [200, 200]
    other = _object(client, small_city, body | {"words": WORDS * 2})
    assert (other.status_code, other.json()["type"]) == (409, "urn:yiping:under_review")
    assert "撤回" in other.json()["detail"]


def test_lists_and_cards_say_what_is_under_review(sign_in: SignIn, small_city: SmallCity) -> None:
    _objected(sign_in, small_city)
    client = sign_in("inspector")
    listed = client.get("/api/layers/shops/places").json()["features"]
    reviewed = {f["id"] for f in listed if f["properties"]["under_review"]}
    assert reviewed == {small_city.merchant_shop}
    assert _reason(client, small_city)["contested"] is True


def test_the_description_names_what_is_sent(sign_in: SignIn) -> None:
    document = sign_in("public").get("/api/openapi.json").json()
    schemas = document["components"]["schemas"]
    for path, name, needed in (
        ("/api/places/{id}/contests", "ObjectionBody", {"code", "rule_id", "fact", "words"}),
        ("/api/contests/{id}/decide", "DecisionBody", {"outcome", "words"}),
    ):
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert body["$ref"].endswith(name)
        assert set(schemas[name]["required"]) == needed
    assert "post" in document["paths"]["/api/contests/{id}/withdraw"]


def _press(client: TestClient, screens: Screens, name: str, given: dict[str, Any]) -> str:
    call = callbacks_of(screens)[f"callbacks.contests.{name}"]
    return said(client.post("/_dash-update-component", json=body_of(*call, given)))


@pytest.mark.parametrize("role", ROLES)
def test_every_role_does_on_the_sheet_what_the_table_says(
    application: tuple[FastAPI, Screens],
    sign_in: SignIn,
    small_city: SmallCity,
    city_engine: Engine,
    role: str,
) -> None:
    contest, client = str(_objected(sign_in, small_city)), sign_in(role)
    about = {"place": small_city.merchant_shop, "about": contest}
    for do, action, may in (
        ("rejected", "contest_decide", "supervisor"),
        ("withdrawn", "contest_withdraw", "merchant"),
    ):
        sheet = _press(client, application[1], "ask", {"contest": [(about | {"do": do}, 1)]})
        assert ("contest-send" in sheet) == (role == may), do
        before = newest_event(city_engine)
        sent = {"contest-send": 1, "contest-about": about | {"do": do}, "contest-words": WHY}
        told = _press(client, application[1], "send", sent)
        assert ('"turn"' in told) == (role == may), do
        assert events_after(city_engine, before) == ([(role, action)] if role == may else [])
    reason = _reason(sign_in("supervisor"), small_city)
    key = "|".join(reason[name] for name in ("code", "rule_id", "fact"))
    asked = {"do": "object", "place": small_city.merchant_shop, "about": key}
    sheet = _press(client, application[1], "ask", {"contest": [(asked, 1)]})
    assert ("contest-send" in sheet) == (role == "merchant")


def test_the_page_of_a_place_offers_what_its_viewer_may_do(
    application: tuple[FastAPI, Screens], sign_in: SignIn, small_city: SmallCity
) -> None:
    call = callbacks_of(application[1])["callbacks.place.renew"]
    body = body_of(*call, {"place-shown": {"id": small_city.merchant_shop}})

    def offered(words: str) -> list[str]:
        return [
            role for role in ROLES if words in said(sign_in(role).post("/_dash-update-component", json=body))
        ]

    assert offered('"do": "object"') == ["merchant"]
    assert offered("review") == []
    _objected(sign_in, small_city)
    assert offered('"do": "object"') == []
    assert offered('"do": "withdrawn"') == ["merchant"]
    assert offered('"do": "upheld"') == offered('"do": "rejected"') == ["supervisor"]
    assert set(offered("复核中")) == {
        "merchant",
        "agency",
        "inspector",
        "supervisor",
        "admin",
    }

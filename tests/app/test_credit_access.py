"""Credit records on the screens and over HTTP, as every role: who may do what, and who reads what."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.explain import words_of
from app.server import Screens
from data.explain import explain
from data.status import judge_places
from layers.core.access import Role
from tests.app.conftest import SignIn
from tests.app.walk import body_of, callbacks_of, events_after, newest_event, said
from tests.layers.test_credit_entry import RIGHT
from tests.small_city import NOW, THERE, SmallCity

ROLES = [role.value for role in Role]
WHY = "请补充检测结论后再申请"
BOTH = ["fulfilled", "pledged"]
FORM = {f"credit-{name.replace('_', '-')}": value for name, value in RIGHT.items()}
Application = tuple[FastAPI, Screens]


@pytest.fixture(autouse=True)
def outlet(city_engine: Engine, small_city: SmallCity) -> int:
    """A breakfast outlet of the merchant's firm, of which no record is known; it is public."""
    place_id = small_city.ids["breakfast", THERE]
    with city_engine.begin() as connection:
        connection.execute(text("DELETE FROM credit_record"))
        connection.execute(text("UPDATE place SET enterprise_id = 1 WHERE id = :id"), {"id": place_id})
        judge_places(connection, [small_city.merchant_shop, place_id], NOW)
    return place_id


def _press(client: TestClient, application: Application, name: str, given: dict[str, Any]) -> str:
    call = callbacks_of(application[1])[f"callbacks.credit.{name}"]
    return said(client.post("/_dash-update-component", json=body_of(*call, given)))


def _about(do: str, city: SmallCity, about: int = 0) -> dict[str, Any]:
    return {"do": do, "place": city.merchant_shop, "about": about}


def _ask(client: TestClient, application: Application, about: dict[str, Any]) -> str:
    return _press(client, application, "ask", {"credit": [(about, 1)]})


def _send(client: TestClient, application: Application, about: dict[str, Any]) -> str:
    given = {"credit-send": 1, "credit-about": about, "credit-declared": BOTH, "credit-words": WHY}
    return _press(client, application, "send", given)


def _enter(client: TestClient, application: Application, city: SmallCity, **changed: str) -> str:
    form = FORM | {f"credit-{name.replace('_', '-')}": value for name, value in changed.items()}
    return _press(
        client, application, "enter", {"credit-save": 1, "credit-about": _about("enter", city)} | form
    )


def _credit(client: TestClient, place_id: int) -> list[dict[str, Any]]:
    return list(client.get(f"/api/places/{place_id}").json()["properties"]["credit"])


def _entered(application: Application, sign_in: SignIn, city: SmallCity) -> int:
    assert '"turn"' in _enter(sign_in("supervisor"), application, city)
    return int(_credit(sign_in("supervisor"), city.merchant_shop)[0]["id"])


def _applied(application: Application, sign_in: SignIn, city: SmallCity) -> int:
    record = _entered(application, sign_in, city)
    assert '"turn"' in _send(sign_in("merchant"), application, _about("apply", city, record))
    return int(_credit(sign_in("supervisor"), city.merchant_shop)[0]["repairs"][0]["id"])


def test_every_role_takes_each_step_as_the_table_says(
    application: Application, sign_in: SignIn, small_city: SmallCity, city_engine: Engine
) -> None:
    def walk(do: str, action: str, may: str, about: int, press: Any) -> None:
        """Let every role try a step, the one that may last."""
        for role in [role for role in ROLES if role != may] + [may]:
            client, key = sign_in(role), _about(do, small_city, about)
            sheet = _ask(client, application, key)
            assert (("credit-send" in sheet) or ("credit-save" in sheet)) == (role == may), (role, do)
            before = newest_event(city_engine)
            assert ('"turn"' in press(client, key)) == (role == may), (role, do)
            assert events_after(city_engine, before) == ([(role, action)] if role == may else []), (role, do)

    def send(client: TestClient, key: dict[str, Any]) -> str:
        return _send(client, application, key)

    def correct(client: TestClient, key: dict[str, Any]) -> str:
        given = {"credit-save": 1, "credit-about": key, "credit-words": WHY} | FORM
        return _press(client, application, "enter", given | {"credit-act": "经营标签不符的食品"})

    walk("enter", "credit_record", "supervisor", 0, lambda client, _: _enter(client, application, small_city))
    (record,) = _credit(sign_in("supervisor"), small_city.merchant_shop)
    walk("correct", "credit_correct", "supervisor", record["id"], correct)
    walk("withdraw", "credit_withdraw", "supervisor", record["id"], send)
    _enter(sign_in("supervisor"), application, small_city)
    record = _credit(sign_in("supervisor"), small_city.merchant_shop)[0]
    walk("apply", "repair_apply", "merchant", record["id"], send)
    (repair,) = _credit(sign_in("supervisor"), small_city.merchant_shop)[0]["repairs"]
    for stage in ("district", "city", "nation", "granted"):
        walk(stage, "repair_step", "supervisor", repair["id"], send)
    assert _credit(sign_in("merchant"), small_city.merchant_shop)[0]["published"] is False


def test_a_refusal_is_the_supervisor_s_and_read_by_the_firm(
    application: Application, sign_in: SignIn, small_city: SmallCity, city_engine: Engine, outlet: int
) -> None:
    repair = _applied(application, sign_in, small_city)
    for role in [role for role in ROLES if role != "supervisor"] + ["supervisor"]:
        client, before = sign_in(role), newest_event(city_engine)
        told = _send(client, application, _about("refused", small_city, repair))
        assert ('"turn"' in told) == (role == "supervisor"), role
        expected = [("supervisor", "repair_refuse")] if role == "supervisor" else []
        assert events_after(city_engine, before) == expected
    knows = {role for role in ROLES if WHY in said(sign_in(role).get(f"/api/places/{outlet}"))}
    assert knows == {"merchant", "agency", "supervisor", "admin"}  # the outlet lies in another district


def test_who_asked_is_told_to_those_who_handle_it(
    application: Application, sign_in: SignIn, small_city: SmallCity
) -> None:
    _applied(application, sign_in, small_city)
    place = small_city.merchant_shop
    for role in ("merchant", "agency", "inspector", "supervisor", "admin"):
        (repair,) = _credit(sign_in(role), place)[0]["repairs"]
        assert ("applicant" in repair) == (role in {"inspector", "supervisor"}), role


def test_everybody_reads_what_is_published_and_nothing_of_its_repair(
    application: Application, sign_in: SignIn, small_city: SmallCity, outlet: int
) -> None:
    repair = _applied(application, sign_in, small_city)
    for role in ROLES:
        (row,) = _credit(sign_in(role), outlet)
        assert (row["act"], row["repairing"]) == (RIGHT["act"], True), role
    (row,) = _credit(sign_in("public"), outlet)
    assert set(row) == {
        "id", "number", "severity", "act", "decision", "authority", "decided_on", "published_on", "last_on",
        "published", "repairing", "corrected_on",
    }  # fmt: skip
    for stage in ("district", "city", "nation", "granted"):
        _send(sign_in("supervisor"), application, _about(stage, small_city, repair))
    assert _credit(sign_in("public"), outlet) == []
    for form in ("csv", "geojson"):
        export = sign_in("supervisor").get(f"/api/layers/shops/export.{form}")
        assert RIGHT["act"] not in said(export)


def test_card_api_and_explanation_give_the_same_reason(
    application: Application, sign_in: SignIn, small_city: SmallCity, city_engine: Engine
) -> None:
    _entered(application, sign_in, small_city)
    sentence = f"一般失信记录（{RIGHT['number']}）自 2026-05-12 公示，至 2027-05-10 止"
    client = sign_in("supervisor")
    call = callbacks_of(application[1])["callbacks.place.renew"]
    shown = body_of(*call, {"place-shown": {"id": small_city.merchant_shop}})
    assert sentence in said(client.post("/_dash-update-component", json=shown))
    reasons = client.get(f"/api/places/{small_city.merchant_shop}").json()["properties"]["reasons"]
    (reason,) = [one for one in reasons if one["code"] == "credit.general"]
    assert reason["params"] == {"number": RIGHT["number"], "since": "2026-05-12", "date": "2027-05-10"}
    assert sentence in words_of(explain(city_engine, small_city.merchant_shop, NOW), "zh")


def test_the_page_of_a_place_offers_what_its_viewer_may_do(
    application: Application, sign_in: SignIn, small_city: SmallCity
) -> None:
    call = callbacks_of(application[1])["callbacks.place.renew"]
    body = body_of(*call, {"place-shown": {"id": small_city.merchant_shop}})

    def offered(do: str) -> list[str]:
        words = f'"do": "{do}"'
        return [
            role for role in ROLES if words in said(sign_in(role).post("/_dash-update-component", json=body))
        ]

    assert offered("enter") == ["supervisor"]
    assert offered("apply") == []
    repair = _applied(application, sign_in, small_city)
    assert offered("apply") == offered("correct") == offered("withdraw") == []
    assert offered("district") == offered("refused") == ["supervisor"]
    _send(sign_in("supervisor"), application, _about("refused", small_city, repair))
    assert offered("apply") == ["merchant"]
    assert offered("correct") == offered("withdraw") == ["supervisor"]
    assert offered("district") == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"number": ""}, "请填写文号"),
        ({"act": ""}, "请填写失信行为"),
        ({"decided_on": "soon"}, "请填写决定日期"),
        ({"decided_on": "2026-11-24"}, "之间"),
        ({"published_on": "2026-05-01"}, "早于决定日期"),
        ({"published_on": ""}, "请填写公示日期"),
        ({"severity": ""}, "请选择失信程度"),
    ],
)
def test_a_wrong_form_is_refused_in_one_sentence_and_leaves_nothing(
    application: Application, sign_in: SignIn, small_city: SmallCity, changed: dict[str, str], told: str
) -> None:
    answer = _enter(sign_in("supervisor"), application, small_city, **changed)
    assert told in answer
    assert '"turn"' not in answer
    assert _credit(sign_in("supervisor"), small_city.merchant_shop) == []


def test_a_repair_asked_for_too_early_names_the_day_and_the_rule(
    application: Application, sign_in: SignIn, small_city: SmallCity
) -> None:
    _enter(sign_in("supervisor"), application, small_city, decided_on="2026-11-01", published_on="2026-11-02")
    (row,) = _credit(sign_in("merchant"), small_city.merchant_shop)
    about = _about("apply", small_city, row["id"])
    sentence = "依据国家发展改革委令第36号，这条一般失信记录自 2027-02-02 起可以申请修复：请届时再申请。"
    sheet = _ask(sign_in("merchant"), application, about)
    assert sentence in sheet
    assert "credit-send" not in sheet
    assert sentence in _send(sign_in("merchant"), application, about)

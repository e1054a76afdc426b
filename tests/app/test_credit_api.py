"""Credit records over HTTP, as every role: the calculator for everybody, each step for one role, refusals by name."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, text

from data.status import judge_places
from layers.core.access import Role
from tests.app.conftest import SignIn
from tests.app.walk import events_after, newest_event
from tests.layers.test_credit_entry import RIGHT
from tests.small_city import NOW, SmallCity

ROLES = [role.value for role in Role]
WHY = "程度认定有误，应属一般失信行为"
BOTH = {"declared": ["fulfilled", "pledged"]}
ASKED = {"severity": "general", "decided_on": "2026-05-10", "published_on": "2026-05-12"}


@pytest.fixture(autouse=True)
def none_known(city_engine: Engine, small_city: SmallCity) -> None:
    """No record of the merchant's firm is known."""
    with city_engine.begin() as connection:
        connection.execute(text("DELETE FROM credit_record"))
        judge_places(connection, [small_city.merchant_shop], NOW)


def _post(client: TestClient, city: SmallCity, step: str, body: dict[str, Any]) -> Response:
    return client.post(f"/api/places/{city.merchant_shop}/{step}", json=body)


def _newest(answer: Response) -> dict[str, Any]:
    return dict(answer.json()["properties"]["credit"][0])


def _entered(sign_in: SignIn, city: SmallCity, **changed: str) -> int:
    return int(_newest(_post(sign_in("supervisor"), city, "credit", RIGHT | changed))["id"])


def test_every_role_takes_each_step_as_the_table_says(
    sign_in: SignIn, small_city: SmallCity, city_engine: Engine
) -> None:
    def walk(step: str, body: dict[str, Any], action: str, may: str = "supervisor") -> dict[str, Any]:
        """Let every role try a step, the one that may last; returns the record as that one reads it then."""
        for role in [role for role in ROLES if role != may] + [may]:
            client, before = sign_in(role), newest_event(city_engine)
            answer = _post(client, small_city, step, body)
            assert answer.status_code == (200 if role == may else 403), (step, role)
            assert events_after(city_engine, before) == ([(role, action)] if role == may else []), (
                step,
                role,
            )
        return _newest(answer)

    graded = walk("credit", RIGHT | {"severity": "specific"}, "credit_record")
    record = f"credit/{graded['id']}"
    corrected = walk(f"{record}/correct", RIGHT | {"words": WHY}, "credit_correct")
    assert (corrected["severity"], corrected["correction"]) == ("general", WHY)
    asked = walk(f"{record}/repair", BOTH, "repair_apply", may="merchant")
    repair = f"repairs/{asked['repairs'][0]['id']}"
    walk(f"{repair}/move_on", {"stage": "district"}, "repair_step")
    refused = walk(f"{repair}/refuse", {"words": "请补充材料"}, "repair_refuse")
    assert refused["repairs"][0]["stage"] == "refused"
    withdrawn = walk(f"{record}/withdraw", {"words": "登记对象有误"}, "credit_withdraw")
    assert (withdrawn["published"], withdrawn["correction"]) == (False, "登记对象有误")


def test_what_is_asked_twice_or_too_early_is_a_conflict_with_the_way_out(
    sign_in: SignIn, small_city: SmallCity
) -> None:
    barred = _entered(sign_in, small_city, severity="specific")
    merchant, supervisor = sign_in("merchant"), sign_in("supervisor")
    early = _post(merchant, small_city, f"credit/{barred}/repair", BOTH)
    assert (early.status_code, early.json()["type"]) == (409, "urn:yiping:no_repair")
    assert "期间不得修复" in early.json()["detail"]
    again = _post(supervisor, small_city, "credit", RIGHT)
    assert (again.status_code, again.json()["type"]) == (409, "urn:yiping:known_record")
    same = _post(
        supervisor, small_city, f"credit/{barred}/correct", RIGHT | {"severity": "specific", "words": WHY}
    )
    assert (same.status_code, same.json()["type"]) == (409, "urn:yiping:unchanged_record")


@pytest.mark.parametrize(
    ("step", "body", "parameter"),
    [
        ("credit", RIGHT | {"severity": "grave"}, "severity"),
        ("credit", RIGHT | {"decided_on": "2026-02-30"}, "decided_on"),
        ("credit", RIGHT | {"published_on": "2026-05-09"}, "published_on"),
        ("credit", RIGHT | {"by": "somebody else"}, "by"),
        ("credit", {"severity": "minor"}, "number"),
        ("credit/{}/correct", RIGHT | {"severity": "minor", "words": " "}, "words"),
        ("credit/{}/correct", RIGHT, "words"),
        ("credit/{}/withdraw", {"words": ""}, "words"),
        ("credit/0/withdraw", {"words": "why"}, "record"),
        ("repairs/x/refuse", {"words": "why"}, "repair"),
        ("repairs/1/move_on", {"stage": "heaven"}, "stage"),
    ],
)
def test_what_cannot_be_meant_is_named_and_leaves_nothing(
    sign_in: SignIn,
    small_city: SmallCity,
    city_engine: Engine,
    step: str,
    body: dict[str, Any],
    parameter: str,
) -> None:
    record = _entered(sign_in, small_city) if "{}" in step else 0
    client, before = sign_in("supervisor"), newest_event(city_engine)
    answer = _post(client, small_city, step.format(record), body)
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)
    assert events_after(city_engine, before) == []


def test_no_other_site_takes_a_step(sign_in: SignIn, small_city: SmallCity, city_engine: Engine) -> None:
    client, before = sign_in("supervisor"), newest_event(city_engine)
    path = f"/api/places/{small_city.merchant_shop}/credit"
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post(path, json=RIGHT, headers=header)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:yiping:cross_site")
    assert events_after(city_engine, before) == []


def test_the_calculator_answers_everybody_alike(sign_in: SignIn) -> None:
    answers = [sign_in(role).get("/api/credit/repair", params=ASKED).json() for role in ROLES]
    assert all(answer == answers[0] for answer in answers)
    told = answers[0]
    assert (told["applied_on"], told["earliest_on"], told["last_on"], told["ends_on"], told["not_yet"]) == (
        "2026-11-23", "2026-08-11", "2027-05-10", "2027-05-11", None,
    )  # fmt: skip
    assert (told["rule"]["named"], told["rule"]["verified"]) == ("国家发展改革委令第36号", False)
    assert [need["id"] for need in told["needs"]] == ["fulfilled", "pledged"]
    assert [step["id"] for step in told["steps"]] == ["applied", "district", "city", "nation", "granted"]


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [
        ({"severity": "grave"}, "severity"),
        ({"decided_on": "2026-13-01"}, "decided_on"),
        ({"published_on": "2026-05-09"}, "published_on"),
        ({"applied_on": "2019-06-30"}, "applied_on"),
        ({"by": "me"}, "by"),
    ],
)
def test_the_calculator_names_what_it_cannot_read(
    sign_in: SignIn, changed: dict[str, str], parameter: str
) -> None:
    answer = sign_in("public").get("/api/credit/repair", params=ASKED | changed)
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)


def test_the_calculator_says_what_the_card_says(sign_in: SignIn, small_city: SmallCity) -> None:
    for severity in ("minor", "general", "serious", "specific"):
        number = f"沪市监徐处〔2026〕{severity}"
        _entered(sign_in, small_city, severity=severity, number=number)
    rows = sign_in("merchant").get(f"/api/places/{small_city.merchant_shop}").json()["properties"]["credit"]
    assert len(rows) == 4
    for row in rows:
        asked = {name: row[name] for name in ("severity", "decided_on", "published_on")}
        told = sign_in("public").get("/api/credit/repair", params=asked).json()
        for name in ("earliest_on", "last_on", "not_yet"):
            assert told[name] == row[name], (row["severity"], name)
        assert told["rule"]["named"] == row["rule"]

"""The API: shapes and sums, filters, pages, errors by name."""

from __future__ import annotations

import csv
import io

import pytest

from tests.app.conftest import SignIn
from tests.small_city import FORMULA, HERE, MERCHANT_USCC, SmallCity

CITY = "bbox=121.3,31.1,121.6,31.3"


def test_the_map_of_all_layers_adds_up(sign_in: SignIn) -> None:
    answer = sign_in("supervisor").get(f"/api/map?{CITY}&zoom=9").json()
    counted = sum(feature["properties"].get("n", 1) for feature in answer["features"])
    assert counted == answer["total"] == sum(answer["tiers"].values()) == sum(answer["layers"].values()) == 13


def test_the_map_answers_304_to_its_own_tag(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    first = client.get(f"/api/layers/shops/map?{CITY}&zoom=12")
    again = client.get(
        f"/api/layers/shops/map?{CITY}&zoom=12", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (first.status_code, again.status_code) == (200, 304)


def test_a_tier_filter_keeps_only_that_tier(sign_in: SignIn, small_city: SmallCity) -> None:
    answer = sign_in("supervisor").get(f"/api/layers/shops/map?{CITY}&zoom=18&tier=red").json()
    assert [f["properties"]["id"] for f in answer["features"]] == [small_city.red_shop]


def test_facets_count_under_the_other_filters(sign_in: SignIn) -> None:
    answer = sign_in("supervisor").get("/api/layers/shops/facets?tier=red").json()
    assert answer["total"] == 1
    assert sum(answer["facets"]["tier"].values()) == 5  # the tier facet ignores the tier filter


def test_nearest_is_sorted_and_starts_with_the_place_itself(sign_in: SignIn, small_city: SmallCity) -> None:
    answer = sign_in("supervisor").get("/api/layers/shops/nearest?lon=121.45&lat=31.18&n=3").json()
    distances = [f["properties"]["distance_m"] for f in answer["features"]]
    assert distances == sorted(distances)
    assert answer["features"][0]["id"] == small_city.red_shop
    assert distances[0] < 1


@pytest.mark.parametrize("sort", ["tier", "name", "id"])
def test_pages_hold_every_place_exactly_once(sign_in: SignIn, sort: str) -> None:
    client, seen, after = sign_in("supervisor"), [], ""
    while True:
        page = client.get(f"/api/layers/shops/places?limit=2&sort={sort}&after={after}").json()
        seen += [feature["id"] for feature in page["features"]]
        if not (after := page["next"]):
            break
    assert len(seen) == len(set(seen)) == page["total"] == 5


def test_the_card_gives_reasons_with_rule_and_source(sign_in: SignIn, small_city: SmallCity) -> None:
    card = sign_in("supervisor").get(f"/api/places/{small_city.red_shop}").json()["properties"]
    assert (card["tier"], card["status"]) == ("red", "expired")
    worst = card["reasons"][0]
    assert worst["tier"] == "red"
    assert all(worst[name] for name in ("rule_id", "source"))


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/api/layers/shops/map?zoom=3", "bbox"),
        (f"/api/layers/shops/map?{CITY}&zoom=99", "zoom"),
        (f"/api/layers/shops/map?{CITY}&zoom=nan", "zoom"),
        ("/api/layers/shops/map?bbox=3,2,1,0", "bbox"),
        (f"/api/layers/shops/map?{CITY}&as_of=yesterday", "as_of"),
        (f"/api/map?{CITY}&seen=shops", "seen"),
        (f"/api/map?{CITY}&seen=shops:{'9' * 40}", "seen"),
        (f"/api/layers/shops/map?{CITY}&as_of=2999-01-01", "as_of"),
        (f"/api/layers/shops/places?{CITY}&as_of=2020-01-01", "as_of"),
        (f"/api/layers/shops/map?{CITY}&q={'x' * 201}", "q"),
        (f"/api/layers/shops/map?{CITY}&tier=purple", "tier"),
        (f"/api/layers/shops/map?{CITY}&foo=1", "foo"),
        ("/api/layers/shops/places?sort=luck", "sort"),
        ("/api/layers/shops/places?after=xyz", "after"),
        ("/api/layers/offices/places?area_m2=big", "area_m2"),
        ("/api/layers/shops/nearest?lat=1", "lon"),
        ("/api/layers/shops/nearest?lon=121.4&lat=31.2&open_at=2026-11-24T07:00", "open_at"),
        ("/api/layers/breakfast/nearest?lon=121.4&lat=31.2&open_at=soon", "open_at"),
        ("/api/layers/shops/facets?within=%7B%7D", "within"),
    ],
)
def test_a_bad_parameter_is_named(sign_in: SignIn, path: str, parameter: str) -> None:
    answer = sign_in("supervisor").get(path)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["parameter"] == parameter


def test_search_finds_by_name_credit_code_and_permit_number(sign_in: SignIn, small_city: SmallCity) -> None:
    client = sign_in("supervisor")
    for words in (FORMULA.lower(), MERCHANT_USCC, f"N{small_city.merchant_shop}"):
        found = client.get("/api/search", params={"q": words}).json()["features"]
        assert small_city.merchant_shop in [feature["id"] for feature in found], words


def test_export_is_what_is_filtered_and_no_cell_is_a_formula(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    answer = client.get(f"/api/layers/shops/export.csv?street={HERE}")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    listed = client.get(f"/api/layers/shops/places?street={HERE}").json()
    assert sorted(int(row["id"]) for row in rows) == sorted(f["id"] for f in listed["features"])
    assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]
    assert any(row["name"] == f"'{FORMULA}" for row in rows)


def test_readyz_and_openapi_are_there(sign_in: SignIn) -> None:
    client = sign_in("public")
    assert client.get("/readyz").json() == {"status": "ready"}
    assert "/api/layers/{layer}/map" in client.get("/api/openapi.json").json()["paths"]
    assert "python_info" in client.get("/metrics").text


def test_the_map_of_a_past_moment_has_what_was_there(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    now = client.get(f"/api/layers/shops/map?{CITY}").json()
    before = client.get(f"/api/layers/shops/map?{CITY}&as_of=2000-01-01T00:00+08:00").json()
    assert now["total"] > 0
    assert before["total"] == 0
    assert client.get("/api/layers/shops/facets?as_of=2000-01-01").json()["total"] == 0

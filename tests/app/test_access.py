"""Every route as every role: nobody sees or does more than the table of roles says."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from uvicorn.main import main as uvicorn_command
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from data.store.audit import broken_link
from layers.core.access import GRANTS, Role
from layers.core.registry import find_layers
from tests.app.conftest import SignIn
from tests.small_city import HERE, PASSWORD, PHONE, THERE, SmallCity

CITY = "bbox=121.3,31.1,121.6,31.3&zoom=12"
ROLES = [role.value for role in Role]
PUBLIC_LAYERS = {"breakfast", "nights", "offices"}
OFFICIAL_LAYERS = {"shops", "buildings"}


def _walk(client: TestClient, layer: str) -> list[str]:
    routes = (
        "map?" + CITY,
        "facets",
        "places",
        "nearest?lon=121.44&lat=31.19",
        "export.csv",
        "export.geojson",
    )
    return [f"/api/layers/{layer}/{route}" for route in routes]


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_of_any_route_shows_a_phone_number_in_clear(
    sign_in: SignIn, small_city: SmallCity, role: str
) -> None:
    client = sign_in(role)
    paths = [path for layer in PUBLIC_LAYERS | OFFICIAL_LAYERS for path in _walk(client, layer)]
    paths += [f"/api/places/{place_id}" for place_id in [*small_city.ids.values(), small_city.merchant_shop]]
    paths += ["/api/search?q=13812345678", "/api/search?q=shops", "/api/layers", f"/api/map?{CITY}"]
    for path in paths:
        assert PHONE not in client.get(path).text, path


def test_the_public_knows_nothing_of_official_layers(sign_in: SignIn, small_city: SmallCity) -> None:
    client = sign_in("public")
    assert {layer["id"] for layer in client.get("/api/layers").json()} == PUBLIC_LAYERS
    for layer in OFFICIAL_LAYERS:
        for path in _walk(client, layer):
            assert client.get(path).status_code == 404, path
        assert client.get(f"/api/places/{small_city.ids[layer, HERE]}").status_code == 404
    assert client.get(f"/api/map?{CITY}&layers=shops").status_code == 404
    missing, hidden = client.get("/api/places/999999"), client.get(f"/api/places/{small_city.red_shop}")
    assert missing.json()["title"] == hidden.json()["title"]


def test_hidden_tiers_cannot_be_seen_or_asked_for(sign_in: SignIn) -> None:
    client = sign_in("public")
    answer = client.get(f"/api/layers/nights/map?{CITY}").json()
    assert {tier for tier, n in answer["tiers"].items() if n} <= {"none"}
    assert client.get(f"/api/layers/nights/map?{CITY}&tier=red").status_code == 422
    card = client.get(f"/api/places/{answer['features'][0]['properties']['id']}").json()["properties"]
    assert not {"reasons", "inspections"} & set(card)
    assert card["tier"] == "none"


@pytest.mark.parametrize("layer", sorted(PUBLIC_LAYERS))
def test_counts_orders_and_filters_give_nothing_official_away(sign_in: SignIn, layer: str) -> None:
    client, spec = sign_in("public"), find_layers()[layer]
    facets = client.get(f"/api/layers/{layer}/facets").json()["facets"]
    assert "state" not in {name for name, counts in facets.items() if counts}
    official = {field.name for field in spec.fields if field.visible_to != "public"}
    assert not official & set(facets)
    for name in official & {item.field for item in spec.filters} | {"state"}:
        assert client.get(f"/api/layers/{layer}/places?{name}=1..2").status_code == 422, name
    if spec.tier_visible_to != "public":
        listed = [feature["id"] for feature in client.get(f"/api/layers/{layer}/places").json()["features"]]
        assert listed == sorted(listed)


def test_an_inspector_sees_official_layers_in_the_own_district_only(
    sign_in: SignIn, small_city: SmallCity
) -> None:
    client = sign_in("inspector")
    assert client.get(f"/api/places/{small_city.ids['shops', HERE]}").status_code == 200
    assert client.get(f"/api/places/{small_city.ids['shops', THERE]}").status_code == 404
    listed = client.get("/api/layers/shops/places").json()
    assert {f["properties"]["area_code"] for f in listed["features"]} == {HERE}
    assert client.get(f"/api/layers/shops/map?{CITY}").json()["total"] == listed["total"] == 4


def test_a_merchant_sees_the_own_shop_only(sign_in: SignIn, small_city: SmallCity) -> None:
    client = sign_in("merchant")
    listed = client.get("/api/layers/shops/places").json()["features"]
    assert [feature["id"] for feature in listed] == [small_city.merchant_shop]


def test_a_property_manager_sees_the_own_building_only(sign_in: SignIn, small_city: SmallCity) -> None:
    listed = sign_in("property_manager").get("/api/layers/buildings/places").json()["features"]
    assert [feature["id"] for feature in listed] == [small_city.ids["buildings", HERE]]


@pytest.mark.parametrize("role", ROLES)
def test_guarded_pages_open_for_whom_the_table_names(sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    for path, action in (("/ops", "open_ops"), ("/field", "open_field")):
        answer = client.get(path + "?tier=red")
        allowed = action in GRANTS[Role(role)].actions
        assert answer.status_code == (200 if allowed else 303), (role, path)
        if not allowed:
            assert answer.headers["location"].startswith(
                "/login?next=/ops" if path == "/ops" else "/login?next=/field"
            )
    for path in ("/", "/offices", "/login"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_export_is_for_whom_the_table_names(sign_in: SignIn, role: str) -> None:
    allowed = "export" in GRANTS[Role(role)].actions
    assert sign_in(role).get("/api/layers/offices/export.csv").status_code == (200 if allowed else 403)


def test_requests_of_another_site_are_refused(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post("/api/logout", headers=headers).status_code == 403
        assert client.post("/_dash-update-component", json={}, headers=headers).status_code == 403
    assert client.get("/ops").status_code == 200  # still signed in


def test_pages_carry_the_security_headers(sign_in: SignIn) -> None:
    headers = sign_in("public").get("/").headers
    assert "script-src 'self' 'sha256-" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_session_ends_with_logout(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    cookie = client.cookies["yiping_session"]
    client.post("/api/logout")
    client.cookies.set("yiping_session", cookie)
    assert client.get("/ops").status_code == 303


def test_writes_and_reveals_are_on_the_record(sign_in: SignIn, city_engine: Engine) -> None:
    sign_in("supervisor").get("/api/layers/shops/export.csv")
    with city_engine.begin() as connection:
        actions = set(connection.scalars(text("SELECT action FROM audit_event")))
        assert {"login", "export"} <= actions
        assert broken_link(connection) is None


def test_an_export_is_recorded_with_its_filters_form_and_size(sign_in: SignIn, city_engine: Engine) -> None:
    client = sign_in("supervisor")
    client.get(f"/api/layers/shops/export.geojson?street={HERE}&tier=red&bbox=121,31,122,32")
    client.get("/api/layers/offices/export.csv?area_m2=50..120")
    with city_engine.begin() as connection:
        sql = "SELECT details FROM audit_event WHERE action = 'export' ORDER BY id DESC LIMIT 2"
        offices, shops = connection.scalars(text(sql)).all()
    filters = {"streets": [HERE], "tiers": ["red"], "bbox": [121.0, 31.0, 122.0, 32.0]}
    assert shops == {"format": "geojson", "rows": 1, "filters": filters}
    assert (offices["format"], offices["filters"]) == ("csv", {"area_m2": [50.0, 120.0]})


@pytest.mark.parametrize("role", [role for role in ROLES if "export" in GRANTS[Role(role)].actions])
def test_a_table_names_only_fields_the_caller_reads(sign_in: SignIn, role: str) -> None:
    client, reads = sign_in(role), GRANTS[Role(role)].reads
    for layer in find_layers():
        header = client.get(f"/api/layers/{layer.id}/export.csv").text.removeprefix("\ufeff").splitlines()[0]
        hidden = {field.name for field in layer.fields if field.visible_to not in reads}
        assert not hidden & set(header.split(",")), layer.id


def test_the_brake_counts_callers_and_not_their_proxy(sign_in: SignIn, city_engine: Engine) -> None:
    line = next(
        row
        for row in (Path(__file__).parents[2] / "Procfile").read_text().splitlines()
        if row.startswith("web: uvicorn ")
    )
    words = shlex.split(line.removeprefix("web: uvicorn ").replace("${WEB_CONCURRENCY:-2}", "2"))
    given = uvicorn_command.make_context("uvicorn", [word.replace("$PORT", "80") for word in words])
    assert given.params["proxy_headers"]
    proxied = ProxyHeadersMiddleware(sign_in("public").app, trusted_hosts="10.0.0.0/8")
    client = TestClient(proxied, base_url="http://testserver", client=("10.0.0.9", 1))
    client.headers["X-Forwarded-For"] = "203.0.113.7"
    assert client.post("/api/login", json={"username": "agency", "password": PASSWORD}).status_code == 204
    with city_engine.begin() as connection:
        sql = "SELECT details FROM audit_event WHERE action = 'login' ORDER BY id DESC LIMIT 1"
        assert connection.scalar(text(sql)) == {"from": "203.0.113.7"}


@pytest.mark.parametrize(("language", "words"), [("en-GB", "check the number"), ("zh-CN", "请核对编号")])
def test_a_refusal_speaks_the_caller_s_language(sign_in: SignIn, language: str, words: str) -> None:
    answer = sign_in("public").get("/api/places/999999", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("role", ["public", "inspector", "supervisor"])
def test_everybody_may_ask_who_they_are(sign_in: SignIn, role: str) -> None:
    assert sign_in(role).get("/api/me").json()["role"] == role

"""Every route as every role: nobody sees or does more than the table of roles says."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dash.exceptions import WebSocketCallbackError
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, text
from uvicorn.main import main as uvicorn_command
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.export_files import FORMS
from app.server import Screens
from data.store.audit import broken_link
from layers.core.access import GRANTS, Role
from layers.core.registry import find_layers
from tests.app.conftest import SignIn
from tests.app.walk import (
    EVERYBODY,
    INSPECTS,
    NOBODY,
    OF_THE_DISTRICT,
    OF_THE_FIRM,
    OF_THE_TOWER,
    ON_DUTY,
    THE_MERCHANT,
    WHOLE_CITY,
    events_after,
    newest_event,
    routes_of,
    told_too_much,
)
from tests.layers.test_credit_entry import RIGHT
from tests.small_city import HERE, PASSWORD, PHONE, THERE, SmallCity

pytestmark = pytest.mark.usefixtures("due_list", "draw_id", "delivery_id")
CITY = "bbox=121.3,31.1,121.6,31.3&zoom=12"
ROLES = [role.value for role in Role]
DECIDES = frozenset({"supervisor"})
PUBLIC_LAYERS = {"breakfast", "nights", "offices"}
OFFICIAL_LAYERS = {"shops", "buildings"}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request: who may, with which status, and what the others are told instead.

    `records`: actor and action that go on the record of those who may; empty for the actor means the role.
    """

    path: str
    may: frozenset[str] = EVERYBODY
    status: int = 200
    otherwise: int = 404
    body: dict[str, Any] | None = None
    records: str = ""
    by: str = ""


def table(city: SmallCity) -> dict[str, list[Ask]]:
    """Return what is expected of every route; one that ends the session comes last."""
    return {
        "GET /": [Ask(path="/")],
        "GET {path:path}": [  # the pages
            *[
                Ask(path=path)
                for path in (
                    "/login",
                    "/offices",
                    "/offices/compare",
                    f"/offices/compare?ids={city.ids['offices', HERE]},{city.ids['offices', THERE]}",
                    f"/offices/compare?ids={city.ids['shops', HERE]}",
                    "/rules",
                    "/credit?severity=minor",
                    "/casebook",
                    "/casebook/8",
                    "/casebook/20/",
                )
            ],
            Ask(path="/ops?tier=red", may=OF_THE_DISTRICT, otherwise=303),
            Ask(path="/field", may=INSPECTS, otherwise=303),
            Ask(path="/due?why=overdue", may=OF_THE_DISTRICT, otherwise=303),
            Ask(path="/admin?layer=shops", may=frozenset({"admin"}), otherwise=303),
            Ask(path="/draws?draw=1", may=OF_THE_DISTRICT, otherwise=303),
            Ask(path="/cases?late=1", may=OF_THE_DISTRICT, otherwise=303),
            Ask(path="/cases/1", may=OF_THE_DISTRICT, otherwise=303),
            Ask(path="/cases/999", may=OF_THE_DISTRICT, status=404, otherwise=303),
            Ask(path="/deliveries", may=DECIDES, otherwise=303),
            Ask(path="/deliveries/1", may=DECIDES, otherwise=303),
            Ask(path="/deliveries/999", may=DECIDES, status=404, otherwise=303),
            Ask(path="/nowhere", status=404),
            *[Ask(path=f"/places/{city.ids[layer, HERE]}") for layer in sorted(PUBLIC_LAYERS)],
            Ask(path=f"/places/{city.ids['shops', HERE]}", may=OF_THE_DISTRICT),
            Ask(path=f"/places/{city.ids['buildings', HERE]}/", may=OF_THE_TOWER),
            Ask(path=f"/places/{city.merchant_shop}", may=OF_THE_FIRM),
            *[Ask(path=f"/places/{name}", status=404) for name in (999999, 10**30, "x", "1/2")],
            *[Ask(path=f"/casebook/{name}", status=404) for name in (0, 21, "08", 10**30, "x", "1/2")],
        ],
        **open_to_all("/healthz", "/readyz", "/metrics", "/favicon.ico", "/api/me", "/api/openapi.json"),
        **open_to_all("/api/docs", "/api/layers", "/api/basemap/overview", "/api/casebook"),
        **open_to_all("/_dash-layout", "/_dash-dependencies", "/_reload-hash", "/_favicon.ico"),
        "GET /api/docs/{name}": [Ask(path="/api/docs/start.js")],
        "files /assets": [Ask(path="/assets/icon.svg")],
        "GET /_dash-component-suites/{package_name}/{fingerprinted_path:path}": [
            Ask(path="/_dash-component-suites/dash/dash-renderer/build/dash_renderer.min.js")
        ],
        "POST /_dash-update-component": [
            Ask(path="/_dash-update-component", body=FIRST_PAGE)
        ],  # each: see callbacks
        "GET /api/basemap/{z}/{x}/{y}.json": [Ask(path="/api/basemap/12/3430/1673.json")],
        "GET /api/map": [
            Ask(path=f"/api/map?{CITY}"),
            Ask(path=f"/api/map?{CITY}&layers=nights,shops", may=ON_DUTY),
        ],
        "GET /api/layers/{layer}/map": of_layers(f"map?{CITY}"),
        "GET /api/layers/{layer}/facets": of_layers("facets"),
        "GET /api/layers/{layer}/nearest": of_layers("nearest?lon=121.44&lat=31.19"),
        "GET /api/layers/{layer}/places": of_layers("places"),
        "GET /api/layers/{layer}/export.{format}": [
            Ask(path="/api/layers/offices/export.csv", may=ON_DUTY, otherwise=403, records="export"),
            Ask(path="/api/layers/nights/export.geojson", may=ON_DUTY, otherwise=403, records="export"),
            Ask(path="/api/layers/shops/export.csv", may=ON_DUTY, records="export"),
            Ask(path="/api/layers/buildings/export.geojson", may=ON_DUTY, records="export"),
            Ask(path="/api/layers/shops/export.xlsx?header=label", may=ON_DUTY, records="export"),
            Ask(path="/api/layers/shops/export.gpkg?datum=gcj02", may=ON_DUTY, records="export"),
            Ask(path="/api/layers/breakfast/export.gpkg", may=ON_DUTY, otherwise=403, records="export"),
        ],
        "GET /api/places/{id}": [
            *[of_place(city.ids[layer, HERE]) for layer in sorted(PUBLIC_LAYERS)],
            of_place(city.ids["shops", HERE], OF_THE_DISTRICT),
            of_place(city.ids["shops", THERE], WHOLE_CITY),
            of_place(city.ids["buildings", HERE], OF_THE_TOWER),
            of_place(city.merchant_shop, OF_THE_FIRM),
            of_place(999999, NOBODY),
        ],
        # What becomes of an objection that can be: see test_contests_access.
        "POST /api/places/{id}/contests": [
            objection(city.merchant_shop, 422),
            objection(city.ids["shops", HERE], 404),
            objection(999999, 404),
        ],
        "POST /api/contests/{id}/decide": [
            Ask(
                path="/api/contests/999999/decide",
                body={"outcome": "upheld", "words": "why"},
                may=frozenset({"supervisor"}),
                status=404,
                otherwise=403,
            )
        ],
        "POST /api/contests/{id}/withdraw": [
            Ask(path="/api/contests/999999/withdraw", may=THE_MERCHANT, status=404, otherwise=403)
        ],
        "GET /api/credit/repair": [
            Ask(path="/api/credit/repair?severity=general&decided_on=2026-05-10&published_on=2026-05-12"),
            Ask(path="/api/credit/repair?severity=grave&decided_on=2026-05-10", status=422),
        ],
        # What becomes of a record that is there: see test_credit_api.
        "POST /api/places/{id}/credit": [
            on_credit(place_id, "credit", dict.fromkeys(RIGHT, "?"), status)
            for place_id, status in ((city.merchant_shop, 422), (999999, 404))
        ],
        "POST /api/places/{id}/credit/{record}/correct": [
            on_credit(city.merchant_shop, "credit/999999/correct", RIGHT | {"words": "why"})
        ],
        "POST /api/places/{id}/credit/{record}/withdraw": [
            on_credit(city.merchant_shop, "credit/999999/withdraw", {"words": "why"})
        ],
        "POST /api/places/{id}/credit/{record}/repair": [
            on_credit(place_id, "credit/999999/repair", {"declared": ["fulfilled"]}, may=THE_MERCHANT)
            for place_id in (city.merchant_shop, city.ids["shops", HERE])
        ],
        "POST /api/places/{id}/repairs/{repair}/move_on": [
            on_credit(city.merchant_shop, "repairs/999999/move_on", {"stage": "district"})
        ],
        "POST /api/places/{id}/repairs/{repair}/refuse": [
            on_credit(city.merchant_shop, "repairs/999999/refuse", {"words": "why"})
        ],
        "GET /api/due": [
            Ask(path="/api/due", may=OF_THE_DISTRICT),
            Ask(path="/api/due?day=2020-01-01", may=NOBODY),
        ],
        "GET /api/due.{format}": [
            Ask(path="/api/due.csv", may=OF_THE_DISTRICT, records="export"),
            Ask(path="/api/due.xlsx", may=OF_THE_DISTRICT, records="export"),
        ],
        "GET /api/draws": [Ask(path="/api/draws", may=OF_THE_DISTRICT)],
        "GET /api/draws/{id}": [
            Ask(path="/api/draws/1", may=OF_THE_DISTRICT),
            Ask(path="/api/draws/999", may=NOBODY),
        ],
        "GET /api/draws/{id}.{format}": [
            Ask(path="/api/draws/1.csv", may=OF_THE_DISTRICT, records="export"),
            Ask(path="/api/draws/1.xlsx", may=OF_THE_DISTRICT, records="export"),
            Ask(path="/api/draws/999.csv", may=NOBODY),
        ],
        **of_cases(),
        **of_deliveries(),
        "GET /api/search": [Ask(path=f"/api/search?q={words}") for words in ("shops", "firm", PHONE)],
        **{
            f"{method} /api/{{rest:path}}": [Ask(path="/api/nothing", status=404)]
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        },
        "POST /api/login": [
            Ask(path="/api/login", body=AGENCY, status=204, records="login", by="agency"),
            Ask(path="/api/login", body={}, status=422),
        ],
        "POST /api/logout": [
            Ask(path="/api/logout", may=ON_DUTY, status=204, otherwise=204, records="logout")
        ],
    }


AGENCY = {"username": "agency", "password": PASSWORD}
FIRST_PAGE = {
    "output": "page.children",
    "outputs": {"id": "page", "property": "children"},
    "inputs": [{"id": "location", "property": "pathname", "value": "/"}],
    "state": [{"id": "location", "property": "search", "value": ""}],
    "changedPropIds": ["location.pathname"],
}
SOCKETS = {"socket /api/live", "socket /_dash-ws-callback"}  # each has a test of its own


def open_to_all(*paths: str) -> dict[str, list[Ask]]:
    """Return routes that answer everybody."""
    return {f"GET {path}": [Ask(path=path)] for path in paths}


def of_layers(question: str) -> list[Ask]:
    """Return a question to every layer."""
    known = dict.fromkeys(PUBLIC_LAYERS, EVERYBODY) | dict.fromkeys(OFFICIAL_LAYERS, ON_DUTY)
    return [Ask(path=f"/api/layers/{layer}/{question}", may=may) for layer, may in known.items()]


def of_place(place_id: int, may: frozenset[str] = EVERYBODY) -> Ask:
    """Return a request for the card of a place."""
    return Ask(path=f"/api/places/{place_id}", may=may)


def of_deliveries() -> dict[str, list[Ask]]:
    """Return the routes on deliveries, of which there is one, and it failed; what becomes of them: test_deliveries."""
    body = {"datum": "nowhere"}
    return {
        "GET /api/deliveries": [Ask(path="/api/deliveries", may=DECIDES, otherwise=403)],
        "POST /api/deliveries": [
            Ask(path="/api/deliveries?layer=shops&name=a.csv", may=DECIDES, status=422, otherwise=403)
        ],
        "GET /api/deliveries/{id}": [
            Ask(path="/api/deliveries/1", may=DECIDES),
            Ask(path="/api/deliveries/999", may=NOBODY),
        ],
        "POST /api/deliveries/{id}/check": [
            Ask(path="/api/deliveries/1/check", body=body, may=DECIDES, status=422)
        ],
        "POST /api/deliveries/{id}/import": [Ask(path="/api/deliveries/1/import", may=DECIDES, status=409)],
        "POST /api/deliveries/{id}/stop": [Ask(path="/api/deliveries/1/stop", may=DECIDES, status=409)],
        "POST /api/deliveries/{id}/drop": [Ask(path="/api/deliveries/999/drop", may=NOBODY)],
        "GET /api/deliveries/{id}/rejected.csv": [
            Ask(path="/api/deliveries/1/rejected.csv", may=NOBODY),
        ],
    }


def of_cases() -> dict[str, list[Ask]]:
    """Return the routes on cases, of which there is one, and it is closed; steps that can be: see test_casework."""
    gives = frozenset({"supervisor"})
    step = {"step": "close", "request": "a-request", "seen": "closed"}
    new = {"title": "补拍门头照片", "request": "of-each-role"}
    return {
        "GET /api/cases": [Ask(path="/api/cases", may=OF_THE_DISTRICT)],
        "GET /api/cases/{id}": [
            Ask(path="/api/cases/1", may=OF_THE_DISTRICT),
            Ask(path="/api/cases/999", may=NOBODY),
        ],
        "POST /api/places/{id}/cases": [
            Ask(path="/api/places/999999/cases", body=new, may=gives, status=404, otherwise=403)
        ],
        "POST /api/cases/{id}/steps": [
            Ask(path="/api/cases/1/steps", body=step, may=OF_THE_DISTRICT, status=409)
        ],
        "POST /api/cases/{id}/photos": [Ask(path="/api/cases/1/photos", may=OF_THE_DISTRICT, status=403)],
        "GET /api/cases/{id}/photos/{photo_id}": [Ask(path="/api/cases/1/photos/1", may=NOBODY)],
    }


def objection(place_id: int, status: int) -> Ask:
    """Return an objection to a reason that no place has."""
    body = {"code": "permit.expired", "rule_id": "nothing", "fact": "place", "words": "ten characters"}
    path = f"/api/places/{place_id}/contests"
    return Ask(path=path, body=body, may=THE_MERCHANT, status=status, otherwise=403)


def on_credit(
    place_id: int, step: str, body: dict[str, Any], status: int = 404, may: frozenset[str] = DECIDES
) -> Ask:
    """Return a step about a credit record or a repair that is not there."""
    path = f"/api/places/{place_id}/{step}"
    return Ask(path=path, body=body, may=may, status=status, otherwise=403)


def send(client: TestClient, route: str, ask: Ask) -> Response:
    """Send a request with the session of a client, which keeps its own whatever the answer says."""
    options: dict[str, Any] = {"base_url": "http://testserver", "follow_redirects": False}
    caller = TestClient(client.app, cookies=dict(client.cookies), **options)
    method = route.partition(" ")[0]
    return caller.request("GET" if method == "files" else method, ask.path, json=ask.body)


def faults_of(answer: Response, ask: Ask, role: str) -> list[str]:
    """Return what is wrong with an answer to a role."""
    expected = ask.status if role in ask.may else ask.otherwise
    faults = [f"answered {answer.status_code}"] if answer.status_code != expected else []
    return faults + [f"tells {words}" for words in told_too_much(answer, role)]


def test_every_route_is_in_the_table(application: tuple[FastAPI, Screens], small_city: SmallCity) -> None:
    there, expected = set(routes_of(application[0])), set(table(small_city)) | SOCKETS
    assert sorted(there - expected) == [], "routes without expectations: add them to the table"
    assert sorted(expected - there) == [], "expectations of routes that are gone"


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_every_role_as_the_table_says(
    sign_in: SignIn, small_city: SmallCity, city_engine: Engine, role: str
) -> None:
    client, faults = sign_in(role), []
    for route, ask in [(route, ask) for route, asks in table(small_city).items() for ask in asks]:
        before = newest_event(city_engine)
        answer = send(client, route, ask)
        faults += [f"{route} {ask.path}: {fault}" for fault in faults_of(answer, ask, role)]
        written = [(ask.by or role, ask.records)] if ask.records and role in ask.may else []
        recorded = events_after(city_engine, before)
        faults += [] if recorded == written else [f"{route} {ask.path}: on the record is {recorded}"]
    assert faults == []


@pytest.mark.parametrize("role", ROLES)
def test_the_live_line_tells_of_the_layers_one_may_know_of(
    application: tuple[FastAPI, Screens], sign_in: SignIn, city_engine: Engine, role: str
) -> None:
    heard: set[str] = set()
    with sign_in(role).websocket_connect("/api/live") as socket:
        for layer in ("shops", "nights"):  # the second is public, so that everybody hears an end
            with city_engine.begin() as connection:
                connection.execute(
                    text("UPDATE place SET name = name WHERE layer = :layer"), {"layer": layer}
                )
        while "nights" not in heard:
            heard |= set(socket.receive_json()["layers"])
    assert heard - {"nights"} == ({"shops"} if role in ON_DUTY else set())


@pytest.mark.parametrize("role", ROLES)
def test_the_socket_of_dash_runs_no_callback(sign_in: SignIn, role: str) -> None:
    asked = {"type": "callback_request", "requestId": "1", "payload": FIRST_PAGE}
    headers = {"Origin": "http://testserver"}
    with (
        pytest.raises(WebSocketCallbackError, match="does not have websocket=True"),
        sign_in(role).websocket_connect("/_dash-ws-callback", headers=headers) as socket,
    ):
        socket.send_json(asked)


def _walk(layer: str) -> list[str]:
    routes = (
        f"map?{CITY}",
        "facets",
        "places",
        "nearest?lon=121.44&lat=31.19",
        *(f"export.{form}" for form in FORMS),
    )
    return [f"/api/layers/{layer}/{route}" for route in routes]


def test_the_public_knows_nothing_of_official_layers(sign_in: SignIn, small_city: SmallCity) -> None:
    client = sign_in("public")
    assert {layer["id"] for layer in client.get("/api/layers").json()} == PUBLIC_LAYERS
    for layer in OFFICIAL_LAYERS:
        for path in _walk(layer):
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
    for path, action in (("/ops", "open_ops"), ("/field", "open_field"), ("/due", "open_due")):
        answer = client.get(path + "?tier=red")
        allowed = action in GRANTS[Role(role)].actions
        assert answer.status_code == (200 if allowed else 303), (role, path)
        if not allowed:
            assert answer.headers["location"].startswith(f"/login?next={path}")
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
    client.get("/api/layers/offices/export.csv?area_m2=50..120&datum=bd09")
    with city_engine.begin() as connection:
        sql = "SELECT details FROM audit_event WHERE action = 'export' ORDER BY id DESC LIMIT 2"
        offices, shops = connection.scalars(text(sql)).all()
    filters = {"streets": [HERE], "tiers": ["red"], "bbox": [121.0, 31.0, 122.0, 32.0]}
    assert shops == {"format": "geojson", "rows": 1, "datum": "wgs84", "filters": filters}
    assert (offices["format"], offices["filters"]) == ("csv", {"area_m2": [50.0, 120.0]})
    assert offices["datum"] == "bd09"


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

"""The description of the API is true: what it names is accepted, what it does not name is refused."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.params import PARAMETERS
from layers.core.registry import find_layers
from tests.app.conftest import SignIn

ASKED = {
    "/api/map": "/api/map",
    "/api/search": "/api/search",
    "/api/credit/repair": "/api/credit/repair",
    "/api/layers/{layer}/map": "/api/layers/{}/map",
    "/api/layers/{layer}/facets": "/api/layers/{}/facets",
    "/api/layers/{layer}/nearest": "/api/layers/{}/nearest",
    "/api/layers/{layer}/places": "/api/layers/{}/places",
    "/api/layers/{layer}/export.{format}": "/api/layers/{}/export.csv",
}
FIELDS = {
    item.field: layer.id
    for layer in find_layers()
    for item in layer.filters
    if layer.field_named(item.field) or layer.measure_named(item.field)
}


def _described(client: TestClient) -> dict[str, dict[str, Any]]:
    return dict(client.get("/api/openapi.json").json()["paths"])


def _query_names(operation: dict[str, Any]) -> list[str]:
    return [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]


def _is_unknown(client: TestClient, path: str, name: str) -> bool:
    asked = f"{path}{'&' if '?' in path else '?'}{name}=1"
    answer = client.get(asked, headers={"Accept-Language": "en"})
    return answer.status_code == 422 and f"no parameter {name!r}" in answer.json()["detail"]


@pytest.mark.parametrize("path", sorted(ASKED))
def test_exactly_the_described_parameters_are_accepted(sign_in: SignIn, path: str) -> None:
    client = sign_in("supervisor")
    named = _query_names(_described(client)[path]["get"])
    assert len(named) == len(set(named))
    for name in {*PARAMETERS, *FIELDS, "foo"}:
        layer = FIELDS.get(name, "shops")
        asked = ASKED[path].format(layer) + (f"?layers={layer}" if path == "/api/map" else "")
        if path == "/api/map" and name == "layers":
            continue  # given already, and needed for the rest
        assert _is_unknown(client, asked, name) == (name not in named), name


def test_a_field_of_another_layer_is_refused(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    foreign = next(name for name, layer in FIELDS.items() if layer == "offices")
    assert _is_unknown(client, "/api/layers/shops/facets", foreign)


def test_every_route_of_the_api_refuses_what_its_description_does_not_name(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    given = {"layer": "shops", "format": "csv", "id": "1", "z": "0", "x": "0", "y": "0", "photo_id": "1"}
    for path, operations in _described(client).items():
        if path.startswith("/api/") and "get" in operations:
            answer = client.get(path.format(**given), params={"foo": "1"})
            assert (answer.status_code, answer.json().get("parameter")) == (422, "foo"), path


def test_needed_parameters_are_described_as_needed(sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    for path, asked in ASKED.items():
        operation = _described(client)[path]["get"]
        needed = {p["name"] for p in operation["parameters"] if p["in"] == "query" and p["required"]}
        answer = client.get(asked.format("shops"))
        assert answer.status_code == (422 if needed else 200), path
        if needed:
            assert answer.json()["parameter"] in needed


def test_errors_are_described_as_problem_documents(sign_in: SignIn) -> None:
    for path, operations in _described(sign_in("public")).items():
        for operation in operations.values():
            for status in ("422", "default"):
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"], path


@pytest.mark.parametrize(
    ("path", "parameter", "en", "zh"),
    [
        ("/api/places/abc", "id", "cannot be meant", "不对"),
        ("/api/basemap/0/a/0.json", "x", "cannot be meant", "不对"),
        ("/api/search", "q", "is needed", "缺少"),
    ],
)
def test_a_bad_part_of_the_address_is_named_in_the_caller_s_language(
    sign_in: SignIn, path: str, parameter: str, en: str, zh: str
) -> None:
    client = sign_in("public")
    for language, words in (("en", en), ("zh", zh)):
        answer = client.get(path, headers={"Accept-Language": language})
        assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)
        assert words in answer.json()["detail"]

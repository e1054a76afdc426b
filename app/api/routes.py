"""The routes under /api, /healthz, /readyz and /metrics."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from app.api.casebook import add_casebook
from app.api.cases import build_cases
from app.api.contests import build_contests
from app.api.credit import build_credit
from app.api.deliveries import build_deliveries
from app.api.draws import add_draws
from app.api.due import add_due
from app.api.exports import add_exports
from app.api.params import (
    COMMON,
    LISTS,
    MOMENT,
    documented,
    moment_of,
    needed_words,
    number,
    parse_query,
    refuse_unknown,
    told,
    whole,
    without_blanks,
)
from app.problems import ANSWERS, problem
from app.security import SESSION_COOKIE, current_viewer
from data.city import City
from layers.core.errors import BadQueryError
from layers.core.spec import Layer
from layers.core.text import Text
from layers.core.tiers import TIERS

CITY_MAP = frozenset({"layers", "seen"})
AROUND = frozenset({"lon", "lat", "n"})
MOST_FOUND = 50


# Named in addresses as the documentation names them.
LayerId = Annotated[str, Path(alias="layer", description="A layer's id, see /api/layers.")]
PlaceId = Annotated[int, Path(alias="id")]


class Credentials(BaseModel):
    """What a person signs in with."""

    username: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=200)


def build_router(city: City, *, secure_cookie: bool) -> APIRouter:
    """Return the routes over a city."""
    router = APIRouter(responses=ANSWERS)
    _add_health(router, city)
    api = APIRouter(dependencies=[Depends(refuse_unknown)])
    _add_session(api, city, secure_cookie)
    _add_layers(api, city)
    _add_places(api, city)
    add_exports(api, city)
    api.include_router(build_contests(city))
    api.include_router(build_cases(city))
    api.include_router(build_credit(city))
    api.include_router(build_deliveries(city))
    add_due(api, city)
    add_draws(api, city)
    add_casebook(api, city)
    _add_basemap(api, city)
    router.include_router(api)
    return router


def _add_health(router: APIRouter, city: City) -> None:
    @router.get("/healthz", tags=["health"])
    def healthz() -> dict[str, str]:
        """The process is up."""
        return {"status": "ok"}

    @router.get("/readyz", tags=["health"])
    def readyz() -> Response:
        """Database, migrations and point index are there; 503 with the reason otherwise."""
        reason = city.ready()
        return problem(503, "not_ready", reason) if reason else JSONResponse({"status": "ready"})

    @router.get("/metrics", tags=["health"])
    def metrics() -> Response:
        """Figures of the process for Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _add_session(router: APIRouter, city: City, secure_cookie: bool) -> None:
    @router.post("/api/login", status_code=204, tags=["session"])
    def login(credentials: Credentials, request: Request) -> Response:
        """Start a session; the cookie is the key."""
        address = request.client.host if request.client else ""
        token = city.login(credentials.username, credentials.password, address)
        answer = Response(status_code=204)
        answer.set_cookie(
            SESSION_COOKIE, token, httponly=True, samesite="lax", secure=secure_cookie, path="/"
        )
        return answer

    @router.get("/api/me", tags=["session"])
    def me() -> dict[str, str]:
        """Who the caller is: a name and a role, `public` without a session."""
        viewer = current_viewer.get()
        return {"name": viewer.name, "role": viewer.role}

    @router.post("/api/logout", status_code=204, tags=["session"])
    def logout(request: Request) -> Response:
        """End the session."""
        city.logout(request.cookies.get(SESSION_COOKIE, ""))
        answer = Response(status_code=204)
        answer.delete_cookie(SESSION_COOKIE, path="/")
        return answer


def _add_layers(router: APIRouter, city: City) -> None:
    viewport = documented(COMMON | MOMENT, layers=city.registry, needed={"bbox"})
    every = documented(COMMON | MOMENT | CITY_MAP, layers=city.registry, needed={"bbox"})
    counts = documented(COMMON | MOMENT, layers=city.registry)
    around = documented(COMMON | MOMENT | AROUND, layers=city.registry, needed={"lon", "lat"})

    @router.get("/api/layers", tags=["layers"])
    def layers() -> list[dict[str, Any]]:
        """The layers the caller may know of."""
        viewer, fresh = current_viewer.get(), city.freshness()
        found = city.layers_for(viewer)
        return [_layer_json(layer, city, fresh.get(layer.id)) for layer in found]

    @router.get("/api/map", tags=["layers"], openapi_extra=every)
    def city_map(request: Request) -> Response:
        """The viewport of several layers at once: cells and single places; `layers` names them, default all."""
        viewer = current_viewer.get()
        wanted = [part for part in request.query_params.get("layers", "").split(",") if part]
        chosen = [city.layer_for(i, viewer) for i in wanted] if wanted else city.layers_for(viewer)
        query = parse_query(without_blanks(request), chosen, viewer, also=MOMENT | CITY_MAP)
        city.reach(told(request.query_params))
        return _tagged(request, city.map(query))

    @router.get("/api/layers/{layer}/map", tags=["layers"], openapi_extra=viewport)
    def layer_map(layer_id: LayerId, request: Request) -> Response:
        """The viewport of one layer."""
        viewer = current_viewer.get()
        layer = city.layer_for(layer_id, viewer)
        return _tagged(request, city.map(parse_query(without_blanks(request), [layer], viewer, also=MOMENT)))

    @router.get("/api/layers/{layer}/facets", tags=["layers"], openapi_extra=counts)
    def facets(layer_id: LayerId, request: Request) -> Response:
        """How many places each value of each facet would give under the other filters."""
        viewer = current_viewer.get()
        layer = city.layer_for(layer_id, viewer)
        return _tagged(
            request,
            city.facets(parse_query(without_blanks(request), [layer], viewer, also=MOMENT)),
        )

    @router.get("/api/layers/{layer}/nearest", tags=["layers"], openapi_extra=around)
    def nearest(layer_id: LayerId, request: Request) -> Response:
        """The nearest places, with `distance_m`."""
        viewer, params = current_viewer.get(), without_blanks(request)
        layer = city.layer_for(layer_id, viewer)
        query = parse_query(params, [layer], viewer, also=MOMENT | AROUND)
        n = whole(params, "n", 10, 1, 1_000_000)
        return _tagged(request, city.nearest(query, number(params, "lon"), number(params, "lat"), n))


def _add_places(router: APIRouter, city: City) -> None:
    listed = documented(COMMON | LISTS, layers=city.registry)

    @router.get("/api/layers/{layer}/places", tags=["places"], openapi_extra=listed)
    def places(layer_id: LayerId, request: Request) -> dict[str, Any]:
        """One page of a list; `next` is the token of the page after."""
        viewer = current_viewer.get()
        return city.places(
            parse_query(without_blanks(request), [city.layer_for(layer_id, viewer)], viewer, also=LISTS)
        )

    @router.get("/api/places/{id}", tags=["places"], openapi_extra=documented(MOMENT))
    def card(place_id: PlaceId, request: Request) -> dict[str, Any]:
        """The card of a place, as far as the caller may read it; `as_of` turns the place, not its records.

        `under_review`, and `contested` of a reason: an objection is open (the tier stays). `upheld_on` of a reason: the
        day on which one was upheld, until the facts are corrected.
        """
        return city.card(place_id, current_viewer.get(), moment_of(request.query_params, "as_of"))

    @router.get("/api/search", tags=["places"], openapi_extra=documented({"q", "limit"}, needed={"q"}))
    def search(request: Request) -> dict[str, Any]:
        """Places by name, address, pinyin initials, credit code or permit number; at most 50."""
        params = request.query_params
        limit = min(whole(params, "limit", 20, 1, 1000), MOST_FOUND)
        found = city.search(needed_words(params), current_viewer.get(), limit)
        return {"type": "FeatureCollection", "features": found}


def _add_basemap(router: APIRouter, city: City) -> None:
    @router.get("/api/basemap/overview", tags=["basemap"])
    def overview(request: Request) -> Response:
        """Bounds, outline and labels of the offline basemap."""
        return _tagged(request, city.basemap_overview())

    @router.get("/api/basemap/{z}/{x}/{y}.json", tags=["basemap"])
    def tile(z: int, x: int, y: int, request: Request) -> Response:
        """One tile of the offline basemap."""
        if not (0 <= z <= 22 and 0 <= x < 2**z and 0 <= y < 2**z):
            raise BadQueryError(
                "z",
                Text("z、x、y 须为墨卡托网格的一块。", "z, x, y must name a tile of the web mercator grid."),
            )
        return _tagged(request, city.basemap_tile(z, x, y), "private, max-age=3600")


def _layer_json(layer: Layer, city: City, updated_at: Any) -> dict[str, Any]:
    viewer = current_viewer.get()
    reads = viewer.grant.reads
    return {
        "id": layer.id,
        "title": layer.title.as_json(),
        "glyph": layer.symbol.glyph,
        "count": city.count(layer, viewer),
        "updated_at": updated_at,
        "fields": [
            {"name": f.name, "type": f.type, "title": f.title.as_json()}
            for f in layer.fields
            if f.visible_to in reads
        ],
        "facets": _facets(layer),
        "legend": [{"tier": tier, "title": tier.label.as_json()} for tier in reversed(TIERS)],
    }


def _facets(layer: Layer) -> list[str]:
    reads = current_viewer.get().reads_throughout(layer.readable_by)
    fields = ((item.field, layer.field_named(item.field)) for item in layer.filters)
    return [name for name, field in fields if field is None or field.visible_to in reads]


def _tagged(request: Request, body: Any, cache: str = "no-cache") -> Response:
    content = orjson.dumps(body, default=str)
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": cache, "Vary": "Cookie"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)

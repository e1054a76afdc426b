"""Layers as files: exactly what is filtered, as the caller may read it, in the form and datum that is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import QueryParams

from app.api.params import COMMON, FILES, documented, parse_query, without_blanks
from app.export_files import ENCODINGS, FORMS, HEADERS, Manner, begun, file_name, lines_of
from app.i18n import current_language
from app.security import current_viewer
from app.sheets import most_rows
from data.city import City
from geo.datum import Datum
from layers.core.errors import BadQueryError
from layers.core.text import Text

LayerId = Annotated[str, Path(alias="layer", description="A layer's id, see /api/layers.")]
Form = Annotated[str, Path(alias="format", description=f"{', '.join(FORMS)}.")]


def add_exports(router: APIRouter, city: City) -> None:
    """Add the route."""
    described = documented(COMMON | FILES, layers=city.registry)

    @router.get("/api/layers/{layer}/export.{format}", tags=["places"], openapi_extra=described)
    def export(layer_id: LayerId, form: Form, request: Request) -> Response:
        """Exactly what is filtered, as a file: every place of `total` once, as of one moment.

        Fields are those that the caller may read, persons masked. Values are codes and columns bear the names of
        fields, unless `header=label` asks for words. csv and geojson are sent while they are read.
        """
        viewer, params = current_viewer.get(), without_blanks(request)
        layer, manner = city.layer_for(layer_id, viewer), manner_of(form, params)
        query = parse_query(params, [layer], viewer, also=FILES)
        found = city.exports.open(query, manner.form, manner.datum, most_rows(manner.form))
        lines = begun(lines_of(found, manner, current_language.get()))
        name = {"Content-Disposition": file_name(found, manner.form, current_language.get())}
        return StreamingResponse(lines, headers=name | {"Content-Type": manner.media})


def manner_of(form: str, params: QueryParams) -> Manner:
    """Read how a file is to be written; raises `BadQueryError` by name."""
    return Manner(
        form=_one_of("format", form, FORMS),
        datum=Datum(_one_of("datum", params.get("datum", Datum.WGS84), list(Datum))),
        header=_one_of("header", params.get("header", HEADERS[0]), HEADERS),
        encoding=_one_of("encoding", params.get("encoding", ENCODINGS[0]).lower(), ENCODINGS),
    )


def _one_of(name: str, value: str, known: Iterable[str]) -> str:
    there = ", ".join(known)
    if value not in there.split(", "):
        raise BadQueryError(
            name,
            Text(
                f"{name} 须为 {there} 之一；{value!r} 不是。",
                f"{name} must be one of {there}; {value!r} is none of them.",
            ),
        )
    return value

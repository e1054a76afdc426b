"""Answers of the point index as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from data.index import LayerIndex
from geo.arrays import Floats, Ints
from geo.cells import CellAnswer
from layers.core.tiers import STATUSES, TIERS

_TIERS = tuple(map(str, TIERS))  # keys of JSON are plain text


def tiers(answer: CellAnswer, found: Sequence[tuple[LayerIndex, Ints]]) -> dict[str, int]:
    """Return tier -> places of a picture."""
    counts = np.zeros(len(TIERS), np.int64)
    counts[: answer.mix.shape[1]] += answer.mix.sum(axis=0)
    for index, at in found:
        counts += np.bincount(index.points.values_at("tier", at), minlength=len(TIERS))
    return dict(zip(_TIERS, counts.tolist(), strict=True))


def layers(layer_ids: Sequence[str], answer: CellAnswer) -> dict[str, int]:
    """Return layer -> places of a picture."""
    counts = answer.groups.sum(axis=0) + [at.size for at in answer.singles]
    return dict(zip(layer_ids, counts.tolist(), strict=True))


def cells(layer_ids: Sequence[str], answer: CellAnswer) -> list[dict[str, Any]]:
    """Return the cells of a picture as GeoJSON features, without what the answer around them says already.

    A cell that is the tile of the answer's `level` around its point has no `bbox`, and one of a single layer no
    `layers`.
    """
    several = len(layer_ids) > 1
    rows = zip(
        _degrees(answer.lon),
        _degrees(answer.lat),
        answer.n.tolist(),
        answer.mix.tolist(),
        answer.groups.tolist(),
        _degrees(answer.bbox),
        answer.ids,
        strict=True,
    )
    return [
        _feature(
            lon,
            lat,
            {
                "n": n,
                "tiers": _some(_TIERS, mix),
            }
            | ({"layers": _some(layer_ids, groups)} if several else {})
            | ({"bbox": bbox} if answer.level is None else {})
            | ({"ids": ids.tolist()} if ids.size else {}),
        )
        for lon, lat, n, mix, groups, bbox, ids in rows
    ]


def singles(index: LayerIndex, at: Ints) -> list[dict[str, Any]]:
    """Return places at some positions as GeoJSON features."""
    points = index.points
    rows = zip(
        points.ids_at(at).tolist(),
        index.texts.names_at(points, at),
        _degrees(points.lon_at(at)),
        _degrees(points.lat_at(at)),
        points.values_at("tier", at).tolist(),
        points.values_at("status", at).tolist(),
        strict=True,
    )
    return [
        _feature(
            lon,
            lat,
            {
                "id": place_id,
                "name": name,
                "layer": index.layer.id,
                "tier": TIERS[tier],
                "status": STATUSES[status],
            },
        )
        | {"id": place_id}
        for place_id, name, lon, lat, tier, status in rows
    ]


def _some(names: Sequence[str], counts: Sequence[int]) -> dict[str, int]:
    return {name: count for name, count in zip(names, counts, strict=False) if count}


def _feature(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": point, "properties": properties}


def _degrees(values: Floats) -> list[Any]:
    """Degrees as they are sent: six places are a tenth of a metre."""
    found: list[Any] = np.round(values.astype(np.float64), 6).tolist()
    return found

"""Answers of the point index as GeoJSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data.index import LayerIndex
from geo.arrays import Ints
from geo.cells import CellAnswer
from layers.core.tiers import STATUSES, TIERS


def tiers(answer: CellAnswer, found: Sequence[tuple[LayerIndex, Ints]]) -> dict[str, int]:
    """Return tier -> places of a picture."""
    counts = np.zeros(len(TIERS), np.int64)
    counts[: answer.mix.shape[1]] += answer.mix.sum(axis=0)
    for index, at in found:
        counts += np.bincount(index.points.values_at("tier", at), minlength=len(TIERS))
    return dict(zip(TIERS, counts.tolist(), strict=True))


def layers(layer_ids: Sequence[str], answer: CellAnswer) -> dict[str, int]:
    """Return layer -> places of a picture."""
    counts = answer.groups.sum(axis=0) + [at.size for at in answer.singles]
    return dict(zip(layer_ids, counts.tolist(), strict=True))


def cell(layer_ids: Sequence[str], answer: CellAnswer, row: int) -> dict[str, Any]:
    """Return a cell of a picture as a GeoJSON feature."""
    properties: dict[str, Any] = {
        "n": int(answer.n[row]),
        "tiers": {TIERS[code]: n for code, n in enumerate(answer.mix[row].tolist()) if n},
        "layers": {layer: n for layer, n in zip(layer_ids, answer.groups[row].tolist(), strict=True) if n},
        "bbox": [round(side, 6) for side in answer.bbox[row].tolist()],
    }
    if answer.ids[row].size:
        properties["ids"] = answer.ids[row].tolist()
    return _feature(answer.lon[row], answer.lat[row], properties)


def singles(index: LayerIndex, at: Ints, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return places at some positions as GeoJSON features; `names` are by id."""
    points = index.points
    rows = zip(
        points.ids_at(at).tolist(),
        points.lon_at(at).tolist(),
        points.lat_at(at).tolist(),
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
                "name": names.get(place_id, ""),
                "layer": index.layer.id,
                "tier": TIERS[tier],
                "status": STATUSES[status],
            },
        )
        | {"id": place_id}
        for place_id, lon, lat, tier, status in rows
    ]


def as_then(rows: Sequence[Mapping[str, Any]], indexes: Sequence[LayerIndex]) -> list[dict[str, Any]]:
    """Return rows of a list with the tier and status of another moment, worst first; today's reasons do not apply."""
    by_layer = {index.layer.id: index.points for index in indexes}
    then = []
    for row in rows:
        points = by_layer[row["layer"]]
        (at,) = points.positions_of([row["id"]])
        tier, status = (int(points.values_at(name, np.array([at]))[0]) for name in ("tier", "status"))
        then.append({**row, "tier": tier, "status": status, "reason": None})
    return sorted(then, key=lambda row: -row["tier"])


def _feature(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [round(float(lon), 6), round(float(lat), 6)]}
    return {"type": "Feature", "geometry": point, "properties": properties}

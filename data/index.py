"""The point index of each layer: built from PostGIS, narrowed to what a viewer may know, renewed on announcement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from data.store.changes import latest
from data.store.places import ids_matching
from geo.index import BBox, Between, HasBit, OneOf, PointIndex
from geo.index import Selection as Chosen
from layers.core.access import FieldClass, Viewer
from layers.core.errors import BadQueryError
from layers.core.query import Query, Range, Selection
from layers.core.spec import FieldType, Layer
from layers.core.tiers import STATUSES, TIERS

COMMON = ("layer", "tier", "status", "category", "area", "state")


@dataclass(frozen=True, eq=False)
class LayerIndex:
    """The places of one layer (or several) as a `PointIndex`, with the words behind its codes.

    words: column -> the value of each code (or bit); `layers` are those it holds, `version` the change it knows.
    """

    layers: tuple[Layer, ...]
    points: PointIndex
    words: Mapping[str, tuple[str, ...]]
    version: int
    scope_ids: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def filters(self, query: Query) -> dict[str, Chosen]:
        """Return the query's conditions as selections on columns; raises `BadQueryError` for unknown fields."""
        chosen: dict[str, Chosen] = {}
        plain: dict[str, frozenset[str]] = {
            "tier": frozenset(query.tiers),
            "status": frozenset(query.statuses),
            "category": query.categories,
            "state": query.states,
        }
        for name, values in plain.items():
            if values:
                chosen[name] = OneOf(self._codes(name, values))
        if query.streets:
            chosen["area"] = OneOf(frozenset(_covered(self.words["area"], query.streets)))
        for name, selection in query.where.items():
            chosen[name] = self._field(name, selection)
        return chosen

    def _codes(self, name: str, values: frozenset[str]) -> frozenset[int]:
        return frozenset(code for code, word in enumerate(self.words[name]) if word in values)

    def _field(self, name: str, selection: Selection) -> Chosen:
        if name not in self.points.columns or name in COMMON:
            raise BadQueryError(name, f"There is no filter {name!r} on this layer.")
        if isinstance(selection, Range):
            if name in self.words:
                raise BadQueryError(name, f"{name} takes values, not a range.")
            return Between(selection.low, selection.high)
        if name not in self.words:
            raise BadQueryError(name, f"{name} is a number: give a range such as 2..5.")
        if name in self.points.bitmasks:
            return HasBit(sum(1 << code for code in self._codes(name, selection)))
        return OneOf(self._codes(name, selection))

    def within(self, query: Query, connection: Connection) -> np.ndarray | None:
        """Return bool[n] for the words and the polygon of a query, None when it has neither."""
        mask: np.ndarray | None = None
        if query.q.strip():
            ids = [i for layer in self.layers for i in ids_matching(connection, layer, query.q)]
            mask = self.points.having(np.array(ids, np.int64))
        if query.within:
            inside = self._inside(query.within)
            mask = inside if mask is None else mask & inside
        return mask

    def _inside(self, within: str) -> np.ndarray:
        if within.isdigit():
            codes = list(_covered(self.words["area"], frozenset({within})))
            return np.asarray(np.isin(self.points.columns["area"], codes))
        try:
            polygon = shapely.from_geojson(within)
        except shapely.errors.GEOSException as error:
            raise BadQueryError("within", "within must be an area code or a GeoJSON polygon.") from error
        if polygon.geom_type not in {"Polygon", "MultiPolygon"} or not polygon.is_valid:
            raise BadQueryError("within", "within must be a polygon that does not cross itself.")
        shapely.prepare(polygon)
        return np.asarray(shapely.contains_xy(polygon, self.points.lon, self.points.lat))

    def seen_by(self, viewer: Viewer) -> LayerIndex:
        """Return the index as a viewer may know it: rows out of reach left out, hidden tiers turned to none."""
        return _seen(self, viewer)


@lru_cache(maxsize=64)
def _seen(index: LayerIndex, viewer: Viewer) -> LayerIndex:
    if viewer.whole_city and all(layer.readable_by in viewer.grant.reads for layer in index.layers):
        return index
    points = index.points
    inside = _inside_scope(index, viewer)
    visible = np.zeros(len(points), np.bool_)
    words = {**index.words, "state": (*index.words["state"], "")}
    columns = {name: points.columns[name] for name in _open_columns(index, viewer)}
    hidden = {"tier": 0, "status": 0, "state": len(words["state"]) - 1}
    columns |= {name: columns[name].copy() for name in hidden}
    for code, layer in enumerate(index.layers):
        rows = points.columns["layer"] == code
        classes = {
            "tier": layer.tier_visible_to,
            "status": layer.status_visible_to,
            "state": FieldClass.OFFICIAL,
        }
        for scoped in (True, False):
            part, reads = rows & (inside == scoped), viewer.reads(in_scope=scoped)
            visible |= part & (layer.readable_by in reads)
            for name, nothing in hidden.items():
                if classes[name] not in reads:
                    columns[name][part] = nothing
    kept = PointIndex.build(
        points.ids[visible],
        points.lon[visible],
        points.lat[visible],
        {name: values[visible] for name, values in columns.items()},
        bitmasks=points.bitmasks & set(columns),
    )
    return replace(index, points=kept, words=words)


def _open_columns(index: LayerIndex, viewer: Viewer) -> list[str]:
    """Return the columns whose values the viewer may know of every place it sees."""
    closed = {
        field.name
        for layer in index.layers
        for field in layer.fields
        if field.visible_to not in viewer.reads_throughout(layer.readable_by)
    }
    return [name for name in index.points.columns if name not in closed]


def _inside_scope(index: LayerIndex, viewer: Viewer) -> np.ndarray:
    if viewer.whole_city:
        return np.ones(len(index.points), np.bool_)
    areas = [code for code, word in enumerate(index.words["area"]) if viewer.scope.covers_area(word)]
    inside = np.isin(index.points.columns["area"], areas)
    keys = [*viewer.scope.usccs, *(f"B{number}" for number in viewer.scope.buildings)]
    ids = [place_id for key in keys for place_id in index.scope_ids.get(key, ())]
    return np.asarray(inside | index.points.having(np.array(ids, np.int64)))


def _covered(areas: Sequence[str], wanted: frozenset[str]) -> list[int]:
    return [code for code, word in enumerate(areas) if word in wanted or (word and word[:6] in wanted)]


def load_index(connection: Connection, layer: Layer) -> LayerIndex:
    """Build the index of a layer from the database."""
    fields = [f for f in (layer.field_named(item.field) for item in layer.filters) if f]
    columns = "".join(f", l.{f.name}" for f in fields)
    sql = (
        "SELECT p.id, ST_X(p.geom), ST_Y(p.geom), coalesce(s.tier, 0), coalesce(s.status, 0), p.category, "
        f"p.area_code, coalesce(s.state, ''){columns} FROM place p LEFT JOIN place_status s ON s.place_id = p.id "
        f"LEFT JOIN layer_{layer.id} l ON l.place_id = p.id WHERE p.layer = :layer ORDER BY p.id"
    )
    version = latest(connection).get(layer.id, 0)
    rows = connection.execute(text(sql), {"layer": layer.id}).all()
    parts: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * (8 + len(fields))
    words: dict[str, tuple[str, ...]] = {"layer": (layer.id,), "tier": TIERS, "status": STATUSES}
    data: dict[str, np.ndarray] = {
        "layer": np.zeros(len(rows), np.uint8),
        "tier": np.array(parts[3], np.uint8),
        "status": np.array(parts[4], np.uint8),
    }
    for name, values in (("category", parts[5]), ("area", parts[6]), ("state", parts[7])):
        data[name], words[name] = _encode(values)
    bitmasks = set()
    for f, values in zip(fields, parts[8:], strict=True):
        if f.type is FieldType.CHOICES:
            words[f.name] = tuple(choice.value for choice in f.choices)
            data[f.name] = _bits(values, words[f.name])
            bitmasks.add(f.name)
        elif f.type in {FieldType.INTEGER, FieldType.NUMBER}:
            data[f.name] = np.array([np.nan if v is None else v for v in values], np.float32)
        else:
            data[f.name], words[f.name] = _encode([_word(v) for v in values])
    points = PointIndex.build(
        np.array(parts[0], np.int64),
        np.array(parts[1], float),
        np.array(parts[2], float),
        data,
        bitmasks=bitmasks,
    )
    return LayerIndex((layer,), points, words, version, _scope_ids(connection, layer))


def combine(indexes: Sequence[LayerIndex]) -> LayerIndex:
    """Return one index over several layers with the columns they share."""
    words = {"layer": tuple(index.layers[0].id for index in indexes), "tier": TIERS, "status": STATUSES}
    recode: dict[str, list[np.ndarray]] = {"category": [], "area": [], "state": []}
    for name, parts in recode.items():
        merged = sorted({word for index in indexes for word in index.words[name]})
        words[name] = tuple(merged)
        place = {word: code for code, word in enumerate(merged)}
        for index in indexes:
            table = np.array([place[word] for word in index.words[name]] or [0], np.uint16)
            parts.append(table[index.points.columns[name]])
    data = {name: np.concatenate(parts) for name, parts in recode.items()}
    for name in ("tier", "status"):
        data[name] = np.concatenate([index.points.columns[name] for index in indexes])
    data["layer"] = np.concatenate(
        [np.full(len(index.points), code, np.uint8) for code, index in enumerate(indexes)]
    )
    joined = {
        name: np.concatenate([getattr(index.points, name) for index in indexes])
        for name in ("ids", "lon", "lat")
    }
    scope_ids: dict[str, frozenset[int]] = {}
    for index in indexes:
        for key, ids in index.scope_ids.items():
            scope_ids[key] = scope_ids.get(key, frozenset()) | ids
    layers = tuple(layer for index in indexes for layer in index.layers)
    version = max((index.version for index in indexes), default=0)
    points = PointIndex.build(joined["ids"], joined["lon"], joined["lat"], data)
    return LayerIndex(layers, points, words, version, scope_ids)


def _encode(values: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    words, codes = np.unique(np.array([str(value) for value in values], dtype=object), return_inverse=True)
    return codes.astype(np.uint16), tuple(str(word) for word in words)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _bits(values: Sequence[Sequence[str] | None], words: tuple[str, ...]) -> np.ndarray:
    bit = {word: 1 << place for place, word in enumerate(words)}
    return np.array([sum(bit.get(item, 0) for item in value or ()) for value in values], np.uint32)


def _scope_ids(connection: Connection, layer: Layer) -> dict[str, frozenset[int]]:
    """Return the places behind every scope key that an account uses: credit codes and buildings."""
    sql = (
        "SELECT k.key, array_agg(p.id) FROM (SELECT DISTINCT unnest(scope) AS key FROM app_user) k "
        "JOIN place p ON p.layer = :layer LEFT JOIN enterprise e ON e.id = p.enterprise_id "
        "WHERE length(k.key) = 18 AND e.uscc = k.key OR k.key = 'B' || p.building_id GROUP BY k.key"
    )
    return {key: frozenset(ids) for key, ids in connection.execute(text(sql), {"layer": layer.id})}


__all__ = ["BBox", "LayerIndex", "combine", "load_index"]

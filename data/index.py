"""The point index of a layer: built from PostGIS, brought up to date by changes, narrowed to what a viewer may know."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import numpy as np
import shapely
from sqlalchemy import Connection

from data.index_rows import OPEN, IndexRows, read_rows
from data.store.changes import Changed, latest, seen_now
from data.store.places import ids_numbered
from data.texts import Texts
from geo.arrays import Bools
from geo.index import BBox, Between, HasBit, OneOf, PointIndex
from geo.index import Selection as Chosen
from geo.picture import LOOKED_AT, Sheet, picture
from layers.core.access import FieldClass, Viewer
from layers.core.errors import BadQueryError
from layers.core.hours import is_open, parse_hours
from layers.core.query import Query, Range, Selection
from layers.core.spec import Layer
from layers.core.text import Text

CUBE = ("tier", "status", "category", "state")  # what the screens filter by
WORLD = BBox(-180, -85, 180, 85)
COMMON = ("tier", "status", "category", "area", "state")
_NUMBER = re.compile(r"\d")  # permit numbers and credit codes have a digit


@dataclass(frozen=True, eq=False)
class LayerIndex:
    """The places of a layer as a `PointIndex`, with the words behind its codes and the texts they are found by.

    words: column -> the value of each code (or bit); version: the latest change it knows; seen: the snapshot of
    the database that it was read from.
    """

    layer: Layer
    points: PointIndex
    words: Mapping[str, tuple[str, ...]]
    texts: Texts
    version: int
    seen: str

    # -- what a query means -------------------------------------------------------------------------------------------

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
        if query.open_at is not None:
            chosen[OPEN] = OneOf(self._open_at(query.open_at))
        for name, selection in query.where.items():
            if self.layer.measure_named(name) is None:  # those are no columns, see `data.measured`
                chosen[name] = self._field(name, selection)
        return chosen

    def within(self, query: Query, connection: Connection) -> Bools | None:
        """Return bool[positions] for the words and the polygon of a query, None when it has neither."""
        mask: Bools | None = None
        if words := query.q.strip():
            mask = self.texts.holding(self.points, words.lower())
            if _NUMBER.search(words):
                mask = mask | self._having(ids_numbered(connection, self.layer, words))
        if query.within:
            inside = self._inside(query.within)
            mask = inside if mask is None else mask & inside
        return mask

    def _codes(self, name: str, values: frozenset[str]) -> frozenset[int]:
        return frozenset(code for code, word in enumerate(self.words[name]) if word in values)

    def _open_at(self, moment: datetime) -> frozenset[int]:
        """Codes of the hours that hold a moment; unknown hours hold none."""
        if OPEN not in self.words:
            raise BadQueryError(
                "open_at",
                Text(
                    "这个图层没有营业时间，不能按 open_at 筛选。",
                    "This layer has no hours to be open at: leave out open_at.",
                ),
            )
        hours = self.words[OPEN]
        return frozenset(
            code for code, words in enumerate(hours) if words and is_open(parse_hours(words), moment)
        )

    def _field(self, name: str, selection: Selection) -> Chosen:
        if name not in self.points.kinds or name in (*COMMON, OPEN):
            raise BadQueryError(
                name, Text(f"这个图层没有筛选项 {name!r}。", f"There is no filter {name!r} on this layer.")
            )
        if isinstance(selection, Range):
            if name in self.words:
                raise BadQueryError(
                    name, Text(f"{name} 须为值，不是范围。", f"{name} takes values, not a range.")
                )
            return Between(selection.low, selection.high)
        if name not in self.words:
            raise BadQueryError(
                name,
                Text(
                    f"{name} 是数字：请写成范围，如 2..5。", f"{name} is a number: give a range such as 2..5."
                ),
            )
        if name in self.points.table.bitmasks:
            return HasBit(sum(1 << code for code in self._codes(name, selection)))
        return OneOf(self._codes(name, selection))

    def _having(self, ids: Sequence[int]) -> Bools:
        return self.points.mask_of(self.points.positions_of(np.array(ids, np.int64)))

    def _inside(self, within: str) -> Bools:
        if within.isdigit():
            codes = frozenset(_covered(self.words["area"], frozenset({within})))
            return self.points.mask_of(self.points.select(None, {"area": OneOf(codes)}))
        polygon = _polygon(within)
        near = self.points.select(BBox(*_widened(shapely.bounds(polygon).tolist())))
        shapely.prepare(polygon)
        inside = shapely.contains_xy(polygon, self.points.lon_at(near), self.points.lat_at(near))
        return self.points.mask_of(near[inside])

    # -- changes ------------------------------------------------------------------------------------------------------

    def changed(self, connection: Connection, news: Changed) -> LayerIndex:
        """Return the index with the places of a change as they are now."""
        ids = sorted(news.place_ids)
        rows = read_rows(connection, self.layer, ids, self.words)
        return replace(overlaid(self, rows, ids), version=max(self.version, news.version))

    # -- who looks ----------------------------------------------------------------------------------------------------

    def seen_by(self, viewer: Viewer, own: tuple[int, ...] = ()) -> LayerIndex:
        """Return the index as a viewer may know it: rows out of reach left out, hidden tiers turned to none.

        `own` are the places that lie in the viewer's scope for themselves, wherever they are.
        """
        if viewer.whole_city and self.layer.readable_by in viewer.grant.reads:
            return self
        return _seen(self, viewer, own)


def overlaid(index: LayerIndex, rows: IndexRows, ids: Sequence[int]) -> LayerIndex:
    """Return an index in which the named places are as some rows say; those without a row are gone."""
    points = index.points.replaced(rows.ids, rows.lon, rows.lat, rows.columns, ids)
    return replace(index, points=points, words=rows.words, texts=index.texts.changed(rows, ids))


@lru_cache(maxsize=64)
def _seen(index: LayerIndex, viewer: Viewer, own: tuple[int, ...]) -> LayerIndex:
    layer, points, table = index.layer, index.points, index.points.table
    words = {**index.words, "state": (*index.words["state"], "")}
    nothing = {"tier": 0, "status": 0, "state": len(words["state"]) - 1}
    classes = {
        "tier": layer.tier_visible_to,
        "status": layer.status_visible_to,
        "state": FieldClass.OFFICIAL,
    }
    open_names = _open_columns(index, viewer)
    areas = [viewer.scope.covers_area(word) for word in words["area"]]
    inside = np.array([*areas, False], np.bool_)[table.columns["area"]] if not viewer.whole_city else None
    columns = {name: table.columns[name] for name in table.columns if name in open_names}
    hidden = np.zeros(table.size, np.bool_)
    for scoped in (True, False):
        part = np.full(table.size, scoped) if inside is None else inside == scoped
        reads = viewer.reads(in_scope=scoped)
        if layer.readable_by not in reads:
            hidden |= part
        for name, class_ in classes.items():
            if class_ not in reads:
                columns[name] = np.where(part, table.columns[name].dtype.type(nothing[name]), columns[name])
    seen = points.seen_as(columns, hidden, [name for name in points.base.numbers if name in open_names])
    if own:
        seen = _with_own(index, seen, viewer, own, nothing, classes)
    return replace(index, points=seen, words=words)


def _with_own(
    index: LayerIndex,
    seen: PointIndex,
    viewer: Viewer,
    own: tuple[int, ...],
    nothing: Mapping[str, int],
    classes: Mapping[str, FieldClass],
) -> PointIndex:
    """Put a viewer's own places in as they are, for they lie in its scope wherever they are."""
    reads = viewer.reads(in_scope=True)
    if index.layer.readable_by not in reads:
        return seen
    at = index.points.positions_of(np.array(own, np.int64))
    columns = {name: index.points.values_at(name, at) for name in seen.kinds}
    for name, class_ in classes.items():
        if class_ not in reads:
            columns[name] = np.full(at.size, nothing[name], columns[name].dtype)
    return seen.replaced(index.points.ids_at(at), index.points.lon_at(at), index.points.lat_at(at), columns)


def _open_columns(index: LayerIndex, viewer: Viewer) -> set[str]:
    """Return the columns whose values the viewer may know of every place it sees."""
    reads = viewer.reads_throughout(index.layer.readable_by)
    closed = {field.name for field in index.layer.fields if field.visible_to not in reads}
    return set(index.points.kinds) - closed


def _covered(areas: Sequence[str], wanted: frozenset[str]) -> list[int]:
    return [code for code, word in enumerate(areas) if word in wanted or (word and word[:6] in wanted)]


def _polygon(within: str) -> shapely.Geometry:
    try:
        polygon = shapely.from_geojson(within)
    except shapely.errors.GEOSException as error:
        raise BadQueryError(
            "within",
            Text("within 须为区划代码或 GeoJSON 面。", "within must be an area code or a GeoJSON polygon."),
        ) from error
    if polygon.geom_type not in {"Polygon", "MultiPolygon"} or polygon.is_empty or not polygon.is_valid:
        raise BadQueryError(
            "within",
            Text("within 须为不自相交的面。", "within must be a polygon that does not cross itself."),
        )
    return polygon


def _widened(bounds: list[float]) -> tuple[float, float, float, float]:
    """A box that holds its own east and north sides, which a half-open one does not."""
    west, south, east, north = bounds
    return west, south, float(np.nextafter(east, np.inf)), float(np.nextafter(north, np.inf))


def load_index(connection: Connection, layer: Layer) -> LayerIndex:
    """Build the index of a layer from one snapshot of the database (REPEATABLE READ)."""
    seen, version = seen_now(connection), latest(connection).get(layer.id, 0)
    rows = read_rows(connection, layer)
    points = PointIndex.build(rows.ids, rows.lon, rows.lat, rows.columns, bitmasks=rows.bitmasks, cube=CUBE)
    return LayerIndex(layer, points, rows.words, Texts.build(points, rows), version, seen)


def rehearse(index: LayerIndex) -> None:
    """Ask everything once, so that the loops are compiled before anybody waits for them."""
    points = index.points
    at = points.base.ids[:1]
    changed = points.replaced(
        at,
        points.base.lon[:1],
        points.base.lat[:1],
        {name: points.values_at(name, np.arange(at.size)) for name in points.kinds},
    )
    some = {"tier": OneOf(frozenset({0}))}
    for version in (points, changed):
        for within in (None, version.mask_of(version.select())):
            sheet = Sheet(version, version.choose(some, within), "tier")
            for looked_at in (0, LOOKED_AT):
                picture([sheet], WORLD, 3, singles=0, looked_at=looked_at)
            version.facets(
                some, [name for name in version.kinds if name in index.words], bbox=WORLD, within=within
            )
            version.nearest(0.0, 0.0, 1, some, within=within)
    index.texts.words.holding("—")


__all__ = ["BBox", "LayerIndex", "load_index"]

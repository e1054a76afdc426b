"""The city as the web sees it: every read takes a viewer, every write is one audited transaction."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from data import answers, lists
from data.areas import area_names
from data.casebook import CaseBook
from data.casework import Casework
from data.contests import Contests
from data.credit import Credit
from data.db import acting, asking, make_engine
from data.deliveries import Deliveries
from data.draws import Draws
from data.due import DueLists
from data.exports import Exports
from data.index import LayerIndex
from data.index_rows import OPEN
from data.keeper import Keeper
from data.measured import narrowed
from data.moments import check_moment, index_at
from data.offers import Offers
from data.pages import PlacePages
from data.publications import Publications
from data.queue import FOLLOW_RULES, RULES_LOCK, ask_worker
from data.remembered import Remembered
from data.revision import is_current
from data.rulebook import RuleBook
from data.sessions import Sessions
from data.status import judge_places
from data.store import audit, basemap, cards, inspections, overview, places, users
from data.tables import registry
from data.then import list_then, row_then
from geo.arrays import Bools
from geo.index import BBox, Choice
from geo.picture import Sheet, picture
from layers.core.access import PUBLIC_VIEWER, FieldClass, Viewer
from layers.core.citytime import day_of
from layers.core.errors import BadQueryError, UnknownLayerError
from layers.core.query import Query
from layers.core.registry import Registry
from layers.core.rent import MONTHS
from layers.core.spec import Layer
from layers.core.text import Text
from layers.core.tiers import TIERS

log = logging.getLogger(__name__)

SINGLES = 200
MOST_NEAREST = 100
MOST_OF_A_NAME = 100
OVERVIEW_KEPT_S = 10.0  # the ground changes with an import or a new demo city only


class City:
    """Questions and commands of the screens and the API; safe to use from several threads."""

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime],
        folder: Path | None = None,
        secret: str = "",
        month_days: float = MONTHS["30"],
        incoming: Path | None = None,
    ) -> None:
        """`folder` keeps the files of the point indexes, which processes share; without one they lie in memory.

        `incoming` keeps the files that are sent to be taken in; without one none can be sent.

        `secret` is the key of the sessions, the same in every process; without one sessions end with this process.
        `month_days`: how many days a month of rent counts.
        """
        self._month_days = month_days
        self.registry: Registry = registry
        self.clock = clock
        self._secret = secret or secrets.token_urlsafe(32)
        self._engine: Engine = make_engine(url)
        self.sessions = Sessions(self._viewer)  # who a token belongs to
        self.basemap_overview = Remembered(self._read_overview, OVERVIEW_KEPT_S)
        self._keeper = Keeper(url, self._engine, registry, folder)
        self.contests = Contests(self._engine, clock, self._keeper.renew)
        self.cases = Casework(self._engine, clock, self._keeper.renew)
        self.credit = Credit(self._engine, clock, self._keeper.renew)
        self.casebook = CaseBook(self._engine)
        self.pages = PlacePages(self._engine)
        self.due = DueLists(self._engine, clock, self._keeper.renew)
        self.rules = RuleBook(self._engine, clock, partial(ask_worker, url, FOLLOW_RULES, RULES_LOCK))
        self.draws = Draws(self._engine, clock, self._keeper.renew)
        self.publications = Publications(self._engine, clock, self._keeper.renew)
        self.deliveries = Deliveries(self._engine, clock, incoming, partial(ask_worker, url))
        self.offers = Offers(self._engine, clock, self._seen, month_days)
        self.exports = Exports(self._engine, clock, self.layer_for, self._keeper.index, month_days)

    def start(self) -> None:
        """Begin to hear of changes."""
        self._keeper.start()

    def load(self) -> None:
        """Read the cases and indexes now, not at the first question; left for later while the database is not fit."""
        try:
            self.casebook.follow()
            self._keeper.load()
        except (SQLAlchemyError, psycopg2.Error) as error:
            log.warning("The indexes could not be read yet: %s", str(error).partition("\n")[0])

    def stop(self) -> None:
        """End the background thread and close the connections."""
        self._keeper.stop()
        self._engine.dispose()

    def subscribe(self, subscriber: Callable[[dict[str, int]], None]) -> None:
        """Be told layer -> version of every change, from another thread, after the indexes know of it."""
        self._keeper.subscribe(subscriber)

    def ready(self) -> Text | None:
        """Return None when database, migrations and indexes are there, else the reason."""
        try:
            if not is_current(self._engine):
                return Text(
                    "数据库结构不是最新：请运行 `yiping migrate`。",
                    "The database has not the present shape: run `yiping migrate`.",
                )
            if not self._keeper.complete:
                return Text(
                    "正在读取地图索引：请稍候。", "The indexes of the map are being read: wait a moment."
                )
        except Exception as error:  # whatever it is, the process is not ready
            # Anybody may ask, and the reason names host and port: it stays in the log.
            log.error("Not ready, the database does not answer: %s", str(error).partition("\n")[0])
            return Text("数据库没有应答：原因见日志。", "The database does not answer: the log says why.")
        return None

    def reach(self, versions: dict[str, int]) -> None:
        """Make sure that answers know the changes of these numbers, of which another process has told."""
        self._keeper.reach(versions)

    # -- what may be known --------------------------------------------------------------------------------------------

    def layers_for(self, viewer: Viewer) -> list[Layer]:
        """Return the layers a viewer may know of."""
        return [layer for layer in self.registry if layer.readable_by in viewer.grant.reads]

    def layer_for(self, layer_id: str, viewer: Viewer) -> Layer:
        """Return a layer, or raise `UnknownLayerError` also where it must stay unknown."""
        if layer_id not in {layer.id for layer in self.layers_for(viewer)}:
            raise UnknownLayerError(
                Text(
                    f"没有图层 {layer_id!r}：可用的图层见 /api/layers。",
                    f"There is no layer {layer_id!r}: ask /api/layers for those there are.",
                )
            )
        return self.registry[layer_id]

    def count(self, layer: Layer, viewer: Viewer) -> int:
        """Return how many places of a layer a viewer may know of."""
        points = self._seen(layer.id, viewer).points
        return points.count(points.choose())

    # -- questions ----------------------------------------------------------------------------------------------------

    def map(self, query: Query) -> dict[str, Any]:
        """Return the viewport of a query as GeoJSON cells and places with the exact total."""
        if query.bbox is None:
            raise BadQueryError(
                "bbox",
                Text(
                    "缺少 bbox：西,南,东,北，单位为度。", "bbox is needed: west,south,east,north in degrees."
                ),
            )
        indexes = [self._seen(layer_id, query.viewer, query.as_of) for layer_id in query.layers]
        sheets = [Sheet(index.points, self._choice(index, query), "tier") for index in indexes]
        answer = picture(sheets, BBox(*query.bbox), query.zoom, singles=SINGLES)
        found = list(zip(indexes, answer.singles, strict=True))
        features = answers.cells(query.layers, answer)
        for index, at in found:
            features += answers.singles(index, at)
        return {
            "type": "FeatureCollection",
            "total": answer.total,
            "version": str(max((index.version for index in indexes), default=0)),
            "level": answer.level,
            "tiers": answers.tiers(answer, found),
            "layers": answers.layers(query.layers, answer),
            "features": features,
        }

    def facets(self, query: Query) -> dict[str, Any]:
        """Return the total and, per facet, the count of each value under the other filters."""
        index = self._seen(query.layers[0], query.viewer, query.as_of)
        filters, within = index.filters(query), self._within(index, query)
        bbox = BBox(*query.bbox) if query.bbox else None
        names = [name for name in index.points.kinds if name in index.words and name != OPEN]
        counts = index.points.facets(filters, names, bbox=bbox, within=within)
        facets = {
            ("street" if name == "area" else name): {
                str(word): int(n)
                for word, n in zip(index.words[name], counts[name], strict=False)
                if n and word
            }
            for name in names
        }
        return {"total": index.points.count(index.points.choose(filters, within), bbox), "facets": facets}

    def counts(self, query: Query) -> dict[str, dict[str, dict[str, int]]]:
        """Return layer -> {"tier": counts, "status": counts, "state": counts} under a query."""
        found = {}
        for layer_id in query.layers:
            facets = self.facets(_only(query, layer_id))["facets"]
            found[layer_id] = {name: facets.get(name, {}) for name in ("tier", "status", "state", "street")}
        return found

    def nearest(self, query: Query, lon: float, lat: float, n: int) -> dict[str, Any]:
        """Return the n nearest places under a query with `distance_m`, nearest first."""
        index = self._seen(query.layers[0], query.viewer, query.as_of)
        filters, within = index.filters(query), self._within(index, query)
        positions, distances = index.points.nearest(lon, lat, min(n, MOST_NEAREST), filters, within=within)
        features = answers.singles(index, positions)
        for feature, distance in zip(features, distances, strict=True):
            feature["properties"]["distance_m"] = round(float(distance), 1)
        return {"type": "FeatureCollection", "total": len(features), "features": features}

    def places(self, query: Query) -> dict[str, Any]:
        """Return one page of a list of places of one layer."""
        layer = self.layer_for(query.layers[0], query.viewer)
        index = self._seen(layer.id, query.viewer)
        bbox = BBox(*query.bbox) if query.bbox else None
        at = index.points.select(bbox, index.filters(query), self._within(index, query))
        with asking(self._engine) as connection:
            ids, token = lists.page_of(connection, index, at, _sortable(layer, query))
            rows = places.rows_of(connection, layer, ids)
        features = [places.feature(layer, row, query.viewer) for row in rows]
        return {"type": "FeatureCollection", "total": int(at.size), "next": token, "features": features}

    def card(self, place_id: int, viewer: Viewer, as_of: datetime | None = None) -> dict[str, Any]:
        """Return the card of a place as a viewer may read it, of now or with what it was or will be at a moment."""
        now = self.clock()
        with asking(self._engine) as connection:
            if as_of is None:
                return cards.card(connection, place_id, viewer, day_of(now))
            check_moment(as_of, now)
            turned = partial(row_then, connection, at=as_of, now=now)
            return cards.card(connection, place_id, viewer, day_of(as_of), turned)

    def cards(self, place_ids: Sequence[int], viewer: Viewer) -> list[dict[str, Any]]:
        """Return the visible ones of some places as short features, worst first (places on one spot)."""
        with asking(self._engine) as connection:
            rows = connection.execute(
                text("SELECT id, layer FROM place WHERE id = ANY(:ids)"), {"ids": list(place_ids)[:200]}
            ).all()
            found = []
            for row in rows:
                layer = self.registry[row.layer]
                whole = places.row_of(connection, layer, row.id)
                if whole and layer.readable_by in viewer.reads(in_scope=places.in_scope(viewer, whole)):
                    found.append(places.feature(layer, whole, viewer))
        return sorted(found, key=lambda f: -TIERS.index(f["properties"]["tier"]))

    def search(self, words: str, viewer: Viewer, limit: int = 20) -> list[dict[str, Any]]:
        """Return places by name, address, pinyin initials, credit code or permit number."""
        found: list[dict[str, Any]] = []
        for layer in self.layers_for(viewer):
            query = Query(layers=(layer.id,), viewer=viewer, q=words, limit=limit)
            found += self.places(query)["features"] if words.strip() else []
        exact = words.strip().lower()
        return sorted(found, key=lambda f: (exact not in f["properties"]["name"].lower(), f["id"]))[:limit]

    def events(self, viewer: Viewer, limit: int = 12) -> list[dict[str, Any]]:
        """Return what happened lately inside a viewer's scope."""
        if FieldClass.OFFICIAL not in viewer.grant.reads:
            return []
        condition, params = places.scope_sql(viewer)
        with asking(self._engine) as connection:
            return overview.events(connection, condition, params, limit)

    def freshness(self) -> dict[str, Any]:
        """Return layer -> when its newest row was written."""
        with asking(self._engine) as connection:
            return overview.freshness(connection)

    def setting(self, key: str) -> Any:
        """Return a setting of the city, None where it is not set."""
        with asking(self._engine) as connection:
            return overview.setting(connection, key)

    def area_names(self) -> dict[str, str]:
        """Return code -> name of districts and sub-districts."""
        with asking(self._engine) as connection:
            return area_names(connection)

    def _read_overview(self) -> dict[str, Any]:
        """Return bounds, outline and labels of the offline basemap."""
        with asking(self._engine) as connection:
            return basemap.overview(connection)

    def basemap_tile(self, z: int, x: int, y: int) -> dict[str, Any]:
        """Return one tile of the offline basemap."""
        with asking(self._engine) as connection:
            return basemap.tile(connection, z, x, y)

    def to_do(self, query: Query, limit: int) -> list[dict[str, Any]]:
        """Return the places of a query inside the viewer's scope that most need action, with their first reason."""
        if FieldClass.OFFICIAL not in query.viewer.grant.reads or not query.layers:
            return []
        indexes = [self._seen(layer_id, query.viewer, query.as_of) for layer_id in query.layers]
        found = [
            (index.points, index.points.find(self._choice(index, query), lambda rows: rows.runs_in(None)))
            for index in indexes
        ]
        tiers = np.concatenate([some.values_at("tier", at) for some, at in found])
        # The database orders those of the worst tiers that fill the list, not all that a city has.
        no_better = np.cumsum(np.bincount(tiers, minlength=len(TIERS))[::-1])[::-1]
        least = int(np.flatnonzero(no_better >= min(limit, tiers.size))[-1])
        ids = np.concatenate([some.ids_at(at) for some, at in found])[tiers >= least]
        condition, params = places.scope_sql(query.viewer)
        condition, params = f"{condition} AND p.id = ANY(:ids)", params | {"ids": ids.tolist()}
        with asking(self._engine) as connection:
            rows = overview.urgent(connection, condition, params, limit, range(len(TIERS)))
            return rows if query.as_of is None else list_then(connection, rows, query.as_of, self.clock())

    # -- commands -----------------------------------------------------------------------------------------------------

    def record_visit(self, visit: inspections.Visit, viewer: Viewer) -> dict[str, Any]:
        """Write a visit, judge the place again, and return its new card."""
        now = self.clock()
        with acting(self._engine, viewer.name) as connection:
            written = inspections.record_visit(connection, viewer, visit, now)
            judge_places(connection, [visit.place_id], now)
            if written.new:
                subject, details = f"place:{visit.place_id}", {"inspection": written.inspection_id}
                audit.record(connection, viewer.name, "inspect", subject, details)
        self._keeper.renew()  # who has written reads its own writing
        return self.card(visit.place_id, viewer)

    def reveal(self, place_id: int, field: str, viewer: Viewer) -> str:
        """Return a personal field of a place unmasked, on the record."""
        with acting(self._engine, viewer.name) as connection:
            return cards.reveal(connection, place_id, field, viewer)

    def login(self, name: str, password: str, address: str) -> str:
        """Return the token of a new session; raises `YipingError` for wrong words and too many attempts."""
        keys, now = [f"user:{name}", f"from:{address}"], self.clock()
        with acting(self._engine, name) as connection:
            users.brake(connection, keys, now)
            user_id = users.check_password(connection, name, password)
            if user_id is None:
                users.note_failure(connection, keys, now)
                # Nobody has acted yet: the name is what was tried, not who did it.
                tried = {"name": name[:MOST_OF_A_NAME], "from": address}
                audit.record(connection, PUBLIC_VIEWER.role, "login_failed", "session", tried)
            else:
                users.forget_failures(connection, keys[0])
                audit.record(connection, name, "login", f"user:{user_id}", {"from": address})
                return users.open_session(connection, user_id, now, self._secret)
        raise users.WrongPasswordError(
            Text(
                "用户名或密码不正确：请重试，或联系管理员。",
                "Name or password is wrong: try again, or ask your administrator.",
            )
        )

    def logout(self, token: str) -> None:
        """End a session; a token that is no session's is nothing to end."""
        with self._engine.begin() as connection:
            name = users.viewer_of(connection, token, self.clock(), self._secret).name
            user_id = users.close_session(connection, token, self._secret)
            if user_id is not None:
                audit.record(connection, name or f"user:{user_id}", "logout", f"user:{user_id}")
        self.sessions.forget(token)

    def _viewer(self, token: str) -> Viewer:
        with asking(self._engine) as connection:
            return users.viewer_of(connection, token, self.clock(), self._secret)

    def _seen(self, layer_id: str, viewer: Viewer, as_of: datetime | None = None) -> LayerIndex:
        layer = self.layer_for(layer_id, viewer)
        own: tuple[int, ...] = ()
        if viewer.scope.usccs or viewer.scope.buildings:
            with asking(self._engine) as connection:
                own = tuple(
                    places.ids_in_scope(connection, layer, viewer.scope.usccs, viewer.scope.buildings)
                )
        index = self._keeper.index(layer.id)
        if as_of is not None:
            now = self.clock()
            check_moment(as_of, now)
            index = index_at(self._engine, index, as_of, as_of > now)
        return index.seen_by(viewer, own)

    def _choice(self, index: LayerIndex, query: Query) -> Choice:
        return index.points.choose(index.filters(query), self._within(index, query))

    def _within(self, index: LayerIndex, query: Query) -> Bools | None:
        return narrowed(index, query, self._month_days, partial(asking, self._engine))


def _sortable(layer: Layer, query: Query) -> Query:
    """Return the query with an order that tells nothing hidden: a list sorted by tier would give the tiers away."""
    hidden = layer.tier_visible_to not in query.viewer.reads_throughout(layer.readable_by)
    return replace(query, sort="id") if hidden and query.sort == "tier" else query


def _only(query: Query, layer_id: str) -> Query:
    return replace(query, layers=(layer_id,))

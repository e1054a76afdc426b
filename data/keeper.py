"""The indexes of a process, kept as new as the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, Engine

from data import snapshot
from data.db import reading
from data.index import LayerIndex, load_index, rehearse
from data.listen import Listener
from data.store.changes import Changed, seen_now, since
from layers.core.registry import Registry
from layers.core.spec import Layer

log = logging.getLogger(__name__)
Versions = dict[str, int]
MOST_AT_ONCE = 20_000  # places; more that changed are read as a whole layer
OVERLAY = 20_000  # rows beside the base; more are worked into a new one


class Keeper:
    """Holds one index per layer, applies changes as they are announced, and tells subscribers afterwards.

    With a folder, bases lie in mapped files; without, in memory.
    """

    def __init__(self, url: str, engine: Engine, registry: Registry, folder: Path | None) -> None:
        self._engine = engine
        self._registry = registry
        self._folder = folder
        self._indexes: dict[str, LayerIndex] = {}
        # Layer -> the snapshot of the database up to which its index is right. It moves on while an index that
        # nothing concerns stays the same value, for which much is remembered.
        self._seen: dict[str, str] = {}
        self._lock = threading.RLock()
        self._rebuilding: dict[str, threading.Thread] = {}
        self._subscribers: list[Callable[[Versions], None]] = []
        self._listener = Listener(url, self._heard)

    def start(self) -> None:
        """Begin to hear of changes."""
        self._listener.start()

    def stop(self) -> None:
        """End the background thread."""
        self._listener.stop()

    def subscribe(self, subscriber: Callable[[Versions], None]) -> None:
        """Call `subscriber` with layer -> version, from another thread, after the indexes know of a change."""
        self._subscribers.append(subscriber)

    def wait(self) -> None:
        """Wait until no layer is being read anew."""
        for thread in list(self._rebuilding.values()):
            thread.join()

    def index(self, layer_id: str) -> LayerIndex:
        """Return the present index of a layer; the first question of a process waits until it is there."""
        found = self._indexes.get(layer_id)
        return found if found is not None else self._first(layer_id)

    def reach(self, versions: Versions) -> None:
        """Catch up if somebody has been told of a later change of a layer than its index here knows."""
        known = {layer_id: index.version for layer_id, index in self._indexes.items()}
        if any(version > known.get(layer_id, version) for layer_id, version in versions.items()):
            self.renew()

    def renew(self) -> None:
        """Catch up and tell the subscribers: also of what this process has written, of which nobody else would."""
        self._tell(self.catch_up())

    @property
    def complete(self) -> bool:
        """Whether the index of every layer is there."""
        return all(layer.id in self._indexes for layer in self._registry)

    def catch_up(self) -> Versions:
        """Apply what changed since; returns layer -> version of the layers that did."""
        with self._lock:
            told: Versions = {}
            with reading(self._engine) as connection:
                now = seen_now(connection)
                for seen in set(self._seen.values()):
                    changed = since(connection, seen)
                    for index in [
                        self._indexes[layer_id] for layer_id in self._seen if self._seen[layer_id] == seen
                    ]:
                        news = changed.get(index.layer.id)
                        if news is None:
                            self._seen[index.layer.id] = now
                        else:
                            self._apply(connection, index, news, now)
                            told[index.layer.id] = max(news.version, index.version)
            return told

    def _apply(self, connection: Connection, index: LayerIndex, news: Changed, now: str) -> None:
        """Work a change into an index; a large one is read anew, at once when the layer is small, else aside."""
        if not news.whole and len(news.place_ids) <= MOST_AT_ONCE:
            points = self._put(replace(index.changed(connection, news), seen=now)).points
            if len(points.fresh) + points.dead.size > OVERLAY:
                self._rebuild_aside(index.layer, news.version)
        elif len(index.points) <= snapshot.LARGE:
            self._put(self._read_anew(index.layer, news.version))
        else:
            self._rebuild_aside(index.layer, news.version)

    def _put(self, index: LayerIndex) -> LayerIndex:
        """Let questions see an index from now on."""
        with self._lock:
            self._indexes[index.layer.id] = index
            self._seen[index.layer.id] = index.seen
        return index

    def _first(self, layer_id: str) -> LayerIndex:
        with self._lock:
            if layer_id not in self._indexes:
                index = self._load(self._registry[layer_id])
                rehearse(index)
                self._put(index)
                self.catch_up()
            return self._indexes[layer_id]

    def _load(self, layer: Layer) -> LayerIndex:
        if self._folder is None:
            with reading(self._engine) as connection:
                return load_index(connection, layer)
        with reading(self._engine) as connection:
            known = snapshot.newest(self._folder, connection, layer)
        return known or snapshot.renewed(self._folder, self._engine, layer, 0)

    def load(self) -> None:
        """Read every layer that is not there yet."""
        for layer in self._registry:
            self.index(layer.id)

    def _heard(self) -> None:
        self.load()  # at the first news of all, so that pages hear of every layer
        self.renew()

    def _tell(self, versions: Versions) -> None:
        if versions:
            for subscriber in self._subscribers:
                subscriber(versions)

    def _rebuild_aside(self, layer: Layer, version: int) -> None:
        """Read a layer anew beside the index that serves meanwhile."""
        if layer.id in self._rebuilding:
            return

        def rebuild() -> None:
            try:
                self._put(self._read_anew(layer, version))
            except Exception:
                log.exception("Rebuilding the index of %s failed", layer.id)
            finally:
                del self._rebuilding[layer.id]
            self.catch_up()
            self._tell({layer.id: self._indexes[layer.id].version})

        self._rebuilding[layer.id] = threading.Thread(target=rebuild, name=f"rebuild-{layer.id}", daemon=True)
        self._rebuilding[layer.id].start()

    def _read_anew(self, layer: Layer, version: int) -> LayerIndex:
        """Return a new index of a layer that knows the change of a number."""
        if self._folder is not None:
            return snapshot.renewed(self._folder, self._engine, layer, version)
        with reading(self._engine) as connection:
            return load_index(connection, layer)

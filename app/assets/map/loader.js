/* Asks the server what is in the view: one request at a time, overtaken ones are cancelled, failures are tried again. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const CELL_PX = 64;
  const TILE_PX = 256;
  const APART_ZOOM = 24; // where cells are so small that each holds one spot
  const LISTS = ["layers", "tier", "status", "state", "category", "street"];

  function scalar(value) {
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  }

  /** The query string for a query of the page, a box `[w, s, e, n]` and a zoom; empty filters are left out. */
  function urlOf(query, bbox, zoom) {
    const params = new URLSearchParams();
    LISTS.forEach((name) => {
      if ((query[name] || []).length) params.set(name, query[name].join(","));
    });
    params.set("bbox", bbox.map((value) => value.toFixed(7)).join(","));
    params.set("zoom", String(zoom));
    const seen = map.live.seenOf(query.layers || []);
    if (seen) params.set("seen", seen);
    ["q", "within", "as_of"].forEach((name) => {
      if (query[name]) params.set(name, scalar(query[name]));
    });
    Object.entries(query.extra || {}).forEach(([name, value]) => {
      if (value !== null && value !== undefined && value !== "") params.set(name, scalar(value));
    });
    return "/api/map?" + params;
  }

  const boxOf = (bounds) => [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];

  /** The padded view, widened to whole cells: counts at the rim stay the same while the map is panned. */
  function paddedBox(leaflet) {
    const zoom = map.view.level(leaflet);
    const bounds = leaflet.getBounds();
    const [west, east] = [leaflet.project(bounds.getNorthWest(), zoom), leaflet.project(bounds.getSouthEast(), zoom)];
    const pad = east.subtract(west).multiplyBy(map.paddingFor(leaflet));
    const cellUp = (point, round) => L.point(round(point.x / CELL_PX), round(point.y / CELL_PX)).multiplyBy(CELL_PX);
    const northWest = leaflet.unproject(cellUp(west.subtract(pad), Math.floor), zoom);
    const southEast = leaflet.unproject(cellUp(east.add(pad), Math.ceil), zoom);
    return [northWest.lng, southEast.lat, southEast.lng, northWest.lat];
  }

  const covers = (box, inner) => box[0] <= inner[0] && box[1] <= inner[1] && box[2] >= inner[2] && box[3] >= inner[3];
  const apart = (a, b) => a[2] <= b[0] || a[0] >= b[2] || a[3] <= b[1] || a[1] >= b[3];
  const holds = (box, [lon, lat]) => lon >= box[0] && lon < box[2] && lat >= box[1] && lat < box[3];

  function addTo(counts, more) {
    Object.entries(more || {}).forEach(([name, n]) => (counts[name] = (counts[name] || 0) + n));
  }

  /** Exact counts of a box from the features of a larger answer, or null when a cell lies across its edge. */
  function countWithin(features, box) {
    const counts = { total: 0, layers: {}, tiers: {} };
    for (const { geometry, properties: p } of features) {
      if (p.n === undefined) {
        if (!holds(box, geometry.coordinates)) continue;
        addTo(counts.layers, { [p.layer]: 1 });
        addTo(counts.tiers, { [p.tier || "none"]: 1 });
        counts.total += 1;
      } else if (p.bbox && apart(p.bbox, box)) {
        continue;
      } else if (p.bbox && covers(box, p.bbox)) {
        addTo(counts.layers, p.layers);
        addTo(counts.tiers, p.tiers);
        counts.total += p.n;
      } else {
        return null;
      }
    }
    return counts;
  }

  /** The tile of a level around a point: west, south, east, north in degrees. */
  function tileAround([lon, lat], level) {
    const { x, y } = L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lon), level).divideBy(TILE_PX).floor();
    const corner = (column, row) => L.CRS.EPSG3857.pointToLatLng(L.point(column, row).multiplyBy(TILE_PX), level);
    const [northWest, southEast] = [corner(x, y), corner(x + 1, y + 1)];
    return [northWest.lng, southEast.lat, southEast.lng, northWest.lat];
  }

  /** An answer whose cells say for themselves what the server says once for all: their tile, and the only layer. */
  function complete(answer, layers) {
    for (const { geometry, properties: p } of answer.features) {
      if (p.n === undefined) continue;
      p.bbox = p.bbox || tileAround(geometry.coordinates, answer.level);
      p.layers = p.layers || { [layers[0]]: p.n };
    }
    return answer;
  }

  class Loader {
    /** `events`: `picture(answer, zoom)`, `counts({bbox, zoom, total, layers, tiers})`, `trouble(error | null)`. */
    constructor(leaflet, events) {
      Object.assign(this, { leaflet, events, query: null, controller: null, pending: 0 });
    }

    /** Take a query of the page; says whether it differs from the one before. */
    setQuery(query) {
      const changed = JSON.stringify(query) !== JSON.stringify(this.query);
      this.query = query;
      return changed;
    }

    /** Stop what is under way. */
    stop() {
      if (this.controller) this.controller.abort();
      this.controller = null;
    }

    /** Load the present view. Never moves the map; the old picture stays until the new one is there. */
    async load() {
      this.stop();
      if (!this.query) return;
      const controller = (this.controller = new AbortController());
      this.pending += 1;
      try {
        await this._load(controller.signal);
      } catch (error) {
        if (!controller.signal.aborted && !(error instanceof map.net.HttpError)) throw error;
      } finally {
        this.pending -= 1;
      }
    }

    async _load(signal) {
      const zoom = map.view.level(this.leaflet);
      const view = boxOf(this.leaflet.getBounds());
      const picture = await this._ask(paddedBox(this.leaflet), zoom, signal, map.early.take);
      if (signal.aborted) return;
      this.events.trouble(null);
      this.events.picture(picture, zoom);
      const counts = countWithin(picture.features, view) || (await this._ask(view, zoom, signal));
      if (signal.aborted) return;
      const { total, layers, tiers } = counts;
      this.events.counts({ bbox: view, zoom, total, layers, tiers });
    }

    /** The ids of all places of the present query in a box, however close they lie. */
    async idsIn(box) {
      const answer = await map.net.getJson(urlOf(this.query, box, APART_ZOOM)).catch(() => ({ features: [] }));
      return answer.features.flatMap(({ properties: p }) => p.ids || [p.id]);
    }

    /** An answer for a box; `take` may have one on its way already. */
    async _ask(box, zoom, signal, take = () => null) {
      const layers = this.query.layers || [];
      if (!layers.length) return { total: 0, version: "", layers: {}, tiers: {}, features: [] };
      const options = { signal, cache: "no-cache", priority: "high" };
      const url = urlOf(this.query, box, zoom);
      const early = await take(url);
      const answer = early || (await map.net.getJsonPatiently(url, options, this.events.trouble));
      return complete(answer, layers);
    }
  }

  map.Loader = Loader;
  map.loading = { urlOf, countWithin };
})((window.yiping = window.yiping || {}));

/* The markers: rings for cells, shapes for single places, names where there is room; and what lies under the pointer. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const NAME_ZOOM = 17;
  const NAME_SIZE = 12;
  const LONGEST_NAME = 14;
  const QUIET_TIERS = ["blue", "none"];
  const TOUCH = 1.15; // a mark's reach in radii

  const badness = (mark) => map.TIERS.length - map.TIERS.indexOf(mark.tier);

  /** The worst tier of a mix. */
  const worstOf = (tiers) => map.TIERS.find((tier) => tiers[tier] > 0) || "none";

  /** A feature of the server as a mark: `{kind: "place" | "cell" | "stack", latlng, n, tier, tiers, ...}`. What one
      cannot look into any closer is a stack whose places lie in its `boxes`. */
  function markOf(feature, deepest) {
    const [lon, lat] = feature.geometry.coordinates;
    const p = feature.properties;
    const latlng = L.latLng(lat, lon);
    if (p.n === undefined) {
      const { layer, status, name = "", tier = "none" } = p;
      return { kind: "place", latlng, n: 1, id: p.id ?? feature.id, name: name || "", layer, tier, status };
    }
    const { n, tiers = {}, layers = {}, bbox } = p;
    const ids = p.ids || (deepest ? [] : undefined);
    const boxes = ids && !p.ids ? [bbox] : [];
    return { kind: ids ? "stack" : "cell", latlng, n, tiers, tier: worstOf(tiers), layers, bbox, ids, boxes };
  }

  /** Cells lie lowest, then single places, the worst on top. */
  const drawingOrder = (a, b) => (a.kind === "place") - (b.kind === "place") || badness(a) - badness(b);

  function sum(counts, more) {
    Object.entries(more).forEach(([name, n]) => (counts[name] = (counts[name] || 0) + n));
    return counts;
  }

  const idsOf = (mark) => (mark.kind === "place" ? [mark.id] : mark.ids);
  const tiersOf = (mark) => (mark.kind === "place" ? { [mark.tier]: 1 } : mark.tiers);
  const layersOf = (mark) => (mark.kind === "place" ? { [mark.layer]: 1 } : mark.layers);

  /** Marks on top of each other, the uppermost first, as one heap; a ring to look into stays what it is. */
  function together(marks) {
    const [top] = marks;
    if (marks.some((mark) => mark.kind === "cell")) return top;
    const tiers = marks.map(tiersOf).reduce(sum, {});
    const layers = marks.map(layersOf).reduce(sum, {});
    const ids = [...new Set(marks.flatMap(idsOf))];
    const n = marks.reduce((total, mark) => total + mark.n, 0);
    const boxes = marks.flatMap((mark) => mark.boxes || []);
    return { ...top, kind: "stack", n, ids, boxes, tiers, layers, tier: worstOf(tiers) };
  }

  const shortName = (name) => (name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME - 1) + "…" : name);

  map.PlacesLayer = map.CanvasLayer.extend({
    initialize: function (theme) {
      map.CanvasLayer.prototype.initialize.call(this, { pane: "yiping-places" });
      Object.assign(this, { theme, marks: [], zoom: null, boxes: new map.Boxes() });
    },

    /** Show an answer of the server for a zoom; the map itself does not move. */
    setFeatures: function (features, zoom) {
      const deepest = zoom >= this._map.getMaxZoom();
      this.marks = features.map((feature) => markOf(feature, deepest)).sort(drawingOrder);
      this.zoom = zoom;
      this.redraw();
    },

    /** Give up waiting for marks of this zoom: draw what there is where it belongs. */
    release: function () {
      this.zoom = map.view.level(this._map);
      this.redraw();
    },

    setTheme: function (theme) {
      this.theme = theme;
      this.redraw();
    },

    keepsPicture: function () {
      return this.marks.length > 0 && this.zoom !== map.view.level(this._map);
    },

    /** The boxes that markers and their names take, for the labels to avoid. A fresh one at every paint. */
    taken: function () {
      return this.boxes;
    },

    paint: function (ctx, bounds) {
      const zoom = map.view.level(this._map);
      this.boxes = new map.Boxes();
      this.marks.forEach((mark) => this._project(mark, zoom));
      const shown = this.marks.filter((mark) => bounds.contains(L.point(mark.x, mark.y)));
      shown.forEach((mark) => {
        if (mark.kind === "place") map.marks.drawPlace(ctx, mark, this.theme, zoom);
        else map.marks.drawRing(ctx, mark, this.theme);
      });
      if (zoom >= NAME_ZOOM) this._drawNames(ctx, shown);
    },

    _project: function (mark, zoom) {
      const { x, y } = this._map.latLngToLayerPoint(mark.latlng);
      const r = mark.kind === "place" ? map.marks.shapeRadius(zoom) : map.marks.ringRadius(mark.n);
      Object.assign(mark, { x, y, r });
      const half = r * (mark.kind === "place" ? 1.1 : 0.95) + 2;
      this.boxes.add([x - half, y - half, x + half, y + half]);
    },

    /** Names of single places, the worst tier first, beside the shape or below it, never over anything. */
    _drawNames: function (ctx, shown) {
      ctx.font = `500 ${NAME_SIZE}px ${this.theme.font}`;
      ctx.textBaseline = "middle";
      ctx.textAlign = "left";
      ctx.lineJoin = "round";
      const named = shown.filter((mark) => mark.kind === "place" && mark.name).reverse();
      named.forEach((mark) => this._drawName(ctx, mark));
    },

    _drawName: function (ctx, { x, y, r, name, tier }) {
      const text = shortName(name);
      const width = ctx.measureText(text).width;
      const spots = [[x + r + 7, y], [x - width / 2, y + r + 12], [x - r - 7 - width, y], [x - width / 2, y - r - 12]];
      const spot = spots.find(([left, middle]) => this.boxes.claim([[left - 1, middle - 8, left + width + 1, middle + 8]]));
      if (!spot) return;
      ctx.strokeStyle = this.theme.halo;
      ctx.lineWidth = 3.5;
      ctx.strokeText(text, spot[0], spot[1]);
      ctx.fillStyle = this.theme[QUIET_TIERS.includes(tier) ? "label" : "label-strong"];
      ctx.fillText(text, spot[0], spot[1]);
    },

    /** What lies under a point of the container (px): the one mark there, several as one heap, or else the nearest
        whose target of at least `leastPx` holds the point. */
    hit: function (point, leastPx) {
      if (this.keepsPicture()) return null;
      const at = this._map.containerPointToLayerPoint(point);
      // Later marks are drawn on top, so they come first among equals.
      const near = this.marks
        .map((mark) => ({ mark, distance: Math.hypot(mark.x - at.x, mark.y - at.y) }))
        .filter(({ mark, distance }) => distance <= Math.max(mark.r * TOUCH, leastPx / 2))
        .reverse()
        .sort((a, b) => a.distance - b.distance);
      const touched = near.filter(({ mark, distance }) => distance <= mark.r * TOUCH).map(({ mark }) => mark);
      if (touched.length > 1) return together(touched);
      return touched[0] || (near.length ? near[0].mark : null);
    },

    /** Marks inside the container with their container pixels, in reading order of urgency: worst tier first. */
    visible: function () {
      if (!this._map) return []; // asked before the first view or after the last
      const size = this._map.getSize();
      return this.marks
        .map((mark) => ({ mark, at: this._map.latLngToContainerPoint(mark.latlng) }))
        .filter(({ at }) => at.x >= 0 && at.y >= 0 && at.x <= size.x && at.y <= size.y)
        .sort((a, b) => badness(b.mark) - badness(a.mark) || a.at.y - b.at.y || a.at.x - b.at.x);
    },

    /** The mark that shows a place, alone or in a stack; null when it is not single at this zoom. */
    markOf: function (id) {
      return this.marks.find((mark) => mark.id === id || (mark.ids || []).includes(id)) || null;
    },
  });
})((window.yiping = window.yiping || {}));

/* The markers: rings for cells, shapes for single places, names where there is room; and what lies under the pointer. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const NAME_ZOOM = 17;
  const NAME_SIZE = 12;
  const LONGEST_NAME = 14;
  const QUIET_TIERS = ["blue", "none"];

  const badness = (mark) => map.TIERS.length - map.TIERS.indexOf(mark.tier);

  /** The worst tier of a mix. */
  const worstOf = (tiers) => map.TIERS.find((tier) => tiers[tier] > 0) || "none";

  /** A feature of the server as a mark: `{kind: "place" | "cell" | "stack", latlng, n, tier, tiers, ...}`. */
  function markOf(feature) {
    const [lon, lat] = feature.geometry.coordinates;
    const p = feature.properties;
    const latlng = L.latLng(lat, lon);
    if (p.n === undefined) {
      const { layer, status, name = "", tier = "none" } = p;
      return { kind: "place", latlng, n: 1, id: p.id ?? feature.id, name: name || "", layer, tier, status };
    }
    const { n, tiers = {}, layers = {}, bbox, ids } = p;
    return { kind: ids ? "stack" : "cell", latlng, n, tiers, tier: worstOf(tiers), layers, bbox, ids };
  }

  /** Cells lie lowest, then single places, the worst on top. */
  const drawingOrder = (a, b) => (a.kind === "place") - (b.kind === "place") || badness(a) - badness(b);

  const shortName = (name) => (name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME - 1) + "…" : name);

  map.PlacesLayer = map.CanvasLayer.extend({
    initialize: function (theme) {
      map.CanvasLayer.prototype.initialize.call(this, { pane: "yiping-places" });
      Object.assign(this, { theme, marks: [], zoom: null, boxes: new map.Boxes() });
    },

    /** Show an answer of the server for a zoom; the map itself does not move. */
    setFeatures: function (features, zoom) {
      this.marks = features.map(markOf).sort(drawingOrder);
      this.zoom = zoom;
      this.redraw();
    },

    /** Give up waiting for marks of this zoom: draw what there is where it belongs. */
    release: function () {
      this.zoom = this._map.getZoom();
      this.redraw();
    },

    setTheme: function (theme) {
      this.theme = theme;
      this.redraw();
    },

    keepsPicture: function () {
      return this.marks.length > 0 && this.zoom !== this._map.getZoom();
    },

    /** The boxes that markers and their names take, for the labels to avoid. A fresh one at every paint. */
    taken: function () {
      return this.boxes;
    },

    paint: function (ctx, bounds) {
      const zoom = this._map.getZoom();
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

    /** The mark under a point of the container (px): the nearest whose target of at least `leastPx` holds it. */
    hit: function (point, leastPx) {
      if (this.keepsPicture()) return null;
      const at = this._map.containerPointToLayerPoint(point);
      let best = null;
      this.marks.forEach((mark) => {
        const distance = Math.hypot(mark.x - at.x, mark.y - at.y);
        const reach = Math.max(mark.r * 1.15, leastPx / 2);
        // Later marks are drawn on top, so they win a tie.
        if (distance <= reach && (!best || distance <= best.distance + 0.5)) best = { mark, distance };
      });
      return best && best.mark;
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

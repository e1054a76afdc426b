/* What lies outside the district recedes: one polygon with the district as its hole, and the border drawn over it. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  const NEIGHBOUR_ALPHA = 0.2;

  /** Rings `[[lon, lat], ...]` of a GeoJSON geometry (Polygon, MultiPolygon; others have none). */
  function ringsOf(geometry) {
    if (!geometry) return [];
    if (geometry.type === "Polygon") return geometry.coordinates;
    if (geometry.type === "MultiPolygon") return geometry.coordinates.flat();
    if (geometry.type === "Feature") return ringsOf(geometry.geometry);
    return (geometry.geometries || geometry.features || []).flatMap(ringsOf);
  }

  const latLngs = (ring) => ring.map(([lon, lat]) => L.latLng(lat, lon));

  map.VeilLayer = map.CanvasLayer.extend({
    initialize: function (theme) {
      map.CanvasLayer.prototype.initialize.call(this, { pane: "yiping-veil" });
      this.theme = theme;
      this.rings = [];
      this.neighbours = [];
    },

    /** `outline` is what the city governs, `districts` that and its neighbours (GeoJSON, or nothing). */
    setOutline: function (outline, districts) {
      this.rings = ringsOf(outline).map(latLngs);
      this.neighbours = ringsOf(districts).map(latLngs);
      this.redraw();
    },

    /** True when a point lies outside the district (never, when no outline is known). `at` is in layer pixels. */
    outside: function (at) {
      if (!this.outline) return false;
      this._ctx.save();
      this._ctx.resetTransform();
      const inside = this._ctx.isPointInPath(this.outline, at.x, at.y, "evenodd");
      this._ctx.restore();
      return !inside;
    },

    setTheme: function (theme) {
      this.theme = theme;
      this.redraw();
    },

    paint: function (ctx, bounds) {
      if (!this.rings.length) return;
      const outline = (this.outline = this._path(this.rings));
      const outside = new Path2D();
      const size = bounds.getSize();
      outside.rect(bounds.min.x, bounds.min.y, size.x, size.y);
      outside.addPath(outline);
      ctx.fillStyle = this.theme.outside;
      ctx.fill(outside, "evenodd");
      ctx.fillStyle = this.theme.inside;
      ctx.fill(outline, "evenodd");
      this._drawNeighbours(ctx);
      this._drawBorder(ctx, outline);
    },

    _path: function (rings) {
      const path = new Path2D();
      rings.forEach((ring) => {
        ring.forEach((point, i) => {
          const { x, y } = this._map.latLngToLayerPoint(point);
          if (i) path.lineTo(x, y);
          else path.moveTo(x, y);
        });
        path.closePath();
      });
      return path;
    },

    _drawNeighbours: function (ctx) {
      ctx.lineJoin = "round";
      ctx.strokeStyle = this.theme.boundary;
      ctx.globalAlpha = NEIGHBOUR_ALPHA;
      ctx.lineWidth = 1;
      ctx.stroke(this._path(this.neighbours));
      ctx.globalAlpha = 1;
    },

    _drawBorder: function (ctx, outline) {
      ctx.lineJoin = "round";
      ctx.strokeStyle = this.theme.boundary;
      [[9, 0.1], [4, 0.16], [1.4, 0.9]].forEach(([width, alpha]) => {
        ctx.globalAlpha = alpha;
        ctx.lineWidth = width;
        ctx.stroke(outline);
      });
      ctx.globalAlpha = 1;
    },
  });
})((window.yiping = window.yiping || {}));

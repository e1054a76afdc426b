/* Names on the ground. A label never lies under a marker and never on another label: it moves aside or stays away. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  /** In order of importance. `colour` is a theme name, `to` the last zoom at which the label helps. */
  const STYLES = {
    district: { size: 16, weight: 600, colour: "label-strong", spacing: 5, to: 13, reach: 2 },
    metro: { size: 12, weight: 500, colour: "label", dot: true, to: 20 },
    town: { size: 13, weight: 600, colour: "label-strong", spacing: 2, to: 16, reach: 2 },
    water: { size: 13, weight: 400, colour: "label-water", italic: true, spacing: 3, to: 20, reach: 1 },
    park: { size: 12, weight: 400, colour: "label-green", to: 20, reach: 1 },
    mall: { size: 12, weight: 500, colour: "label", to: 20, reach: 1 },
    road: { size: 12, weight: 400, colour: "label", to: 20 },
  };
  const OUTSIDE_ALPHA = 0.38;

  /** The same road or river is named again only this far away, in px. */
  const REPEAT_PX = 420;
  const KINDS = Object.keys(STYLES);

  /** Offsets (px) to try, nearest first: a name may stand this far from its point. */
  const NEAR = [[0, 0], [0, -16], [0, 16], [-26, 0], [26, 0]];
  const CORNERS = [[-24, -20], [24, -20], [-24, 20], [24, 20]];
  const WIDE = [[0, -32], [0, 32], [-48, 0], [48, 0], [-40, -32], [40, -32], [-40, 32], [40, 32]];
  const FAR = [...NEAR, ...CORNERS, ...WIDE];
  const OFFSETS = { 1: NEAR, 2: FAR };

  const fontOf = (style, theme) => `${style.italic ? "italic " : ""}${style.weight} ${style.size}px ${theme.font}`;

  /** The reading direction nearest to a road's, in radians: never upside down. */
  function readable(degrees) {
    let angle = ((degrees % 180) + 180) % 180;
    if (angle > 90) angle -= 180;
    return (angle * Math.PI) / 180;
  }

  function setText(ctx, style, theme) {
    ctx.font = fontOf(style, theme);
    ctx.letterSpacing = (style.spacing || 0) + "px";
    ctx.lineJoin = "round";
    ctx.textBaseline = "middle";
  }

  function write(ctx, text, x, y, angle, style, theme, faint) {
    ctx.save();
    ctx.globalAlpha = faint ? OUTSIDE_ALPHA : 1;
    setText(ctx, style, theme);
    ctx.textAlign = "center";
    ctx.translate(Math.round(x), Math.round(y));
    if (angle) ctx.rotate(angle);
    ctx.strokeStyle = theme.halo;
    ctx.lineWidth = 3.5;
    ctx.strokeText(text, 0, 0);
    ctx.fillStyle = theme[style.colour];
    ctx.fillText(text, 0, 0);
    ctx.restore();
  }

  /** Where the middle of a label may be: about its point, along its road, or beside its station dot. */
  function candidates(label, point, width, angle, style) {
    if (style.dot) return [[width / 2 + 9, 0], [-width / 2 - 9, 0], [0, -14], [0, 14]];
    if (label.kind === "road") return [0, -30, 30].map((along) => [along * Math.cos(angle), along * Math.sin(angle)]);
    return OFFSETS[style.reach || 1];
  }

  map.LabelLayer = map.CanvasLayer.extend({
    /** `places` is the layer of markers: it says what is taken and when the old picture is kept;
     * `veil` knows what lies outside the district, where names are faint. */
    initialize: function (theme, places, veil) {
      map.CanvasLayer.prototype.initialize.call(this, { pane: "yiping-labels" });
      Object.assign(this, { theme, places, veil, labels: [], drawn: [], named: new Map() });
    },

    setLabels: function (labels) {
      this.labels = labels
        .filter((label) => STYLES[label.kind])
        .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.min_zoom || 0) - (b.min_zoom || 0));
      this.redraw();
    },

    setTheme: function (theme) {
      this.theme = theme;
      this.redraw();
    },

    keepsPicture: function () {
      return this.places.keepsPicture();
    },

    paint: function (ctx, bounds) {
      const zoom = this._map.getZoom();
      const taken = this.places.taken();
      this.drawn = [];
      this.named = new Map();
      this.labels.forEach((label) => {
        const style = STYLES[label.kind];
        if (zoom < (label.min_zoom || 0) || zoom > style.to) return;
        const point = this._map.latLngToLayerPoint([label.lat, label.lon]);
        if (bounds.contains(point) && !this._namedNear(label, point)) this._place(ctx, label, point, style, taken);
      });
    },

    _namedNear: function (label, point) {
      return (this.named.get(label.kind + label.text) || []).some((other) => point.distanceTo(other) < REPEAT_PX);
    },

    _remember: function (label, point) {
      const key = label.kind + label.text;
      this.named.set(key, [...(this.named.get(key) || []), point]);
      this.drawn.push(label.text);
    },

    _place: function (ctx, label, point, style, taken) {
      setText(ctx, style, this.theme);
      const width = ctx.measureText(label.text).width + 4;
      ctx.letterSpacing = "0px";
      const faint = this.veil.outside(point);
      const angle = label.kind === "road" ? readable(label.angle || 0) : 0;
      if (style.dot && !this._drawDot(ctx, point, taken, faint)) return;
      for (const [dx, dy] of candidates(label, point, width, angle, style)) {
        const [x, y] = [point.x + dx, point.y + dy];
        if (!taken.claim(map.turnedBoxes(x, y, width + 4, style.size + 4, angle))) continue;
        write(ctx, label.text, x, y, angle, style, this.theme, faint);
        this._remember(label, point);
        return;
      }
    },

    /** A station's dot, as on a network plan; false when a marker lies on it. */
    _drawDot: function (ctx, { x, y }, taken, faint) {
      if (!taken.claim([[x - 6, y - 6, x + 6, y + 6]])) return false;
      ctx.globalAlpha = faint ? OUTSIDE_ALPHA : 1;
      ctx.beginPath();
      ctx.arc(x, y, 3.6, 0, 2 * Math.PI);
      ctx.fillStyle = this.theme.land;
      ctx.fill();
      ctx.strokeStyle = this.theme.metro;
      ctx.lineWidth = 2;
      ctx.stroke();
      ctx.globalAlpha = 1;
      return true;
    },
  });
})((window.yiping = window.yiping || {}));

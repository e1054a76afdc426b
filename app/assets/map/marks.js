/* How a place and a cell look: the tier's shape, and the ring that shows a mix of tiers. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const TURN = 2 * Math.PI;
  const LEAST_ARC = TURN / 26;
  const RING_WIDTH = 4.2;
  const ALARM_RADIUS = 4.6;
  const GLYPH_ZOOM = 16;

  /** Radius of a ring by its count: 15 px for two places, 23 px from ten thousand on. */
  const ringRadius = (n) => 15 + 8 * Math.min(1, Math.log10(Math.max(1, n)) / 4);

  /** Radius of a single place's shape at a zoom. */
  const shapeRadius = (zoom) => (zoom >= GLYPH_ZOOM ? 11.5 : zoom >= 14 ? 7 : 6);

  /** Share the full turn among the tiers present, worst first; each gets at least fourteen degrees, so that one
      red among a thousand blues is seen. Returns `[{tier, from, to}]` in radians from twelve o'clock, clockwise. */
  function arcs(tiers) {
    const present = map.TIERS.filter((tier) => tiers[tier] > 0);
    const total = present.reduce((sum, tier) => sum + tiers[tier], 0);
    const small = present.filter((tier) => (tiers[tier] / total) * TURN < LEAST_ARC);
    const rest = present.reduce((sum, tier) => sum + (small.includes(tier) ? 0 : tiers[tier]), 0);
    const turnOfRest = TURN - small.length * LEAST_ARC;
    let from = 0;
    return present.map((tier) => {
      const to = from + (small.includes(tier) ? LEAST_ARC : (tiers[tier] / rest) * turnOfRest);
      const arc = { tier, from, to };
      from = to;
      return arc;
    });
  }

  /** Corners in radii; a tier without corners is a circle. */
  const CORNERS = {
    red: [[0, -1.16], [1.16, 0], [0, 1.16], [-1.16, 0]],
    orange: [[0, -1.15], [1.18, 0.9], [-1.18, 0.9]],
    yellow: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  };

  /** Add a tier's outline to the current path: diamond, triangle, square, circle. */
  function trace(ctx, tier, x, y, r) {
    const corners = CORNERS[tier];
    if (corners) polygon(ctx, corners.map(([dx, dy]) => [x + dx * r, y + dy * r]));
    else {
      ctx.moveTo(x + r, y);
      ctx.arc(x, y, r, 0, TURN);
      ctx.closePath();
    }
  }

  function polygon(ctx, points) {
    points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
    ctx.closePath();
  }

  /** Red places stand in a still, soft light: seen from across the room without blinking. */
  function glow(ctx, x, y, r, colour) {
    ctx.save();
    ctx.fillStyle = ctx.strokeStyle = colour;
    ctx.beginPath();
    ctx.arc(x, y, r * 2.1, 0, TURN);
    ctx.globalAlpha = 0.18;
    ctx.fill();
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = 1;
    ctx.stroke();
    ctx.restore();
  }

  /** Draw a single place: its tier's shape, and the layer's sign when there is room for it. */
  function drawPlace(ctx, mark, theme, zoom) {
    const { x, y, r, tier } = mark;
    const colour = theme.tier[tier] || theme.tier.none;
    if (tier === "red") glow(ctx, x, y, r, colour);
    ctx.beginPath();
    trace(ctx, tier, x, y, r);
    ctx.lineJoin = "round";
    ctx.strokeStyle = theme.halo;
    ctx.lineWidth = 3;
    ctx.stroke();
    const hollow = tier === "none";
    ctx.fillStyle = hollow ? theme["ring-fill"] : colour;
    ctx.fill();
    if (hollow) {
      ctx.beginPath();
      ctx.arc(x, y, r - 1, 0, TURN);
      ctx.strokeStyle = colour;
      ctx.lineWidth = 2;
      ctx.stroke();
    }
    if (zoom < GLYPH_ZOOM) return;
    const low = tier === "orange" ? 2.2 : 0;
    map.drawGlyph(ctx, map.glyphOf(mark.layer), x, y + low, tier === "orange" ? 11 : 14, hollow ? colour : theme.glyph);
  }

  /** Draw a cell: a disc with the count, round it the mix of tiers. */
  function drawRing(ctx, mark, theme) {
    const { x, y, r, n } = mark;
    ctx.beginPath();
    ctx.arc(x, y, r + 1.5, 0, TURN);
    ctx.fillStyle = theme["ring-edge"];
    ctx.fill();
    ctx.beginPath();
    ctx.arc(x, y, r - RING_WIDTH + 0.5, 0, TURN);
    ctx.fillStyle = theme["ring-fill"];
    ctx.fill();
    drawArcs(ctx, mark, theme);
    if (mark.tiers.red > 0) drawAlarm(ctx, mark, theme);
    const text = map.words.shortCount(n);
    const size = text.length > 3 ? (r < 20 ? 10 : 11.5) : r < 18 ? 11.5 : 12.5;
    ctx.font = `600 ${size}px ${theme.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = theme["ring-text"];
    ctx.fillText(text, x, y + 0.8);
  }

  function drawArcs(ctx, { x, y, r, tiers }, theme) {
    const parts = arcs(tiers);
    const middle = r - RING_WIDTH / 2;
    const gap = parts.length > 1 ? 1 / middle : 0;
    ctx.lineWidth = RING_WIDTH;
    ctx.lineCap = "butt";
    parts.forEach(({ tier, from, to }) => {
      ctx.beginPath();
      ctx.arc(x, y, middle, from + gap / 2 - TURN / 4, to - gap / 2 - TURN / 4);
      ctx.strokeStyle = theme.tier[tier];
      ctx.stroke();
    });
  }

  /** A red diamond on the ring's red arc: the shape says it too, not only the colour. */
  function drawAlarm(ctx, { x, y, r, tiers }, theme) {
    const [red] = arcs(tiers);
    const angle = Math.min(red.to, TURN / 4) / 2 - TURN / 4;
    const [cx, cy] = [x + (r - RING_WIDTH / 2) * Math.cos(angle), y + (r - RING_WIDTH / 2) * Math.sin(angle)];
    ctx.beginPath();
    trace(ctx, "red", cx, cy, ALARM_RADIUS);
    ctx.strokeStyle = theme["ring-fill"];
    ctx.lineWidth = 2.4;
    ctx.lineJoin = "miter";
    ctx.stroke();
    ctx.fillStyle = theme.tier.red;
    ctx.fill();
  }

  const ICON_OUTLINES = {
    red: "M8 1 15 8 8 15 1 8Z",
    orange: "M8 1.5 15 14H1Z",
    yellow: "M2 2H14V14H2Z",
    blue: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z",
    none: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3Z",
  };

  /** The tier's shape as an SVG element for tooltips; its colour comes from the page's CSS. */
  function shapeIcon(tier) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", ICON_OUTLINES[tier] || ICON_OUTLINES.none);
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", "yiping-shape tier-" + tier);
    svg.append(path);
    return svg;
  }

  map.marks = { arcs, ringRadius, shapeRadius, drawPlace, drawRing, shapeIcon };
})((window.yiping = window.yiping || {}));

/* The signs of the layers, as small line drawings in a box of 16 x 16. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  const OUTLINES = {
    shop:
      "M2.5 6.5 4 2.5h8l1.5 4M2.5 6.5" +
      "a1.9 1.9 0 0 0 3.7 0 1.9 1.9 0 0 0 3.6 0 1.9 1.9 0 0 0 3.7 0M3.5 8.5v5h9v-5M6.7 13.5v-3h2.6v3",
    breakfast: "M2 8h12a6 6 0 0 1-3.8 5.6H5.8A6 6 0 0 1 2 8ZM5.5 5.5q-1-1 0-2t0-2M8.5 5.5q-1-1 0-2t0-2M11.5 5.5q-1-1 0-2t0-2",
    night: "M13 10.2A5.8 5.8 0 1 1 6.6 2.6a4.7 4.7 0 0 0 6.4 7.6Z",
    building: "M3.5 14V2.5h6V14M9.5 6h3v8M1.8 14h12.4M5.5 5h2M5.5 7.6h2M5.5 10.2h2",
    office: "M1.8 9h12.4M3 9v4.5M13 9v4.5M4.5 2.5h7v4.5h-7zM8 7v2",
  };
  const FALLBACK = "M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z";
  const paths = new Map();

  function pathOf(name) {
    if (!paths.has(name)) paths.set(name, new Path2D(OUTLINES[name] || FALLBACK));
    return paths.get(name);
  }

  /** Draw the sign `name` centred on (x, y), `size` px wide. */
  function drawGlyph(ctx, name, x, y, size, colour) {
    const scale = size / 16;
    ctx.save();
    ctx.translate(x - size / 2, y - size / 2);
    ctx.scale(scale, scale);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.35 / Math.min(1, scale);
    ctx.lineCap = ctx.lineJoin = "round";
    ctx.stroke(pathOf(name));
    ctx.restore();
  }

  /** The sign of a layer, as `/api/layers` names it. */
  const glyphOf = (layer) => ((map.layers || {})[layer] || {}).glyph || layer;

  map.drawGlyph = drawGlyph;
  map.glyphOf = glyphOf;
})((window.yiping = window.yiping || {}));

/* The ground: vector tiles of our own server drawn on canvas tiles in the colours of the theme. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const DATA_ZOOM = 17;
  const KEPT_TILES = 400;
  const cache = new Map();

  /** Line widths in px at zoom 15; they grow by half a zoom level per level. */
  const ROAD_WIDTH = { 1: 5.4, 2: 3, 3: 1.7 };
  const ROAD_FROM = { 1: 8, 2: 11, 3: 13 };
  const roadWidth = (rank, zoom) => Math.max(rank === 1 ? 1.2 : 0.6, ROAD_WIDTH[rank] * 1.48 ** (zoom - 15));

  const POLYGONS = [
    ["green", "green", null, 0],
    ["water", "water", null, 0],
    ["block", "block", null, 12],
    ["building", "building", "building-edge", 14],
  ];

  /** Tile data at zoom <= 17 for a tile of any zoom, and which part of it the tile shows. */
  function sourceOf(coords) {
    const z = Math.min(coords.z, DATA_ZOOM);
    const parts = 2 ** (coords.z - z);
    const [x, y] = [Math.floor(coords.x / parts), Math.floor(coords.y / parts)];
    return { url: `/api/basemap/${z}/${x}/${y}.json`, parts, dx: coords.x - x * parts, dy: coords.y - y * parts };
  }

  /** A tile's data, kept for the last few hundred tiles. */
  function fetchTile(url) {
    if (!cache.has(url)) {
      const signal = new AbortController().signal;
      const answer = map.net.getJsonPatiently(url, { signal, priority: "low" }).catch(() => ({ extent: 4096, features: [] }));
      cache.set(url, answer);
      if (cache.size > KEPT_TILES) cache.delete(cache.keys().next().value);
    }
    return cache.get(url);
  }

  function tracePart(ctx, numbers, closed) {
    ctx.moveTo(numbers[0], numbers[1]);
    for (let i = 2; i < numbers.length; i += 2) ctx.lineTo(numbers[i], numbers[i + 1]);
    if (closed) ctx.closePath();
  }

  function trace(ctx, features, closed) {
    ctx.beginPath();
    features.forEach((feature) => feature.p.forEach((numbers) => tracePart(ctx, numbers, closed)));
  }

  function drawPolygons(ctx, kinds, theme, zoom, unit) {
    POLYGONS.forEach(([kind, fill, edge, from]) => {
      const areas = (kinds[kind] || []).filter((feature) => feature.g === "poly");
      if (!areas.length || zoom < from) return;
      ctx.fillStyle = theme[fill];
      // One path a feature: overlapping neighbours must not cut holes into each other.
      areas.forEach((feature) => {
        trace(ctx, [feature], true);
        ctx.fill("evenodd");
        if (edge) strokeWith(ctx, theme[edge], 0.8 * unit);
      });
    });
    const streams = (kinds.water || []).filter((feature) => feature.g === "line");
    strokeLines(ctx, streams, theme.water, 2 * 1.4 ** (zoom - 14) * unit);
  }

  function strokeWith(ctx, colour, width, dash) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.setLineDash(dash || []);
    ctx.stroke();
  }

  function strokeLines(ctx, features, colour, width, dash) {
    if (!features || !features.length || !colour) return;
    trace(ctx, features, false);
    strokeWith(ctx, colour, width, dash);
  }

  function drawRoads(ctx, roads, theme, zoom, unit) {
    const ranks = [3, 2, 1].filter((rank) => zoom >= ROAD_FROM[rank]);
    const ofRank = (rank) => roads.filter((feature) => (feature.r || 3) === rank);
    if (zoom >= 14) {
      ranks.forEach((rank) => strokeLines(ctx, ofRank(rank), theme["road-edge"], (roadWidth(rank, zoom) + 2) * unit));
    }
    ranks.forEach((rank) => strokeLines(ctx, ofRank(rank), theme["road-" + rank], roadWidth(rank, zoom) * unit));
  }

  function drawTracks(ctx, kinds, theme, zoom, unit) {
    const width = (zoom >= 15 ? 3 : 2) * unit;
    strokeLines(ctx, kinds.rail, theme.rail, width * 0.8);
    strokeLines(ctx, kinds.rail, theme.land, width * 0.4, [6 * unit, 6 * unit]);
    ctx.globalAlpha = 0.85;
    strokeLines(ctx, kinds.metro, theme.metro, width);
    ctx.globalAlpha = 1;
    if (zoom >= 14) strokeLines(ctx, kinds.metro, theme.land, width * 0.3, [7 * unit, 5 * unit]);
    strokeLines(ctx, kinds.boundary, theme.boundary, 1 * unit, [5 * unit, 4 * unit]);
  }

  function groupByKind(features) {
    const kinds = {};
    features.forEach((feature) => (kinds[feature.k] = kinds[feature.k] || []).push(feature));
    return kinds;
  }

  /** Draw one tile: water, green, block, building, roads by rank, tracks, boundary. */
  function drawTile(canvas, data, source, zoom, theme, sizePx, ratio) {
    canvas.width = canvas.height = Math.round(sizePx * ratio);
    const ctx = canvas.getContext("2d");
    const scale = (canvas.width * source.parts) / data.extent;
    ctx.fillStyle = theme.land;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    ctx.setTransform(scale, 0, 0, scale, -source.dx * canvas.width, -source.dy * canvas.height);
    ctx.lineJoin = ctx.lineCap = "round";
    const unit = ratio / scale;
    const kinds = groupByKind(data.features);
    drawPolygons(ctx, kinds, theme, zoom, unit);
    drawRoads(ctx, kinds.road || [], theme, zoom, unit);
    ctx.lineCap = "butt";
    drawTracks(ctx, kinds, theme, zoom, unit);
  }

  map.BasemapLayer = L.GridLayer.extend({
    options: { pane: "tilePane", minZoom: 3, maxZoom: 20, keepBuffer: 3, updateWhenZooming: false },

    initialize: function (theme) {
      L.GridLayer.prototype.initialize.call(this);
      this.theme = theme;
      this.drawings = new Map();
    },

    /** Draw all tiles again in other colours, from data at hand. */
    setTheme: function (theme) {
      this.theme = theme;
      this.drawings.forEach((draw) => draw());
    },

    createTile: function (coords, done) {
      const tile = L.DomUtil.create("canvas", "yiping-tile");
      const size = this.getTileSize().x;
      const source = sourceOf(coords);
      fetchTile(source.url).then((data) => {
        const draw = () => drawTile(tile, data, source, coords.z, this.theme, size, map.pixelRatio(this._map.getContainer()));
        if (!this._map) return;
        draw();
        this.drawings.set(tile, draw);
        done(null, tile);
      });
      return tile;
    },

    onAdd: function (leaflet) {
      this.on("tileunload", (event) => this.drawings.delete(event.tile));
      L.GridLayer.prototype.onAdd.call(this, leaflet);
    },
  });
})((window.yiping = window.yiping || {}));

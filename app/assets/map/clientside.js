/* What callbacks of the page may call; it also works before the map is there. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const waiting = (map.waiting = map.waiting || {});
  const asked = (map.asked = map.asked || {}); // per map what the page shows
  const expected = (map.expected = map.expected || {}); // per map who waits for its engine
  const LONGEST_WAIT_MS = 3000;
  window.dash_clientside = window.dash_clientside || {};

  /** Hand a wish to the map `id`, or keep it (the last of its kind) until the map exists. */
  function wish(kind, value, id) {
    const engine = (yiping.maps || {})[id];
    const ready = engine && engine.leaflet._loaded;
    if (kind === "setQuery" || !ready) waiting[id] = { ...waiting[id], [kind]: value };
    if (ready) engine[kind](value);
    return window.dash_clientside.no_update;
  }

  /** The engine of a map, once Leaflet has made it; nothing where that does not come about. */
  function made(id) {
    const there = (yiping.maps || {})[id];
    if (there) return there;
    return new Promise((done) => {
      expected[id] = done;
      setTimeout(done, LONGEST_WAIT_MS);
    });
  }

  window.dash_clientside.yiping = {
    ...window.dash_clientside.yiping,

    /** Show another selection: `{layers, tier, status, category, street, q, within, as_of, extra}`. */
    setQuery: function (query, id) {
      if (!query) return window.dash_clientside.no_update;
      asked[id] = query;
      document.documentElement.toggleAttribute("data-elsewhen", Boolean(query.as_of));
      return wish("setQuery", query, id);
    },

    /** The query, once the map shows it or cannot. */
    whenDrawn: async function (query, id) {
      const engine = await made(id);
      if (engine) await engine.drawn();
      return query;
    },

    /** Go to `{lon, lat, zoom}` or `{bounds: [w, s, e, n]}`. */
    flyTo: (target, id) => (target ? wish("flyTo", target, id) : window.dash_clientside.no_update),

    /** Mark what the page has chosen, `{place_id, fly}` or `{place_ids}`, without telling it; null clears the mark. */
    highlight: (selected, id) => wish("highlight", selected, id),
  };
})((window.yiping = window.yiping || {}));

/* What callbacks of the page may call; it also works before the map is there. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const waiting = (map.waiting = map.waiting || {});
  window.dash_clientside = window.dash_clientside || {};

  /** Hand a wish to the map `id`, or keep it (the last of its kind) until the map exists. */
  function wish(kind, value, id) {
    const engine = (yiping.maps || {})[id];
    const ready = engine && engine.leaflet._loaded;
    if (kind === "setQuery" || !ready) waiting[id] = { ...waiting[id], [kind]: value };
    if (ready) engine[kind](value);
    return window.dash_clientside.no_update;
  }

  window.dash_clientside.yiping = {
    ...window.dash_clientside.yiping,

    /** Show another selection: `{layers, tier, status, category, street, q, within, as_of, extra}`. */
    setQuery: (query, id) => (query ? wish("setQuery", query, id) : window.dash_clientside.no_update),

    /** The query, once the map shows it or cannot. */
    whenDrawn: async function (query, id) {
      const engine = (yiping.maps || {})[id];
      if (engine) await engine.drawn();
      return query;
    },

    /** Go to `{lon, lat, zoom}` or `{bounds: [w, s, e, n]}`. */
    flyTo: (target, id) => (target ? wish("flyTo", target, id) : window.dash_clientside.no_update),

    /** Mark what the page has chosen, `{place_id, fly}` or `{place_ids}`, without telling it; null clears the mark. */
    highlight: (selected, id) => wish("highlight", selected, id),
  };
})((window.yiping = window.yiping || {}));

/* What callbacks of the page may call; it also works before the map is there. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const waiting = (map.waiting = map.waiting || {});
  window.dash_clientside = window.dash_clientside || {};

  /** Hand a wish to the map `id`, or keep it (the last of its kind) until the map exists. */
  function wish(kind, value, id) {
    const engine = (yiping.maps || {})[id];
    if (kind === "setQuery" || !engine) waiting[id] = { ...waiting[id], [kind]: value };
    if (engine) engine[kind](value);
    return window.dash_clientside.no_update;
  }

  window.dash_clientside.yiping = {
    ...window.dash_clientside.yiping,

    /** Show another selection: `{layers, tier, status, category, street, q, within, as_of, extra}`. */
    setQuery: (query, id) => (query ? wish("setQuery", query, id) : window.dash_clientside.no_update),

    /** Go to `{lon, lat, zoom}` or `{bounds: [w, s, e, n]}`. */
    flyTo: (target, id) => (target ? wish("flyTo", target, id) : window.dash_clientside.no_update),

    /** Mark a place as selected without telling the page; null clears the mark. */
    highlight: (placeId, id) => wish("highlight", placeId ?? null, id),
  };
})((window.yiping = window.yiping || {}));

/* Filters as clicks change them: here and at once, the map first, so that neither an answer still on its way nor a button
   drawn anew can undo a click. A button says what it switches: `data-filter` and `data-value` (none: the whole filter),
   or `data-clear`; the page around it which store and which map it is about, and how a query without filters looks. */
"use strict";
(function (yiping) {
  /** Switch one value of a filter; layers stay in the order of the screen. */
  function toggled(query, name, value, everything) {
    const others = (query[name] || []).filter((known) => known !== value);
    const values = others.length === (query[name] || []).length ? [...others, value] : others;
    return { ...query, [name]: name === "layers" ? everything.layers.filter((id) => values.includes(id)) : values };
  }

  function changed(query, { filter, value, clear }, everything) {
    if (clear) return everything;
    return value ? toggled(query, filter, value, everything) : { ...query, [filter]: everything[filter] };
  }

  /** Dash takes a tenth of a second over a store, in which nothing is drawn: it hears of a query after the map. */
  async function tellOnceDrawn(store, data, id) {
    await yiping.maps[id]?.drawn();
    await new Promise((painted) => setTimeout(painted, 0)); // `drawn` ends inside the frame that is about to be painted
    if (yiping.map.asked[id] === data) window.dash_clientside.set_props(store, { data });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter], [data-clear]");
    const holder = button && button.closest("[data-everything]");
    if (!holder) return;
    const { everything, map, query: store } = holder.dataset;
    const now = yiping.map.asked[map];
    if (!now) return;
    const data = changed(now, button.dataset, JSON.parse(everything));
    window.dash_clientside.yiping.setQuery(data, map);
    tellOnceDrawn(store, data, map);
  });
})((window.yiping = window.yiping || {}));

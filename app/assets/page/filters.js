/* Filters and the open place as clicks change them: here and at once, so that no answer still on its way can undo
   a click. */
"use strict";
(function () {
  const { page } = window.dash_clientside;
  const none = () => window.dash_clientside.no_update;

  /** The id of the button that was really clicked; one that is only drawn anew triggers too, with no clicks yet. */
  function clicked() {
    const { triggered, triggered_id: id } = window.dash_clientside.callback_context;
    return triggered.length && triggered[0].value ? id : null;
  }

  /** Switch one value of a filter; layers stay in the order of the screen. */
  function toggled(query, name, value, everything) {
    const others = (query[name] || []).filter((known) => known !== value);
    const values = others.length === (query[name] || []).length ? [...others, value] : others;
    return { ...query, [name]: name === "layers" ? everything.layers.filter((id) => values.includes(id)) : values };
  }

  page.toggleFilter = function (_clicks, query, everything) {
    const id = clicked();
    return id ? toggled(query, id.name, id.value, everything) : none();
  };

  page.removeFilter = function (_clicks, query, everything) {
    const id = clicked();
    if (!id) return none();
    return id.value ? toggled(query, id.name, id.value, everything) : { ...query, [id.name]: everything[id.name] };
  };

  page.clearFilters = (clicks, everything) => (clicks ? everything : none());
})();

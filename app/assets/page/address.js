/* The address bar as state: filters and the open place are steps of the history; the extent of the map and the
   moment, which are slid through, are not. */
"use strict";
(function (yiping) {
  const { page } = window.dash_clientside;
  const LISTS = ["tier", "status", "state", "category", "street"];
  const none = () => window.dash_clientside.no_update;
  let shown = null; // what the present step of the history shows
  let turns = 0;

  /** What of a selection is worth coming back to: which place or places, not how they were opened. */
  function remembered(selected) {
    if (!selected) return null;
    const { place_id, place_ids, n } = selected;
    return place_id ? { place_id } : { place_ids, n };
  }

  /** The query part of the address for filters and a selection; what others keep there stays. */
  function searchOf(query, selected) {
    const params = new URLSearchParams(location.search);
    const set = (name, value) => (value ? params.set(name, value) : params.delete(name));
    set("layers", query.layers.join(",") || "none");
    for (const name of LISTS) set(name, (query[name] || []).join(","));
    set("q", query.q);
    set("as_of", query.as_of);
    for (const [name, value] of Object.entries(query.extra || {})) set(name, value);
    for (const name of query.cleared || []) params.delete(name);
    set("place", selected && selected.place_id);
    return params.toString().replace(/%2C/g, ",");
  }

  /** Write filters and selection into the address: a step of its own for Back, unless it is what was shown already. */
  page.syncAddress = function (query, selected) {
    const search = searchOf(query, selected);
    const step = { query, selected: remembered(selected) };
    const now = JSON.stringify([search.replace(/(^|&)(at|as_of)=[^&]*/g, ""), step.selected]);
    const write = shown === null || shown === now ? "replaceState" : "pushState";
    shown = now;
    history[write]({ ...history.state, yiping: step }, "", location.pathname + (search ? "?" + search : ""));
    yiping.session.check();
    return none();
  };

  /** Keep what a form asks about in the address, without a step of its own. */
  page.keepAddress = function (search) {
    history.replaceState(history.state, "", location.pathname + (search ? "?" + search : ""));
    return none();
  };

  /** Keep parameters in the address that are no step of the history either; an empty one is taken away. */
  page.keepParameters = function (told) {
    const params = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(told || {})) value ? params.set(name, value) : params.delete(name);
    return page.keepAddress(params.toString().replace(/%2C/g, ",").replace(/%3A/g, ":"));
  };

  const DAY_MS = 864e5;

  /** The step of the slider through time for a moment: days ago, 0 for now, the number of the coming night. */
  function stepOf(asOf) {
    if (!asOf) return 0;
    const days = (new Date(asOf) - Date.now()) / DAY_MS;
    return days <= 0 ? Math.min(-1, Math.ceil(days)) : Math.ceil(days);
  }

  /** The slider follows a moment that was set elsewhere; never while a hand is on it. */
  page.followMoment = function (query, step, id) {
    const wanted = stepOf(query.as_of);
    const held = document.getElementById(id).contains(document.activeElement);
    if (!held && wanted !== step) window.dash_clientside.set_props(id, { value: wanted });
    return none();
  };

  /** Back and Forward hand the step they lead to over to the page. */
  window.addEventListener("popstate", (event) => {
    const step = (event.state || {}).yiping;
    if (step) yiping.map.page.tell("past", { ...step, turn: ++turns });
  });

  function arrive() {
    shown = null; // the next address is the step itself
  }

  /** A step of the history as selection and filters of a page. */
  page.restore = function (step) {
    if (!step) return [none(), none()];
    arrive();
    return [step.selected, step.query];
  };

  /** The same for a page whose filters are form controls: other filters than the present ones are drawn anew. */
  page.restoreSelected = function (step, query) {
    if (!step) return none();
    if (JSON.stringify(step.query) !== JSON.stringify(query)) {
      location.reload();
      return none();
    }
    arrive();
    return step.selected;
  };
})((window.yiping = window.yiping || {}));

/* The way back to the page: properties of Dash elements, set only where such an element exists. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  /** A store has no DOM node, so the layout is asked, not the document. */
  function exists(id) {
    try {
      return Boolean(window.dash_component_api.getLayout(id));
    } catch {
      return false;
    }
  }

  /** Set `data` of the element `id`, if the page has one. */
  function tell(id, data) {
    if (window.dash_clientside && window.dash_clientside.set_props && exists(id)) {
      window.dash_clientside.set_props(id, { data });
    }
  }

  map.page = { tell, exists };
})((window.yiping = window.yiping || {}));

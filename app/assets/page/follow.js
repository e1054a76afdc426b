/* Whatever names a place - a line of a list, an event, a link of a card - opens it beside the map of the page when it is
   clicked. It carries no id, so that hundreds are drawn as fast as text, and a list that is drawn anew between the press
   and the answer loses no click. */
"use strict";
(function () {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-place]");
    const map = document.querySelector(".yiping-map");
    if (!link || !map) return;
    const data = { place_id: Number(link.dataset.place), fly: true };
    window.dash_clientside.set_props(map.id + "-selected", { data });
  });
})();

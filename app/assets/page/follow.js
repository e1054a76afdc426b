/* Whatever names a place - a line of a list, an event, a link of a card - opens it when it is clicked: beside the map of
   the page, or on a page of its own where there is no map. It carries no id, so that hundreds are drawn as fast as text, and a list that is drawn anew between the press
   and the answer loses no click. */
"use strict";
(function () {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-place]");
    const map = document.querySelector(".yiping-map");
    if (!link) return;
    if (!map) {
      location.assign("/places/" + Number(link.dataset.place));
      return;
    }
    const data = { place_id: Number(link.dataset.place), fly: true };
    window.dash_clientside.set_props(map.id + "-selected", { data });
  });
})();

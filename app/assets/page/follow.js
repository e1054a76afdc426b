/* The links of a card: a click opens the place they name beside the map of the page. They carry no ids, so that a
   building with hundreds of tenants is drawn as fast as text. */
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

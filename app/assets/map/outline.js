/* The outline of the selected place: a building's footprint, a site's boundary. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  class Outline {
    constructor(leaflet) {
      Object.assign(this, { leaflet, drawn: null });
    }

    /** Draw a GeoJSON polygon, or nothing where a place has none. */
    show(geometry) {
      this.hide();
      if (!geometry) return;
      const style = { className: "yiping-outline", interactive: false };
      this.drawn = L.geoJSON(geometry, { style, interactive: false }).addTo(this.leaflet);
    }

    hide() {
      if (this.drawn) this.drawn.remove();
      this.drawn = null;
    }
  }

  map.Outline = Outline;
})((window.yiping = window.yiping || {}));

/* Two rings that stand round a mark: the selected place, and the one the keyboard is on. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  class Halo {
    /** `kind` is the CSS class: `selected` or `focused`. */
    constructor(leaflet, kind) {
      Object.assign(this, { leaflet, kind, marker: null });
    }

    /** Stand round a mark of radius `r` px at `latlng`; `tier` draws its shape too, where no mark shows the place. */
    show(latlng, r, tier) {
      this.hide();
      const size = Math.round(2 * r + 14);
      this.tier = tier || null;
      const html = tier ? map.marks.shapeIcon(tier) : false;
      const icon = L.divIcon({ className: "yiping-halo " + this.kind, iconSize: [size, size], html });
      this.marker = L.marker(latlng, { icon, interactive: false, keyboard: false, pane: "yiping-halo" }).addTo(this.leaflet);
      this.marker.getElement().setAttribute("aria-hidden", "true");
    }

    hide() {
      if (this.marker) this.marker.remove();
      this.marker = null;
    }

    get shown() {
      return this.marker !== null;
    }
  }

  map.Halo = Halo;
})((window.yiping = window.yiping || {}));

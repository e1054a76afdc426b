/* The chosen place or heap: its ring, its own shape where a ring of many swallows it, and its place in sight. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const CLOSE_ZOOM = 17;
  const EDGE_PX = 40;

  class Selection {
    /** `moment()` is the one the map shows, an ISO text, or nothing for now. */
    constructor(leaflet, places, moment) {
      Object.assign(this, { leaflet, places, moment, chosen: null });
      this.halo = new map.Halo(leaflet, "selected");
      this.outline = new map.Outline(leaflet);
    }

    /** Something was chosen on the map itself: `data` is what the page is told of it. */
    take(data, mark) {
      const { latlng, r, tier } = mark;
      this.chosen = { id: data.place_id ?? null, latlng, r, tier };
      this.outline.hide();
      this.stand();
    }

    /** What the page has chosen, `{place_id, fly}` or `{place_ids}`, or nothing; where it lies the server tells. */
    async follow(data) {
      this.leaflet.getContainer().classList.toggle("beside-card", Boolean(data));
      if (!data) return this.clear();
      const id = data.place_id ?? null;
      if (!this.chosen || this.chosen.id !== id) this.chosen = { id, latlng: null };
      this.outline.hide();
      this.stand();
      await this.refresh();
      if (this.chosen && this.chosen.id === id && this.chosen.latlng) this._bringInSight(data.fly);
    }

    /** Ask again where the place lies and what tier it has; a place out of reach has no ring. */
    async refresh() {
      const { chosen } = this;
      if (!chosen || chosen.id === null) return;
      const moment = this.moment();
      const then = moment ? "?as_of=" + encodeURIComponent(moment) : "";
      const place = await map.net.getJson("/api/places/" + chosen.id + then).catch(() => null);
      if (!place || chosen !== this.chosen) return;
      const [lon, lat] = place.geometry.coordinates;
      Object.assign(chosen, { latlng: L.latLng(lat, lon), tier: place.properties.tier });
      this.outline.show(place.properties.outline);
      this.stand();
    }

    /** After new data the ring stays with its place, wherever that is now. */
    stand() {
      const { chosen } = this;
      this.halo.hide();
      if (!chosen || !chosen.latlng || !this.leaflet._loaded) return;
      const mark = chosen.id === null ? null : this.places.markOf(chosen.id);
      const alone = mark !== null && mark.kind === "place";
      if (alone) Object.assign(chosen, { latlng: mark.latlng, r: mark.r, tier: mark.tier });
      const swallowed = chosen.id !== null && !alone;
      this.halo.show(chosen.latlng, swallowed ? map.marks.shapeRadius(CLOSE_ZOOM) : chosen.r, swallowed && chosen.tier);
    }

    clear() {
      this.chosen = null;
      this.halo.hide();
      this.outline.hide();
    }

    /** For tests: the ring in pixels of the container, the tier whose shape it shows itself, whether an outline is drawn. */
    seen() {
      if (!this.halo.shown) return null;
      const { x, y } = this.leaflet.latLngToContainerPoint(this.chosen.latlng);
      return { id: this.chosen.id, x, y, shape: this.halo.tier, outlined: this.outline.drawn !== null };
    }

    /** Between the panels nothing moves; a place that lies under one, or was called from a list, comes to the middle. */
    _bringInSight(closer) {
      const { leaflet } = this;
      const zoom = closer ? Math.max(leaflet.getZoom(), CLOSE_ZOOM) : leaflet.getZoom();
      if (!closer && map.view.isFree(leaflet, this.chosen.latlng, EDGE_PX)) return;
      map.view.centre(leaflet, this.chosen.latlng, zoom);
    }
  }

  map.Selection = Selection;
})((window.yiping = window.yiping || {}));

/* Where the map looks: at first the district, or what the address says; afterwards the address follows the map. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const MARGIN_PX = 18;
  const FALLBACK = { center: [31.19, 121.44], zoom: 12 };
  let ownerOfAddress = null;

  const halves = (zoom) => Math.round(zoom * 2) / 2;

  /** The whole zoom whose cells, shapes and names are shown: the one below, between two. */
  const level = (leaflet) => Math.floor(leaflet.getZoom() + 0.01);

  /** Move the map by half levels: whole ones would leave the district half as large as its room. */
  function inHalves(leaflet, move) {
    const { options } = leaflet;
    const usual = options.zoomSnap;
    options.zoomSnap = 0.5;
    move();
    options.zoomSnap = usual;
  }

  /** Leaflet bounds of `[w, s, e, n]`. */
  const boundsOf = ([w, s, e, n]) => L.latLngBounds([s, w], [n, e]);

  /** `at=lat,lon,zoom` of the address as `{center, zoom}`, or null. */
  function viewOfAddress() {
    const text = new URLSearchParams(window.location.search).get("at");
    const numbers = (text || "").split(",").map(Number);
    const [lat, lon, zoom] = numbers;
    const good = numbers.length === 3 && numbers.every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
    return good ? { center: [lat, lon], zoom: Math.min(20, Math.max(3, halves(zoom))) } : null;
  }

  /** Write the view into the address, without a new entry in the history. Only the page's first map does so. */
  function writeAddress(leaflet, id) {
    if (ownerOfAddress !== id) return;
    const { lat, lng } = leaflet.getCenter();
    const url = new URL(window.location.href);
    const others = url.search.replace(/^\?/, "").split("&").filter((part) => part && !part.startsWith("at="));
    url.search = [...others, `at=${lat.toFixed(5)},${lng.toFixed(5)},${leaflet.getZoom()}`].join("&");
    if (url.href !== window.location.href) history.replaceState(history.state, "", url);
  }

  const claimAddress = (id) => (ownerOfAddress = ownerOfAddress || id);
  const releaseAddress = (id) => (ownerOfAddress = ownerOfAddress === id ? null : ownerOfAddress);

  /** Room for panels over the map, as options of `fitBounds`. */
  function paddingOptions(leaflet) {
    const inset = map.theme.insets(leaflet.getContainer());
    return {
      paddingTopLeft: [inset.left + MARGIN_PX, inset.top + MARGIN_PX],
      paddingBottomRight: [inset.right + MARGIN_PX, inset.bottom + MARGIN_PX],
      animate: !map.theme.reducedMotion(),
    };
  }

  /** Show `[w, s, e, n]` between the panels. */
  function fit(leaflet, bbox, options) {
    inHalves(leaflet, () => leaflet.fitBounds(boundsOf(bbox), { ...paddingOptions(leaflet), ...options }));
  }

  /** The first view of a map: the page's own, else the address, else the whole district. */
  function start(leaflet, id, overview) {
    claimAddress(id);
    const wanted = yiping.initialView || (ownerOfAddress === id && viewOfAddress());
    if (wanted) inHalves(leaflet, () => leaflet.setView(wanted.center, wanted.zoom, { animate: false }));
    else if (overview && overview.bounds) fit(leaflet, overview.bounds, { animate: false });
    else leaflet.setView(FALLBACK.center, FALLBACK.zoom, { animate: false });
  }

  /** Follow Back and Forward when they lead to another extent. */
  function followHistory(leaflet, id) {
    const follow = () => {
      const view = ownerOfAddress === id && viewOfAddress();
      if (view) inHalves(leaflet, () => leaflet.setView(view.center, view.zoom, { animate: false }));
    };
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }

  /** The part of the container between the panels, in px. */
  function freeBounds(leaflet) {
    const inset = map.theme.insets(leaflet.getContainer());
    const size = leaflet.getSize();
    return L.bounds([inset.left, inset.top], [size.x - inset.right, size.y - inset.bottom]);
  }

  /** True when a point lies between the panels, `edgePx` from them. */
  function isFree(leaflet, latlng, edgePx) {
    const { min, max } = freeBounds(leaflet);
    return L.bounds(min.add([edgePx, edgePx]), max.subtract([edgePx, edgePx])).contains(leaflet.latLngToContainerPoint(latlng));
  }

  /** Bring a point to the middle of what is free between the panels. */
  function centre(leaflet, latlng, zoom) {
    const aside = freeBounds(leaflet).getCenter().subtract(leaflet.getSize().divideBy(2));
    const middle = leaflet.unproject(leaflet.project(latlng, zoom).subtract(aside), zoom);
    inHalves(leaflet, () => leaflet.setView(middle, zoom, { animate: !map.theme.reducedMotion() }));
  }

  /** Go to `{lon, lat, zoom}` or `{bounds: [w, s, e, n]}`. */
  function flyTo(leaflet, target) {
    if (target.bounds) return fit(leaflet, target.bounds, { maxZoom: 18 });
    return centre(leaflet, L.latLng(target.lat, target.lon), target.zoom ?? Math.max(leaflet.getZoom(), 17));
  }

  map.view = { start, fit, flyTo, centre, isFree, level, writeAddress, releaseAddress, followHistory, boundsOf };
})((window.yiping = window.yiping || {}));

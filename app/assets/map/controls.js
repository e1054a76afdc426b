/* Buttons, attribution, notice and spoken line of a map: plain elements, texts through textContent only. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const SVG = "http://www.w3.org/2000/svg";
  const ICONS = {
    zoom_in: "M12 5v14M5 12h14",
    zoom_out: "M5 12h14",
    home: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  };

  /** Create an element with a class and attributes below a parent. */
  function create(tag, className, parent, attributes) {
    const element = document.createElement(tag);
    element.className = className;
    Object.entries(attributes || {}).forEach(([name, value]) => element.setAttribute(name, value));
    parent.append(element);
    return element;
  }

  function icon(name) {
    const svg = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  function button(parent, name, act) {
    const label = yiping.t("map." + name);
    const element = create("button", "yiping-button", parent, { type: "button", "aria-label": label, title: label });
    element.append(icon(name));
    element.addEventListener("click", act);
    return element;
  }

  class Controls {
    /** `home()` is what the third button does. */
    constructor(leaflet, home) {
      const container = leaflet.getContainer();
      this.root = create("div", "yiping-controls", container, { role: "group", "aria-label": yiping.t("map.controls") });
      this.zoomIn = button(this.root, "zoom_in", () => leaflet.setZoom(map.view.level(leaflet) + 1));
      this.zoomOut = button(this.root, "zoom_out", () => leaflet.setZoom(Math.ceil(leaflet.getZoom()) - 1));
      this.home = button(this.root, "home", home);
      this.attribution = create("div", "yiping-attribution", container);
      this.notice = create("div", "yiping-notice", container, { role: "status", hidden: "" });
      this.spoken = create("div", "yiping-spoken", container, { "aria-live": "polite" });
      L.DomEvent.disableClickPropagation(this.root);
      L.DomEvent.disableScrollPropagation(this.root);
      leaflet.on("zoomend", () => this._enable(leaflet));
    }

    _enable(leaflet) {
      const zoom = leaflet.getZoom();
      this.zoomIn.setAttribute("aria-disabled", String(zoom >= leaflet.getMaxZoom()));
      this.zoomOut.setAttribute("aria-disabled", String(zoom <= leaflet.getMinZoom()));
    }

    /** The line at the lower right: where the ground comes from, and its approval number (审图号) if there is one. */
    setAttribution(text) {
      const approval = (yiping.settings || {}).map_approval;
      this.attribution.textContent = [text, approval].filter(Boolean).join(" · ");
    }

    /** Show a sentence over the map, or nothing. `kind` is `trouble` or `hint`. */
    setNotice(text, kind) {
      this.notice.hidden = !text;
      this.notice.classList.toggle("trouble", kind === "trouble");
      if (text !== this.notice.textContent) this.notice.textContent = text || "";
    }

    /** Say something to a screen reader. */
    say(text) {
      this.spoken.textContent = text;
    }

    remove() {
      [this.root, this.attribution, this.notice, this.spoken].forEach((element) => element.remove());
    }
  }

  map.Controls = Controls;
  map.create = create;
})((window.yiping = window.yiping || {}));

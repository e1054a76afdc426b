/* Mouse, finger and keyboard on the markers. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const MOUSE_TARGET_PX = 24;
  const FINGER_TARGET_PX = 48;

  /** Least size of a target: a finger's where fingers are used. */
  function leastTarget(container) {
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    return coarse || map.theme.isLight(container) ? FINGER_TARGET_PX : MOUSE_TARGET_PX;
  }

  class Pointer {
    /** `events`: `activate(mark)`, `clear()`. Listens on the Leaflet map and its container. */
    constructor(leaflet, places, tooltip, events) {
      Object.assign(this, { leaflet, places, tooltip, events, frame: 0, at: null });
      this.container = leaflet.getContainer();
      leaflet.on("mousemove", (event) => this._hover(event.containerPoint));
      leaflet.on("mouseout movestart zoomstart", () => this.rest());
      leaflet.on("click", (event) => this._click(event.containerPoint));
    }

    _hover(point) {
      this.at = point;
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.refresh());
    }

    /** Look again at what is under the pointer, after new data. */
    refresh() {
      this._show(this.at && this.places.hit(this.at, MOUSE_TARGET_PX));
    }

    _show(mark) {
      this.container.classList.toggle("on-mark", Boolean(mark));
      this.tooltip.show(mark);
    }

    /** Forget what the pointer was on. */
    rest() {
      cancelAnimationFrame(this.frame);
      this.at = null;
      this._show(null);
    }

    _click(point) {
      const mark = this.places.hit(point, leastTarget(this.container));
      this.rest();
      if (mark) this.events.activate(mark);
      else this.events.clear();
    }
  }

  /** Steps through the visible markers with [ and ], worst tier first. */
  class Stepper {
    /** `events`: `focus(mark, position, count)`, `activate(mark)`, `clear()`. */
    constructor(leaflet, places, events) {
      Object.assign(this, { leaflet, places, events, current: null });
      this.onKey = (event) => this._key(event);
      leaflet.getContainer().addEventListener("keydown", this.onKey);
      leaflet.on("movestart", () => (this.current = null));
    }

    _key(event) {
      if (event.target !== this.leaflet.getContainer() || event.ctrlKey || event.metaKey || event.altKey) return;
      // By place of the key, too: a Chinese input method turns [ into 【.
      if (event.key === "]" || event.code === "BracketRight") this._step(1);
      else if (event.key === "[" || event.code === "BracketLeft") this._step(-1);
      else if (event.key === "Enter" && this.current) this.events.activate(this.current);
      else if (event.key === "Escape") this._clear();
      else return;
      event.preventDefault();
    }

    _clear() {
      this.current = null;
      this.events.clear();
    }

    _step(by) {
      const marks = this.places.visible().map(({ mark }) => mark);
      if (!marks.length) return;
      const now = marks.indexOf(this.current);
      const next = now < 0 ? (by > 0 ? 0 : marks.length - 1) : (now + by + marks.length) % marks.length;
      this.current = marks[next];
      this.events.focus(this.current, next + 1, marks.length);
    }

    remove() {
      this.leaflet.getContainer().removeEventListener("keydown", this.onKey);
    }
  }

  map.Pointer = Pointer;
  map.Stepper = Stepper;
})((window.yiping = window.yiping || {}));

/* A canvas that lies on the map and moves with it. Leaflet's renderer base does the transforms of pan and zoom;
   nothing is drawn while the map moves. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const PADDING = 0.3;
  const WALL_PADDING = 0.1;
  const WALL_PIXELS = 9e6;

  map.CanvasLayer = L.Renderer.extend({
    /** Subclasses draw here, in layer pixels; `bounds` is the part of the layer the canvas covers. */
    paint: function (_ctx, _bounds) {},

    /** True while the old picture, scaled, is better than a new one (its data is still on the way). */
    keepsPicture: function () {
      return false;
    },

    /** Draw again in place, after new data or another theme. */
    redraw: function () {
      if (this._map && this._ctx) this._update();
    },

    _initContainer: function () {
      this._container = L.DomUtil.create("canvas", "yiping-canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._ctx = this._container.getContext("2d");
    },

    _destroyContainer: function () {
      L.DomUtil.remove(this._container);
      delete this._container;
      delete this._ctx;
    },

    _updatePaths: function () {},

    _reset: function () {
      this._update();
      this._updateTransform(this._map.getCenter(), this._map.getZoom());
    },

    _update: function () {
      if (this._bounds && (this._map._animatingZoom || this.keepsPicture())) return;
      this.options.padding = paddingFor(this._map);
      L.Renderer.prototype._update.call(this);
      this._sizeCanvas();
      this.paint(this._ctx, this._bounds);
    },

    _sizeCanvas: function () {
      const ratio = pixelRatio(this._map.getContainer());
      const { min } = this._bounds;
      const size = this._bounds.getSize();
      const [width, height] = [Math.round(size.x * ratio), Math.round(size.y * ratio)];
      const canvas = this._container;
      if (canvas.width !== width || canvas.height !== height) {
        Object.assign(canvas, { width, height });
        Object.assign(canvas.style, { width: size.x + "px", height: size.y + "px" });
      }
      L.DomUtil.setTransform(canvas, min, 1);
      this._ctx.setTransform(1, 0, 0, 1, 0, 0);
      this._ctx.clearRect(0, 0, width, height);
      this._ctx.setTransform(ratio, 0, 0, ratio, -min.x * ratio, -min.y * ratio);
    },
  });

  /** Device pixels per CSS pixel of the map; a page may enlarge the map for a wall screen by `transform: scale()`. */
  function pixelRatio(container) {
    const scale = container.getBoundingClientRect().width / container.offsetWidth || 1;
    return scale * (window.devicePixelRatio || 1);
  }

  /** Padding as a share of the view: less on a video wall, where a canvas would take hundreds of megabytes. */
  function paddingFor(leaflet) {
    const size = leaflet.getSize();
    const pixels = size.x * size.y * pixelRatio(leaflet.getContainer()) ** 2;
    return pixels > WALL_PIXELS ? WALL_PADDING : PADDING;
  }

  map.paddingFor = paddingFor;
  map.pixelRatio = pixelRatio;
})((window.yiping = window.yiping || {}));

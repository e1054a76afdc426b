/* One engine for every map of the class `yiping-map`: it puts the parts together and keeps the selection. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  yiping.maps = yiping.maps || {};

  const PANES = { "yiping-veil": 300, "yiping-labels": 350, "yiping-places": 450, "yiping-halo": 460 };
  const SLOW_MS = 900;
  const LIVE_DEBOUNCE_MS = 400;
  const RESIZE_DEBOUNCE_MS = 80;
  const [MIN_ZOOM, MAX_ZOOM] = [9, 20];

  /** Call `act` once things have been quiet for `ms`. */
  function debounced(act, ms) {
    let timer = 0;
    const run = () => {
      clearTimeout(timer);
      timer = setTimeout(act, ms);
    };
    run.cancel = () => clearTimeout(timer);
    return run;
  }

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** The sentence for a failed request: sign in again, refused for good, or not there just now. */
  function troubleKey(error) {
    if (!map.net.isFinal(error)) return "map.offline";
    return [401, 403].includes(error.status) ? "map.sign_in" : "map.refused";
  }

  class Engine {
    constructor(leaflet) {
      this.container = leaflet.getContainer();
      this.id = this.container.id;
      Object.assign(this, { leaflet, counts: null, troubled: false, stops: [], awaiting: [] });
      this.life = new AbortController();
      this.first = new Promise((shown) => this.awaiting.push(shown));
      this._makeLayers();
      this._makeSurface();
      this.loader = new map.Loader(leaflet, {
        picture: (answer, zoom) => this._show(answer, zoom),
        counts: (counts) => this._count(counts),
        trouble: (error) => this._trouble(error),
      });
      leaflet.on("moveend", () => this._moved());
      leaflet.on("unload", () => this.detach());
    }

    /** Read the ground, look at the district, show what the page has asked for meanwhile. */
    async start() {
      const patient = { signal: this.life.signal };
      map.net.getJsonPatiently("/api/layers", patient).then((layers) => this._learnLayers(layers)).catch(() => {});
      const overview = await map.net.getJsonPatiently("/api/basemap/overview", patient).catch(() => null);
      if (this.life.signal.aborted) return;
      await this._sized();
      if (this.life.signal.aborted) return;
      this._useOverview(overview);
      this._watch();
      const wishes = map.waiting[this.id] || {};
      Object.entries(wishes).forEach(([kind, value]) => this[kind](value));
      map.waiting[this.id] = wishes.setQuery ? { setQuery: wishes.setQuery } : {};
    }

    _makeLayers() {
      Object.entries(PANES).forEach(([name, z]) => {
        const pane = this.leaflet.createPane(name);
        pane.style.zIndex = z;
        pane.style.pointerEvents = "none";
      });
      this.theme = map.theme.read(this.container);
      this.ground = new map.BasemapLayer(this.theme);
      this.veil = new map.VeilLayer(this.theme);
      this.places = new map.PlacesLayer(this.theme);
      this.labels = new map.LabelLayer(this.theme, this.places, this.veil);
      // Markers before labels: labels give way to what the markers have taken.
      [this.veil, this.places, this.labels].forEach((layer) => layer.addTo(this.leaflet));
      const { options } = this.leaflet;
      options.minZoom ??= MIN_ZOOM;
      options.maxZoom ??= MAX_ZOOM;
    }

    _makeSurface() {
      const { leaflet } = this;
      const act = { activate: (mark) => this.activate(mark), clear: () => this.clear() };
      const attributes = { role: "application", "aria-label": yiping.t("map.label"), tabindex: "0" };
      Object.entries(attributes).forEach(([name, value]) => this.container.setAttribute(name, value));
      this.controls = new map.Controls(leaflet, () => this.home());
      this.tooltip = new map.Tooltip(leaflet);
      this.selection = new map.Selection(leaflet, this.places, () => (this.loader.query || {}).as_of);
      this.focus = new map.Halo(leaflet, "focused");
      this.pointer = new map.Pointer(leaflet, this.places, this.tooltip, act);
      this.stepper = new map.Stepper(leaflet, this.places, { ...act, focus: (...where) => this._focus(...where) });
      leaflet.on("movestart", () => this.focus.hide());
      this.container.addEventListener("blur", () => this.focus.hide());
    }

    /** A map in a hidden tab has no size yet; its view can only be chosen once it has. */
    _sized() {
      const ready = () => this.container.clientWidth > 0 && this.container.clientHeight > 0;
      return new Promise((resolve) => {
        const observer = new ResizeObserver(() => {
          if (!ready() && !this.life.signal.aborted) return;
          observer.disconnect();
          this.leaflet.invalidateSize({ animate: false, pan: false });
          resolve();
        });
        observer.observe(this.container);
        this.stops.push(() => observer.disconnect());
      });
    }

    _watch() {
      const { leaflet } = this;
      const resize = debounced(() => leaflet.invalidateSize({ animate: false }), RESIZE_DEBOUNCE_MS);
      const refresh = debounced(() => this._refresh(), LIVE_DEBOUNCE_MS);
      const observer = new ResizeObserver(resize);
      observer.observe(this.container);
      const concerns = (layers) => !layers || layers.some((id) => ((this.loader.query || {}).layers || []).includes(id));
      this.stops.push(
        () => observer.disconnect(),
        resize.cancel,
        refresh.cancel,
        map.theme.watch(this.container, () => this._retheme()),
        map.view.followHistory(leaflet, this.id),
        map.live.listen((layers) => concerns(layers) && refresh()),
      );
    }

    _useOverview(overview) {
      this.overview = overview || {};
      this.veil.setOutline(this.overview.outline, this.overview.districts);
      this.labels.setLabels(this.overview.labels || []);
      this.controls.setAttribution(map.words.say(this.overview.attribution));
      map.view.start(this.leaflet, this.id, overview);
    }

    _learnLayers(layers) {
      map.layers = Object.fromEntries(layers.map((layer) => [layer.id, layer]));
      this.places.redraw();
      this.labels.redraw();
    }

    _retheme() {
      this.theme = map.theme.read(this.container);
      [this.ground, this.veil, this.places, this.labels].forEach((layer) => layer.setTheme(this.theme));
    }

    _moved() {
      map.view.writeAddress(this.leaflet, this.id);
      yiping.session.check();
      this.load();
    }

    _refresh() {
      this.loader.load();
      this.selection.refresh();
      yiping.session.check();
    }

    /** Wait until the picture that was just asked for is drawn, or cannot be; at most for a moment. */
    async drawn() {
      await pause(0); // whoever told the page of a new query tells the map in the same breath
      await Promise.race([this.first, pause(SLOW_MS)]);
      if (!this.loader.pending) return;
      await Promise.race([new Promise((done) => this.awaiting.push(done)), pause(SLOW_MS)]);
    }

    _settle() {
      this.awaiting.splice(0).forEach((done) => requestAnimationFrame(done));
    }

    /** Load the present view; says so on the map when it takes long. */
    load() {
      clearTimeout(this.slow);
      this.slow = setTimeout(() => this._admitSlowness(), SLOW_MS);
      return this.loader.load();
    }

    /** The ground comes after the first picture: its tiles would take the connections that the places need. */
    _layGround() {
      if (!this.leaflet.hasLayer(this.ground)) this.ground.addTo(this.leaflet);
    }

    _admitSlowness() {
      this._layGround();
      if (this.loader.pending && !this.troubled) this.controls.setNotice(yiping.t("map.loading"), "hint");
    }

    _show(answer, zoom) {
      this.places.setFeatures(answer.features, zoom);
      performance.clearMarks("yiping-picture"); // a wall draws pictures for weeks
      performance.mark("yiping-picture"); // what tools that measure pages look for
      this._layGround();
      this.labels.redraw();
      this.pointer.refresh();
      this.selection.stand();
      this._settle();
    }

    _count(counts) {
      this.counts = counts;
      const asked = ((this.loader.query || {}).layers || []).length > 0;
      const words = asked ? "map.empty" : "map.no_layer";
      this.controls.setNotice(counts.total === 0 ? yiping.t(words) : "", "hint");
      map.page.tell(this.id + "-view", counts);
    }

    _trouble(error) {
      this.troubled = Boolean(error);
      if (!error) return this.controls.setNotice("");
      this._layGround();
      this._settle();
      yiping.session.check();
      this.controls.setNotice(yiping.t(troubleKey(error)), "trouble");
      this.places.release();
      return this.labels.redraw();
    }

    /** What a click or Enter on a mark does: select a place, open a list, or look closer. */
    activate(mark) {
      if (mark.kind === "place") return this._select({ place_id: mark.id }, mark);
      return mark.ids ? this._list(mark) : this._lookInto(mark);
    }

    /** Open the list of a heap; what lies in its rings the server names. */
    async _list(mark) {
      const found = await Promise.all((mark.boxes || []).map((box) => this.loader.idsIn(box)));
      const ids = [...new Set([...mark.ids, ...found.flat()])];
      this._select({ place_ids: ids, n: Math.max(mark.n, ids.length) }, mark);
    }

    _lookInto(mark) {
      const bounds = map.view.boundsOf(mark.bbox);
      const closer = Math.min(this.leaflet.getZoom() + 1, this.leaflet.getMaxZoom());
      const zoom = Math.max(closer, Math.min(this.leaflet.getBoundsZoom(bounds), this.leaflet.getZoom() + 3));
      this.leaflet.setView(bounds.getCenter(), zoom, { animate: !map.theme.reducedMotion() });
    }

    _select(data, mark) {
      this.selection.take(data, mark);
      map.page.tell(this.id + "-selected", data);
    }

    /** Nothing is selected any more; the page is told only if something was. */
    clear() {
      this.focus.hide();
      if (this.selection.chosen) map.page.tell(this.id + "-selected", null);
      this.selection.clear();
    }

    /** The page's own selection. */
    highlight(data) {
      this.selection.follow(data);
    }

    _focus(mark, position, count) {
      this.focus.show(mark.latlng, mark.r);
      this.controls.say(`${map.sentence(mark)} (${position}/${count})`);
    }

    setQuery(query) {
      const { as_of: before } = this.loader.query || {};
      if (!this.loader.setQuery(query) || !this.leaflet._loaded) return;
      this.load();
      if (query.as_of !== before) this.selection.refresh();
    }

    flyTo(target) {
      map.view.flyTo(this.leaflet, target);
    }

    home() {
      if (this.overview.bounds) map.view.fit(this.leaflet, this.overview.bounds);
    }

    /** For tests: what is on the map, in pixels of the container. */
    debug() {
      const { counts } = this;
      const features = this.places.visible().map(({ mark, at }) => {
        const { kind, id, ids, name, layer, tier, tiers, n } = mark;
        return { x: at.x, y: at.y, kind, id, ids, name, layer, tier, tiers, n };
      });
      const pending = this.loader.pending + (this.places.keepsPicture() ? 1 : 0);
      const zoom = this.leaflet.getZoom();
      const selected = this.selection.seen();
      return { total: counts && counts.total, counts, features, pending, labels: this.labels.drawn, zoom, selected };
    }

    detach() {
      this.life.abort();
      clearTimeout(this.slow);
      this.loader.stop();
      this.stops.forEach((stop) => stop());
      [this.stepper, this.tooltip, this.controls].forEach((part) => part.remove());
      map.view.releaseAddress(this.id);
      if (yiping.maps[this.id] === this) delete yiping.maps[this.id];
    }
  }

  /** Give a Leaflet map its engine if it is one of ours. */
  function attach(leaflet) {
    const container = leaflet.getContainer();
    if (!container.classList.contains("yiping-map")) return;
    const engine = new Engine(leaflet);
    yiping.maps[engine.id] = engine;
    map.expected?.[engine.id]?.(engine);
    engine.start();
  }

  L.Map.addInitHook(function () {
    attach(this);
  });
})((window.yiping = window.yiping || {}));

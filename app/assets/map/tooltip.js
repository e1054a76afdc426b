/* What the pointer is on, in words. Names come from outside and may be hostile: they are only ever text nodes. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const GAP_PX = 12;
  const EDGE_PX = 8;

  /** Words from outside keep their direction to themselves: what follows a name is never turned round by it. */
  const isolated = (parent, text) => (map.create("bdi", "", parent).textContent = text);
  const isolate = (text) => `\u2068${text}\u2069`;

  function row(parent, tier, text, figure) {
    const line = map.create("div", "yiping-tip-row", parent);
    line.append(map.marks.shapeIcon(tier));
    map.create("span", "", line).textContent = text;
    if (figure !== undefined) map.create("b", "", line).textContent = figure;
  }

  const howMany = (mark) => yiping.t("map.places", { n: map.words.fullCount(mark.n) });
  const tiersOf = (mark) => map.TIERS.filter((tier) => mark.tiers[tier] > 0);

  /** The layers of a cell with their counts; one layer alone needs no count. */
  function layersOf(mark) {
    const { layerWord, fullCount } = map.words;
    const layers = Object.entries(mark.layers).filter(([, n]) => n > 0);
    return layers.map(([id, n]) => (layers.length > 1 ? `${layerWord(id)} ${fullCount(n)}` : layerWord(id))).join(" · ");
  }

  function describeCell(element, mark) {
    const { words } = map;
    const hint = yiping.t(mark.kind === "stack" ? "map.open_list" : "map.zoom_here");
    map.create("div", "yiping-tip-title", element).textContent = howMany(mark);
    map.create("div", "yiping-tip-note", element).textContent = layersOf(mark);
    tiersOf(mark).forEach((tier) => row(element, tier, words.tierWord(tier), words.fullCount(mark.tiers[tier])));
    map.create("div", "yiping-tip-hint", element).textContent = hint;
  }

  function describePlace(element, mark) {
    const { words } = map;
    isolated(map.create("div", "yiping-tip-title", element), mark.name);
    const note = [words.layerWord(mark.layer), words.statusWord(mark.status)].filter(Boolean).join(" · ");
    map.create("div", "yiping-tip-note", element).textContent = note;
    row(element, mark.tier, words.tierWord(mark.tier));
  }

  /** One sentence for a screen reader. */
  function sentence(mark) {
    const { words } = map;
    if (mark.kind === "place") {
      const parts = [words.tierWord(mark.tier), isolate(mark.name), words.layerWord(mark.layer), words.statusWord(mark.status)];
      return parts.filter(Boolean).join(", ");
    }
    const parts = tiersOf(mark).map((tier) => `${words.tierWord(tier)} ${words.fullCount(mark.tiers[tier])}`);
    return [howMany(mark), ...parts].join(", ");
  }

  class Tooltip {
    constructor(leaflet) {
      this.leaflet = leaflet;
      this.element = map.create("div", "yiping-tip", leaflet.getContainer(), { role: "tooltip", hidden: "" });
      this.mark = null;
    }

    /** Describe a mark beside it, kept inside the map; null hides the tooltip. */
    show(mark) {
      if (mark === this.mark) return;
      this.mark = mark;
      this.element.hidden = !mark;
      if (!mark) return;
      this.element.replaceChildren();
      if (mark.kind === "place") describePlace(this.element, mark);
      else describeCell(this.element, mark);
      this._put(mark);
    }

    _put(mark) {
      const at = this.leaflet.latLngToContainerPoint(mark.latlng);
      const size = this.leaflet.getSize();
      const { offsetWidth: width, offsetHeight: height } = this.element;
      const right = at.x + mark.r + GAP_PX;
      const left = right + width + EDGE_PX > size.x ? at.x - mark.r - GAP_PX - width : right;
      const top = Math.min(Math.max(at.y - height / 2, EDGE_PX), size.y - height - EDGE_PX);
      this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    }

    remove() {
      this.element.remove();
    }
  }

  map.Tooltip = Tooltip;
  map.sentence = sentence;
})((window.yiping = window.yiping || {}));

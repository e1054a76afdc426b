/* Colours of the canvases: read from CSS variables, so that no colour is written in code. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  const NAMES = [
    "land", "inside", "outside", "water", "green", "block", "building", "building-edge", "road-1", "road-2", "road-3",
    "road-edge", "metro", "rail", "boundary", "label", "label-water", "label-green", "label-strong", "halo", "ring-fill",
    "ring-edge", "ring-text", "glyph",
  ];

  /** Read every colour the canvases use, for one map container. */
  function read(container) {
    const style = getComputedStyle(container);
    const value = (name) => style.getPropertyValue(name).trim();
    const theme = { tier: {}, accent: value("--accent"), font: value("--map-font") || "sans-serif" };
    map.TIERS.forEach((tier) => (theme.tier[tier] = value("--tier-" + tier)));
    NAMES.forEach((name) => (theme[name] = value("--map-" + name)));
    return theme;
  }

  /** Call `changed` whenever the page or the container gets another theme; returns the function that stops it. */
  function watch(container, changed) {
    const observer = new MutationObserver(changed);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class", "lang"] });
    observer.observe(container, { attributes: true, attributeFilter: ["data-theme"] });
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", changed);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", changed);
    };
  }

  /** Space covered by panels that lie over the map, in px, from `--map-inset-*` of the container. */
  function insets(container) {
    const style = getComputedStyle(container);
    const px = (side) => parseFloat(style.getPropertyValue("--map-inset-" + side)) || 0;
    return { left: px("left"), top: px("top"), right: px("right"), bottom: px("bottom") };
  }

  const isLight = (container) => container.classList.contains("light");
  const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  map.theme = { read, watch, insets, isLight, reducedMotion };
})((window.yiping = window.yiping || {}));

/* Words and numbers of the map, in the language of the page. The server emits `window.yiping_catalogue`. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  /** Worst first: the order of arcs, rows, drawing priority and keyboard steps. */
  map.TIERS = ["red", "orange", "yellow", "blue", "none"];

  /** Look a sentence up; `{name}` is replaced by `values.name`. Falls back to `fallback`, then to the key itself. */
  yiping.t = yiping.t || function t(key, values, fallback) {
    const sentence = (window.yiping_catalogue || {})[key] ?? fallback ?? key;
    return sentence.replace(/\{(\w+)\}/g, (whole, name) => String((values || {})[name] ?? whole));
  };

  const language = () => (document.documentElement.lang || "zh").slice(0, 2);

  function shortened(n, unit, letter) {
    const value = n / unit;
    return (value < 100 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value))) + letter;
  }

  /** A count short enough for the middle of a ring: whole below ten thousand, then 1.4万 in Chinese, 14k in English. */
  function shortCount(n) {
    if (n < 1e4) return String(n);
    if (language() === "en") return n >= 999950 ? shortened(n, 1e6, "M") : shortened(n, 1e3, "k");
    return n >= 1e8 ? shortened(n, 1e8, "亿") : shortened(n, 1e4, "万");
  }

  const fullCount = (n) => new Intl.NumberFormat(language() === "en" ? "en" : "zh-CN").format(n);
  const tierWord = (tier) => yiping.t("tier." + tier, null, tier);
  const statusWord = (status) => (status ? yiping.t("status." + status, null, status) : "");

  /** What the server sent in both languages, `{zh, en}`, in the page's. */
  const say = (text) => (text ? text[language()] || text.zh : "");

  function layerWord(id) {
    const layer = (map.layers || {})[id];
    return (layer && say(layer.title)) || id;
  }

  map.words = { language, say, shortCount, fullCount, tierWord, statusWord, layerWord };
})((window.yiping = window.yiping || {}));

/* The first question of a page, asked before the scripts were there, and what the next visit of an address will ask. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const MOST_KEPT = 8; // addresses of a page
  const { search: cameWith = "", url: asked = null, answer: coming = null } = window.yipingEarly || {};
  const [path, cameTo] = [location.pathname, cameWith];
  let answer = coming;
  let last = null; // the latest question

  /** Keep what an address of this page asks for; the oldest addresses go. */
  function keep(search, url) {
    try {
      const name = "yiping-map " + path;
      const { [search]: _old, ...others } = JSON.parse(localStorage.getItem(name) || "{}");
      const kept = [...Object.entries(others), [search, url]].slice(-MOST_KEPT);
      localStorage.setItem(name, JSON.stringify(Object.fromEntries(kept)));
    } catch {
      // a browser that keeps nothing, or no more
    }
  }

  /** The answer that is on its way to the first question, if that is `url`; null for any other, and the second time. */
  function take(url) {
    const early = url === asked ? answer : null;
    if (last === null) keep(cameTo, url);
    [answer, last] = [null, url];
    return early;
  }

  addEventListener("pagehide", () => last && location.pathname === path && keep(location.search, last));

  map.early = { take };
})((window.yiping = window.yiping || {}));

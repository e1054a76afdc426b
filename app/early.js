/* Written into the head of every page with a map: asks for the map that this address asked for last time, long before
   the scripts that draw it are read. `assets/map/early.js` takes the answer, and keeps what to ask for next time. */
(() => {
  const early = (window.yipingEarly = { search: location.search, url: null, answer: null });
  try {
    early.url = JSON.parse(localStorage.getItem("yiping-map " + location.pathname) || "{}")[early.search];
  } catch {
    return; // a browser that keeps nothing, or something else under this name
  }
  if (!early.url) return;
  const asked = fetch(early.url, { headers: { Accept: "application/json" }, priority: "high" });
  early.answer = asked.then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
})();

/* What pages do in the browser alone: sign in and out, switch language, keep the address true. */
"use strict";
(function (yiping) {
  const page = {};
  const none = () => window.dash_clientside.no_update;

  async function post(path, body) {
    return fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body || {}),
    });
  }

  /** Only a path of this site is followed after signing in. */
  function nextPath() {
    const next = new URLSearchParams(location.search).get("next") || "/";
    return /^\/(?![/\\])/.test(next) ? next : "/";
  }

  /** Reads the fields themselves: what a password manager fills in may reach no property of the page. */
  page.signIn = async function (clicks, enterName, enterPassword) {
    if (!clicks && !enterName && !enterPassword) return none();
    const value = (id) => document.getElementById(id).value;
    try {
      const answer = await post("/api/login", { username: value("login-name"), password: value("login-password") });
      if (answer.ok) {
        location.assign(nextPath());
        return "";
      }
      if (answer.status === 422) return yiping.t("page.login_fill");
      if (answer.status === 429) return yiping.t("page.login_wait");
      return yiping.t("page.login_wrong");
    } catch {
      return yiping.t("page.login_offline");
    }
  };

  page.signOut = async function (clicks) {
    if (!clicks) return none();
    await post("/api/logout");
    location.assign("/");
    return none();
  };

  page.switchLanguage = function (clicks) {
    if (!clicks) return none();
    const other = document.documentElement.lang.startsWith("en") ? "zh" : "en";
    document.cookie = `yiping_lang=${other};path=/;max-age=31536000;samesite=lax`;
    location.reload();
    return none();
  };

  /** Write the filters and the chosen place into the address, so that reload and a shared link show the same. */
  page.syncAddress = function (query, selected) {
    const params = new URLSearchParams(location.search);
    const set = (name, value) => (value ? params.set(name, value) : params.delete(name));
    for (const name of ["layers", "tier", "status", "category", "street"]) set(name, (query[name] || []).join(","));
    set("q", query.q);
    for (const [name, value] of Object.entries(query.extra || {})) set(name, value);
    for (const name of query.cleared || []) params.delete(name);
    set("place", selected && selected.place_id);
    const search = params.toString().replace(/%2C/g, ",");
    history.replaceState(history.state, "", location.pathname + (search ? "?" + search : ""));
    return none();
  };

  /** Ring the chosen place on the map, and go there when a list was clicked. */
  page.showSelected = function (selected, mapId) {
    const id = selected && selected.place_id;
    window.dash_clientside.yiping.highlight(id || null, mapId);
    if (id && selected.fly) {
      fetch("/api/places/" + id)
        .then((answer) => answer.json())
        .then((place) => {
          const [lon, lat] = place.geometry.coordinates;
          window.dash_clientside.yiping.flyTo({ lon, lat, zoom: 17 }, mapId);
        });
    }
    return none();
  };

  /** Say on the big screen whether the live line is there; without it the figures may be behind. */
  page.showLive = function (live) {
    const words = document.getElementById("live-words");
    if (words) {
      const connected = Boolean(live && live.connected);
      words.parentElement.classList.toggle("behind", !connected);
      words.textContent = yiping.t(connected ? "page.live" : "page.behind");
    }
    return none();
  };

  function tick() {
    const clock = document.getElementById("clock");
    if (clock) {
      const format = (options) => new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: "Asia/Shanghai", ...options });
      clock.textContent = format({ hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date());
      const day = document.getElementById("today");
      day.textContent = format({ month: "long", day: "numeric", weekday: "long" }).format(new Date());
    }
    const now = new Date();
    setTimeout(tick, 1000 - now.getMilliseconds());
  }
  tick();

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.page = page;
})((window.yiping = window.yiping || {}));

/* What pages do in the browser alone: sign in and out, switch language, say whether the figures are live. */
"use strict";
(function (yiping) {
  const { page } = window.dash_clientside;
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

  /** Say on the big screen whether the live line stands; without it the figures may be behind. */
  page.showLive = function (connected) {
    const words = document.getElementById("live-words");
    if (!words) return;
    const over = document.documentElement.dataset.session === "over";
    words.parentElement.classList.toggle("behind", !connected || over);
    words.textContent = yiping.t(over ? "page.signed_out" : connected ? "page.live" : "page.behind");
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
})((window.yiping = window.yiping || {}));

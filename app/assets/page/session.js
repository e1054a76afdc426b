/* Tells when the session is over: one notice with the way to sign in, instead of figures that nobody answers for. */
"use strict";
(function (yiping) {
  const QUIET_MS = 200;
  let timer = 0;

  /** Only who has signed in can lose a session. */
  const signedIn = () => document.getElementById("sign-out") !== null;

  function notice() {
    const box = document.createElement("div");
    const words = document.createElement("span");
    const link = document.createElement("a");
    box.className = "session-over";
    box.setAttribute("role", "alert");
    words.textContent = yiping.t("page.session_over");
    link.textContent = yiping.t("page.sign_in_again");
    box.append(words, link);
    document.body.append(box);
    return box;
  }

  function show() {
    const box = document.querySelector(".session-over") || notice();
    const here = location.pathname + location.search;
    box.querySelector("a").href = "/login?next=" + encodeURIComponent(here);
    document.documentElement.dataset.session = "over";
    window.dash_clientside.page.showLive(false);
  }

  /** Without a session the server takes us for the public. */
  async function ask() {
    const answer = await fetch("/api/me", { cache: "no-store" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const over = (await answer.json()).role === "public";
    const knew = document.documentElement.dataset.session === "over";
    if (over) show();
    else if (knew) location.reload(); // signed in again in another tab
  }

  /** Look, once things have been quiet for a moment, whether the session is still there. */
  function check() {
    if (!signedIn()) return;
    clearTimeout(timer);
    timer = setTimeout(ask, QUIET_MS);
  }

  document.addEventListener("visibilitychange", () => document.hidden || check());
  yiping.session = { check };
})((window.yiping = window.yiping || {}));

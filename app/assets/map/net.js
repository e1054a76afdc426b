/* Reading JSON from our own server: errors that say whether trying again makes sense, and how long to wait. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});

  class HttpError extends Error {
    constructor(status) {
      super("HTTP " + status);
      this.status = status;
    }
  }

  /** Fetch JSON; the browser revalidates by ETag. `options` are those of `fetch` (signal, priority, cache). */
  async function getJson(url, options) {
    const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" }, ...options });
    if (!answer.ok) throw new HttpError(answer.status);
    return answer.json();
  }

  /** Another try cannot help when the server has understood and refused. */
  function isFinal(error) {
    const { status } = error;
    return error instanceof HttpError && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  }

  /** Milliseconds before try number `attempt` (0, 1, ...): 1 s doubling to 30 s, spread so that screens do not knock together. */
  const backoffMs = (attempt) => Math.min(30000, 1000 * 2 ** attempt) * (0.75 + Math.random() / 2);

  const pause = (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(new DOMException("overtaken", "AbortError"));
      });
    });

  /** Fetch JSON until it comes; `onFailure(error)` hears of every failed try. Throws on a refusal or when aborted. */
  async function getJsonPatiently(url, options, onFailure) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await getJson(url, options);
      } catch (error) {
        if (options.signal.aborted) throw error;
        if (onFailure) onFailure(error);
        if (isFinal(error)) throw error;
        await pause(backoffMs(attempt), options.signal);
      }
    }
  }

  map.net = { HttpError, getJson, getJsonPatiently, isFinal, backoffMs };
})((window.yiping = window.yiping || {}));

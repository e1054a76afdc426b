/* News from the server: one connection for the whole page, opened again by itself when it breaks. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const state = { socket: null, attempt: 0, timer: null, versions: {}, listeners: new Set() };

  /** Whether the line stands is said at once; only news let the page draw its figures anew. */
  function report(connected) {
    window.dash_clientside.page.showLive(connected);
  }

  function announce(changed) {
    map.page.tell("live", { version: { ...state.versions }, at: new Date().toISOString() });
    state.listeners.forEach((listener) => listener(changed));
  }

  /** Remember the versions of a message; the layers that changed are returned. */
  function take(message) {
    const layers = message.layers || {};
    const changed = Object.keys(layers).filter((id) => state.versions[id] !== layers[id]);
    Object.assign(state.versions, layers);
    return changed;
  }

  function onMessage(event) {
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    const changed = take(message);
    if (changed.length) announce(changed);
  }

  function onOpen() {
    const again = state.attempt > 0;
    state.attempt = 0;
    report(true);
    // What changed while we were cut off was never announced to us.
    if (again) announce(null);
  }

  function onClose() {
    state.socket = null;
    if (!state.listeners.size) return;
    report(false);
    state.timer = setTimeout(connect, map.net.backoffMs(state.attempt++));
  }

  function connect() {
    const scheme = window.location.protocol === "https:" ? "wss://" : "ws://";
    state.socket = new WebSocket(scheme + window.location.host + "/api/live");
    state.socket.onopen = onOpen;
    state.socket.onmessage = onMessage;
    state.socket.onclose = onClose;
  }

  /** Hear of changes: `listener(layerIds)`, or `listener(null)` when anything may have changed. Returns how to stop. */
  function listen(listener) {
    state.listeners.add(listener);
    if (!state.socket && !state.timer) connect();
    return () => {
      state.listeners.delete(listener);
      if (state.listeners.size) return;
      clearTimeout(state.timer);
      state.timer = null;
      if (state.socket) state.socket.close();
    };
  }

  /** What the page has been told of some layers, `shops:12,offices:9`: an answer must not be older. */
  function seenOf(layerIds) {
    const known = layerIds.filter((id) => state.versions[id]);
    return known.map((id) => id + ":" + state.versions[id]).join(",");
  }

  map.live = { listen, seenOf };
})((window.yiping = window.yiping || {}));

/* What the server tells the scripts of a page: words and settings. Loaded before every other script of ours. */
"use strict";
(function (yiping) {
  const boot = JSON.parse(document.getElementById("yiping-boot").textContent);
  window.yiping_catalogue = boot.words;
  yiping.settings = boot.settings;
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.page = {};
})((window.yiping = window.yiping || {}));

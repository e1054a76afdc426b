/* The sheet that is said something in, and the page of a place: where the focus goes, what the window is called. */
"use strict";
(function (yiping) {
  const { page } = window.dash_clientside;
  const none = () => window.dash_clientside.no_update;
  let opener = null;

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".contest-button, .credit-button");
    if (button) opener = button;
  });

  /** Focus goes to what is to be filled in, or to the way out; once the sheet is closed, back to what opened it. */
  page.enterSheet = function (children, id) {
    const open = Array.isArray(children) && children.length > 0;
    requestAnimationFrame(() => {
      const inside = document.querySelector(`#${id} label:not([hidden]) textarea`) || document.querySelector(`#${id} .close`);
      const target = open ? inside : opener && opener.isConnected && opener;
      if (target) target.focus({ preventScroll: !open });
    });
    return none();
  };

  /** Hand the page to the browser's own printing, which also saves it as PDF. */
  page.print = function (clicks) {
    if (clicks) window.print();
    return none();
  };

  /** The window is called as what it shows, and hears of news, also without a map. */
  page.openPlace = function (shown) {
    if (!shown) return none();
    if (shown.title) document.title = shown.title;
    yiping.map.live.listen(() => undefined);
    yiping.session.check();
    return none();
  };
})((window.yiping = window.yiping || {}));

/* The open card and the keyboard: focus goes into it, Escape closes it, and focus returns to where it came from. */
"use strict";
(function (yiping) {
  const { page } = window.dash_clientside;
  const none = () => window.dash_clientside.no_update;
  const OPEN = '[role="dialog"]:not([hidden])';
  let opener = null;
  let entered = "";

  const keyOf = (selected) => JSON.stringify([selected.place_id, selected.place_ids]);

  function leave() {
    const { activeElement } = document;
    const card = document.querySelector('.page [role="dialog"]'); // not the sheet, which lies outside
    const ours = !activeElement || activeElement === document.body || (card && card.contains(activeElement));
    const target = opener && opener.isConnected ? opener : document.querySelector(".yiping-map");
    if (ours && target) target.focus({ preventScroll: true });
    opener = null;
    entered = "";
  }

  /** Ring the chosen place on the map and bring it in sight; remember what opened the card. */
  page.showSelected = function (selected, mapId) {
    if (!selected && entered) leave();
    if (selected && !entered) opener = document.activeElement;
    if (selected && !entered) entered = "opening";
    window.dash_clientside.yiping.highlight(selected || null, mapId);
    return none();
  };

  /** Once a card is drawn, focus goes to its way out; news about the same place leave the focus alone. */
  page.enterCard = function (_children, selected, cardId) {
    if (!selected || entered === keyOf(selected)) return none();
    entered = keyOf(selected);
    requestAnimationFrame(() => {
      const close = document.querySelector(`#${cardId} .close`);
      if (close) close.focus({ preventScroll: true });
      document.getElementById(cardId).scrollTop = 0;
    });
    return none();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const close = document.querySelector(OPEN + " .close");
    if (close) close.click();
  });
})((window.yiping = window.yiping || {}));

/* What the inspector's tablet does in the browser alone: bring what is wanted into sight. */
"use strict";
(function () {
  const none = () => window.dash_clientside.no_update;

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.field = {
    /** A card is read from its beginning, and so is what was just saved. */
    toTop(children) {
      const card = document.getElementById("field-card");
      if (card && children && children.length) card.scrollTop = 0;
      return none();
    },

    toForm(clicks) {
      const form = clicks && document.getElementById("field-form");
      if (form) {
        form.scrollIntoView({ block: "start" });
        form.querySelector("input").focus({ preventScroll: true });
      }
      return none();
    },

    /** What is wrong pushes the button down; both stay in sight. */
    toMessage(words) {
      if (words) requestAnimationFrame(() => document.getElementById("field-save").scrollIntoView({ block: "nearest" }));
      return none();
    },
  };
})();

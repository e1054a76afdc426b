/* A file is chosen or dropped, sent as it is, with a bar; when all of it is there, the page of the delivery opens. */
"use strict";
(function (yiping) {
  const on = (event) => event.target instanceof Element && event.target.closest("#delivery-file");

  function choose(button) {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = button.dataset.accept;
    input.onchange = () => input.files.length && send(input.files[0]);
    input.click();
  }

  document.addEventListener("click", (event) => {
    const button = on(event);
    if (button) choose(button);
  });
  // A file that misses its place must not replace the page.
  for (const event of ["dragover", "drop", "dragleave"]) {
    document.addEventListener(event, (dragged) => {
      const button = document.getElementById("delivery-file");
      if (!button) return;
      dragged.preventDefault();
      button.classList.toggle("over", event === "dragover" && Boolean(on(dragged)));
      const files = event === "drop" && on(dragged) && dragged.dataTransfer.files;
      if (files && files.length) send(files[0]);
    });
  }

  function show(words, share) {
    const at = document.getElementById("delivery-sending");
    if (!at) return;
    const said = document.createElement("p");
    said.textContent = words;
    if (share === undefined) said.className = "delivery-fault";
    at.replaceChildren(said);
    if (share === undefined) return;
    const bar = document.createElement("progress");
    bar.value = share;
    bar.setAttribute("aria-label", words);
    at.prepend(bar);
  }

  function detail(request) {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return {}; // what is no answer of ours has no words either
    }
  }

  function send(file) {
    const chosen = document.querySelector("#delivery-layer input:checked");
    const request = new XMLHttpRequest();
    const sent = (share) => show(yiping.t("page.sending").replace("{n}", Math.round(share * 100)), share);
    request.open("POST", "/api/deliveries?" + new URLSearchParams({ layer: chosen ? chosen.value : "", name: file.name }));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => sent(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      const told = detail(request);
      if (request.status === 201) location.assign(`/deliveries/${told.id}`);
      else show(told.detail || yiping.t("page.unsent"));
    };
    request.onerror = () => show(yiping.t("page.unsent"));
    sent(0);
    request.send(file);
  }
})((window.yiping = window.yiping || {}));

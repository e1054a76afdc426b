/* Proof from the spot: a photo, made smaller and sent at once, and where the browser is. */
"use strict";
(function (yiping) {
  const { page } = window.dash_clientside;
  const MOST = 1600; // pixels of the longer side: a shop sign stays legible, a slow network carries it
  const WAIT_MS = 20000;

  /** Drawn anew, a photo loses what its file says of the telephone and its owner. */
  async function smaller(contents) {
    const bytes = Uint8Array.from(atob(contents.split(",")[1]), (char) => char.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]));
    const scale = Math.min(1, MOST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  }

  function position() {
    return new Promise((resolve, reject) => {
      if (!navigator.geolocation) reject(new Error("none"));
      else navigator.geolocation.getCurrentPosition((found) => resolve(found.coords), reject, { enableHighAccuracy: true, timeout: WAIT_MS });
    });
  }

  async function send(contents, about) {
    let photo;
    try {
      photo = await smaller(contents);
    } catch {
      throw new Error(yiping.t("page.photo_unread"));
    }
    const answer = await fetch(`/api/cases/${about.about}/photos`, { method: "POST", headers: { "Content-Type": "image/jpeg" }, body: photo }).catch(() => {
      throw new Error(yiping.t("page.photo_unsent"));
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.detail);
    return told.id;
  }

  page.takeProof = async function (contents, about) {
    if (!contents) return [window.dash_clientside.no_update, window.dash_clientside.no_update];
    const [photo, spot] = await Promise.allSettled([send(contents, about), position()]);
    if (photo.status === "rejected") return [null, photo.reason.message];
    if (spot.status === "rejected") return [null, yiping.t("page.no_position")];
    const { longitude, latitude, accuracy } = spot.value;
    const metres = Math.round(accuracy);
    return [{ photo_id: photo.value, lon: longitude, lat: latitude, accuracy_m: accuracy }, yiping.t("page.proof_sent").replace("{n}", metres)];
  };
})((window.yiping = window.yiping || {}));

/* Which parts of the picture are taken: a hash grid of boxes, so that no two texts and no text and marker overlap. */
"use strict";
(function (yiping) {
  const map = (yiping.map = yiping.map || {});
  const CELL_PX = 64;

  class Boxes {
    constructor() {
      this.grid = new Map();
    }

    *_keys(box) {
      const [x1, y1] = [Math.floor(box[2] / CELL_PX), Math.floor(box[3] / CELL_PX)];
      for (let x = Math.floor(box[0] / CELL_PX); x <= x1; x++) {
        for (let y = Math.floor(box[1] / CELL_PX); y <= y1; y++) yield x + "," + y;
      }
    }

    /** Take a box `[left, top, right, bottom]` in layer pixels. */
    add(box) {
      for (const key of this._keys(box)) {
        const list = this.grid.get(key);
        if (list) list.push(box);
        else this.grid.set(key, [box]);
      }
    }

    /** True when no taken box overlaps this one. */
    free(box) {
      for (const key of this._keys(box)) {
        const taken = this.grid.get(key);
        if (taken && taken.some((b) => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1])) return false;
      }
      return true;
    }

    /** Take all boxes if all are free; says whether it did. */
    claim(boxes) {
      if (!boxes.every((box) => this.free(box))) return false;
      boxes.forEach((box) => this.add(box));
      return true;
    }
  }

  /** Small boxes along a text of a width and height that is turned by `angle` (radians) about its middle. */
  function turnedBoxes(x, y, width, height, angle) {
    if (!angle) return [[x - width / 2, y - height / 2, x + width / 2, y + height / 2]];
    const steps = Math.max(1, Math.ceil(width / height));
    const half = height * 0.62;
    return Array.from({ length: steps }, (_, i) => {
      const along = ((i + 0.5) / steps - 0.5) * width;
      const [cx, cy] = [x + along * Math.cos(angle), y + along * Math.sin(angle)];
      return [cx - half, cy - half, cx + half, cy + half];
    });
  }

  map.Boxes = Boxes;
  map.turnedBoxes = turnedBoxes;
})((window.yiping = window.yiping || {}));

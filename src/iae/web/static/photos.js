// Photos loaded ahead and held in memory: the next one is there at once, also without a connection.

import { getPhoto } from "./api.js";

const KEEP = 12; // behind and ahead

export class Photos {
  constructor() {
    this.loaded = new Map(); // image -> promise of the address of its pixels
  }

  // Rejects with the error of the request; a later call tries again.
  load(image) {
    if (!this.loaded.has(image)) {
      const photo = getPhoto(image, screenSide()).then((blob) => URL.createObjectURL(blob));
      photo.catch(() => this.loaded.delete(image));
      this.loaded.set(image, photo);
      this.forgetOldest();
    }
    return this.loaded.get(image);
  }

  forgetOldest() {
    for (const [image, photo] of this.loaded) {
      if (this.loaded.size <= KEEP) return;
      this.loaded.delete(image);
      photo.then(URL.revokeObjectURL, () => {});
    }
  }
}

export function screenSide() {
  const longest = Math.max(screen.width, screen.height, innerWidth, innerHeight);
  return Math.min(16384, Math.round(longest * devicePixelRatio));
}

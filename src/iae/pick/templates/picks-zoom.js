// Comparing: the shots of a series side by side, zoomed and moved together on the original photos.
// The place looked at is a share of width and height, so that it is the same in shots of any size.

const zoom = byId("zoom");
const panes = byId("panes");
const LARGEST = 8; // screen pixels for a pixel of the photo
let paneOf = new Map(); // shot to its pane
let look = { scale: null, x: 0.5, y: 0.5 }; // scale null: the whole photo

const wholePixel = () => 1 / window.devicePixelRatio; // the scale that is called 100%

function openZoom() {
  look = { scale: null, x: 0.5, y: 0.5 };
  zoom.showModal();
  showPanes();
}

const MOST_PANES = 4;
const fitting = () => (Math.min(panes.clientWidth, panes.clientHeight) < 600 ? 2 : MOST_PANES);

// So many columns that the whole of the photos is seen largest.
function columnsFor(count) {
  const width = current.width || 3;
  const height = current.height || 2;
  const scale = (columns) => {
    const rows = Math.ceil(count / columns);
    return Math.min(panes.clientWidth / columns / width, panes.clientHeight / rows / height);
  };
  const choices = Array.from({ length: count }, (_, index) => index + 1);
  return choices.reduce((best, columns) => (scale(columns) > scale(best) ? columns : best));
}

// As many shots as fit, the current one among them.
function showPanes() {
  if (!zoom.open) return;
  const row = series[current.series];
  const count = Math.min(fitting(), row.shots.length);
  const at = row.shots.indexOf(current);
  const first = Math.max(0, Math.min(at - Math.floor(count / 2), row.shots.length - count));
  const shown = row.shots.slice(first, first + count);
  if (shown.length !== paneOf.size || shown.some((shot) => !paneOf.has(shot))) {
    paneOf = new Map(shown.map((shot) => [shot, paneOf.get(shot) ?? newPane(shot)]));
    panes.replaceChildren(...paneOf.values());
  }
  panes.style.gridTemplateColumns = `repeat(${columnsFor(count)}, minmax(0, 1fr))`;
  const states = stateOf(row);
  for (const [shot, pane] of paneOf) {
    showState(pane, states[row.shots.indexOf(shot)]);
    pane.classList.toggle("current", shot === current);
  }
  const hidden = row.shots.length - count;
  byId("zoom-title").textContent =
    `Series ${row.number}: ${at + 1} of ${row.shots.length}` + (hidden ? `, ${count} shown` : "");
  byId("zoom-previous").disabled = at === 0;
  byId("zoom-next").disabled = at === row.shots.length - 1;
  place();
}

function newPane(shot) {
  const pane = byId("pane").content.firstElementChild.cloneNode(true);
  const picture = pane.querySelector("img");
  picture.alt = shot.name;
  pane.querySelector(".name").textContent = shot.name;
  const original = new Image();
  original.onload = () => {
    [shot.width, shot.height] = [original.naturalWidth, original.naturalHeight];
    picture.src = original.src;
    pane.classList.add("loaded");
    place();
  };
  original.onerror = () => (pane.querySelector(".fallback").hidden = false);
  picture.onload = place;
  picture.src = shot.thumbnail;
  original.src = shot.original;
  bindButtons(pane, shot);
  bindFrame(pane.querySelector(".frame"), shot);
  return pane;
}

const sizeOf = (shot, picture) => [
  shot.width || picture.naturalWidth || 1,
  shot.height || picture.naturalHeight || 1,
];

// The scale at which the whole photo is seen; small photos are not enlarged by themselves.
const wholeIn = (frame, width, height) =>
  Math.min(frame.clientWidth / width, frame.clientHeight / height, wholePixel());

function place() {
  if (!zoom.open) return;
  for (const [shot, pane] of paneOf) {
    const picture = pane.querySelector("img");
    const frame = pane.querySelector(".frame");
    const [width, height] = sizeOf(shot, picture);
    const scale = Math.max(look.scale ?? 0, wholeIn(frame, width, height));
    picture.style.width = `${width * scale}px`;
    picture.style.height = `${height * scale}px`;
    picture.style.left = `${edge(frame.clientWidth, width * scale, look.x)}px`;
    picture.style.top = `${edge(frame.clientHeight, height * scale, look.y)}px`;
    picture.classList.toggle("pixels", scale > 2 * wholePixel());
  }
  const text = look.scale === null ? "whole" : `${Math.round((100 * look.scale) / wholePixel())}%`;
  byId("zoom-level").textContent = text;
  byId("zoom-toggle").firstChild.textContent = look.scale === null ? "100% " : "Whole ";
}

// Where a side of the picture begins: the place looked at in the middle, but no empty margin.
function edge(frame, size, share) {
  if (size <= frame) return (frame - size) / 2;
  return Math.min(0, Math.max(frame - size, frame / 2 - share * size));
}

const within = (value, low, high) => Math.min(high, Math.max(low, value));

function lookAt(changes) {
  look = { ...look, ...changes };
  [look.x, look.y] = [within(look.x, 0, 1), within(look.y, 0, 1)];
  place();
}

function toggleZoom(at = {}) {
  lookAt(look.scale === null ? { scale: wholePixel(), ...at } : { scale: null });
}

function zoomBy(factor) {
  const pane = paneOf.get(current);
  const [width, height] = sizeOf(current, pane.querySelector("img"));
  const whole = wholeIn(pane.querySelector(".frame"), width, height);
  const scale = within((look.scale ?? whole) * factor, whole, LARGEST * wholePixel());
  lookAt({ scale: scale <= whole ? null : scale });
}

// By shares of a screenful of the current shot.
function move(right, down) {
  const pane = paneOf.get(current);
  const frame = pane.querySelector(".frame");
  const picture = pane.querySelector("img");
  lookAt(moved(frame, picture, (right * frame.clientWidth) / 5, (down * frame.clientHeight) / 5));
}

// The place looked at once the picture is moved by screen pixels; it never leaves the picture.
function moved(frame, picture, right, down) {
  const along = (share, pixels, frameSide, side) => {
    if (side <= frameSide) return share;
    const margin = frameSide / 2 / side;
    return within(within(share, margin, 1 - margin) + pixels / side, margin, 1 - margin);
  };
  return {
    x: along(look.x, right, frame.clientWidth, picture.offsetWidth),
    y: along(look.y, down, frame.clientHeight, picture.offsetHeight),
  };
}

function bindFrame(frame, shot) {
  const picture = frame.querySelector("img");
  let last = null;
  let travelled = 0;
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    last = [event.clientX, event.clientY];
    travelled = 0;
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!last) return;
    const [x, y] = [event.clientX - last[0], event.clientY - last[1]];
    travelled += Math.abs(x) + Math.abs(y);
    last = [event.clientX, event.clientY];
    if (travelled > 4) lookAt(moved(frame, picture, -x, -y));
  });
  frame.addEventListener("pointerup", (event) => {
    if (!last) return;
    last = null;
    if (travelled > 4) return;
    select(shot, { focus: false });
    const box = picture.getBoundingClientRect();
    toggleZoom({
      x: (event.clientX - box.left) / box.width,
      y: (event.clientY - box.top) / box.height,
    });
    showPanes();
  });
  frame.addEventListener("pointercancel", () => (last = null));
  frame.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      if (current !== shot) select(shot, { focus: false });
      zoomBy(Math.exp(-within(event.deltaY, -100, 100) / 250));
      showPanes();
    },
    { passive: false },
  );
}

function startZoom() {
  byId("zoom-toggle").addEventListener("click", () => toggleZoom());
  byId("zoom-in").addEventListener("click", () => zoomBy(1.5));
  byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.5));
  byId("zoom-close").addEventListener("click", () => zoom.close());
  byId("zoom-previous").addEventListener("click", () => walk(() => step(-1)));
  byId("zoom-next").addEventListener("click", () => walk(() => step(1)));
  zoom.addEventListener("close", () => {
    paneOf = new Map(); // lets go of the large pictures
    panes.replaceChildren();
    select(current);
  });
  addEventListener("resize", showPanes);
}

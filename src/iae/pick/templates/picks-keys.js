// The keyboard. Letters and signs can be switched off, since they get in the way of people who
// speak to their computer.

const keysDialog = byId("keys");
const singleKeys = byId("single-keys");

function walk(go) {
  go();
  showPanes();
}

const WALKS = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ArrowUp: () => stepSeries(-1),
  ArrowDown: () => stepSeries(1),
};
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SIGNS = {
  x: () => decideKeep(current),
  z: () => (zoom.open ? toggleZoom() : openZoom()),
  e: exportDecisions,
  "+": () => zoom.open && zoomBy(1.5),
  "=": () => zoom.open && zoomBy(1.5),
  "-": () => zoom.open && zoomBy(1 / 1.5),
  "?": () => keysDialog.showModal(),
};

function pressed(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || keysDialog.open) return;
  if (act(event)) event.preventDefault();
}

function act({ key, shiftKey, target, repeat }) {
  // On buttons and choices these keys have their own meaning.
  const isControl = Boolean(target.closest("button, input, summary, .singles"));
  if (WALKS[key]) {
    if (target.closest("input, .singles")) return false;
    if (shiftKey) return zoom.open && (move(...MOVES[key]), true);
    walk(WALKS[key]);
    return true;
  }
  if (key === " " || key === "Enter") {
    if (isControl) return false;
    if (!repeat) decideBest(current);
    return true;
  }
  const sign = singleKeys.checked && SIGNS[key.toLowerCase()];
  if (!sign || target.closest(".singles")) return false;
  if (!repeat || key === "+" || key === "-") sign();
  return true;
}

function startKeys() {
  addEventListener("keydown", pressed);
  byId("open-keys").addEventListener("click", () => keysDialog.showModal());
  byId("close-keys").addEventListener("click", () => keysDialog.close());
}

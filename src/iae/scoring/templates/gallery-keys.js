// The keyboard. Letters, digits and signs can be switched off, since they get in the way of people
// who speak to their computer or whose keyboard does more with them.

const keysDialog = byId("keys");
const singleKeys = byId("single-keys");

const toggled = (list, value) =>
  list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
const toggleQuality = (quality) =>
  choose({ quality: choice.quality === quality ? "all" : quality });

const SIGNS = {
  "?": () => keysDialog.showModal(),
  "/": () => {
    openPanel();
    form.elements.query.focus();
    form.elements.query.select();
  },
  0: clearFilters,
  h: () => toggleQuality("high"),
  l: () => toggleQuality("low"),
  r: () => choose({ reverse: !choice.reverse }),
  s: () => choose({ sort: SORTS[(SORTS.indexOf(choice.sort) + 1) % SORTS.length] }),
};
if (column.unsure) SIGNS.u = () => choose({ unsure: !choice.unsure });
EMOTIONS.forEach((emotion, index) => {
  SIGNS[index + 1] = () => choose({ emotions: toggled(choice.emotions, emotion) });
});

function pressed(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  if (keysDialog.open) return;
  const taken = view.open ? pressedInView(event) : pressedOnPage(event);
  if (taken) event.preventDefault();
}

function pressedInView(event) {
  if (event.shiftKey && event.key !== "?") return false;
  const keys = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    Home: () => stepTo(0),
    End: () => stepTo(shown.length - 1),
    "?": singleKeys.checked ? SIGNS["?"] : undefined,
  };
  keys[event.key]?.();
  return Boolean(keys[event.key]);
}

function pressedOnPage(event) {
  const { target, key } = event;
  if (key === "Escape") return escape(target);
  if (target.closest("input[type=search], select")) return false;
  const sign = SIGNS[key.toLowerCase()];
  if (sign && singleKeys.checked) {
    if (!event.repeat) sign();
    return true;
  }
  // Elsewhere the arrows have their own meaning: sliders, radio buttons, scrolling.
  const isOverPhotos = target === document.body || grid.contains(target);
  // Over a card the browser itself makes a click of it.
  if (key === "Enter" && target === document.body && shown.length) {
    openView(shown[isOnScreen(cursor) ? cursor : firstOnScreen()]);
    return true;
  }
  return isOverPhotos && !event.shiftKey && walk(key);
}

function escape(target) {
  if (page.classList.contains("panel-open")) closePanel();
  else if (target.closest("input[type=search]")) grid.focus({ preventScroll: true });
  else return false;
  return true;
}

function startKeys() {
  addEventListener("keydown", pressed);
  byId("open-keys").addEventListener("click", () => keysDialog.showModal());
  byId("close-keys").addEventListener("click", () => keysDialog.close());
}

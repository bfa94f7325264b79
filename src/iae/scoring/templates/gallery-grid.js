// The photos. Only those on the screen and about a screenful on either side are in the page: the
// rows all have one height, and the padding of the list stands for the rest.

const grid = byId("grid");
const bar = byId("bar");
const mould = byId("card").content.querySelector(".card");
const cards = new Map(); // photo to card, of those in the page
let across = 1; // photos in a row
let rowHeight = 1; // with the gap below
let rows = [0, 0]; // first row in the page, and the one after the last
let cursor = 0; // place among those shown of the photo the keys are at

const rowOf = (place) => Math.floor(place / across);
const aboveScreen = () => -grid.getBoundingClientRect().top; // pixels of the grid

// After a new choice: nothing of the old window is kept but the cards themselves.
function fillGrid() {
  cursor = Math.min(cursor, Math.max(shown.length - 1, 0));
  rows = [0, 0];
  drawGrid();
}

function measureGrid() {
  if (!grid.firstElementChild) grid.append(cast(0));
  grid.style.gridAutoRows = "auto";
  const style = getComputedStyle(grid);
  across = style.gridTemplateColumns.split(" ").length;
  const height = Math.ceil(grid.firstElementChild.getBoundingClientRect().height);
  grid.style.gridAutoRows = `${height}px`; // whole, so that thousands of rows add up
  rowHeight = height + (parseFloat(style.rowGap) || 0);
}

function drawGrid() {
  const all = Math.ceil(shown.length / across);
  const spare = Math.ceil(innerHeight / rowHeight);
  const top = Math.floor(aboveScreen() / rowHeight);
  const end = Math.min(Math.max(top + 2 * spare + 1, 0), all);
  const start = Math.max(Math.min(top - spare, end - 1), 0);
  if (start === rows[0] && end === rows[1] && all > 0) return;
  rows = [start, end];
  putCards(start * across, Math.min(end * across, shown.length));
  grid.style.paddingTop = `${start * rowHeight}px`;
  grid.style.paddingBottom = `${(all - end) * rowHeight}px`;
}

// Makes the cards of the list those of the places from `start` to before `end`.
function putCards(start, end) {
  const wanted = shown.slice(start, end);
  const stays = new Set(wanted);
  for (const [photo, card] of cards) if (!stays.has(photo)) discard(photo, card);
  let next = grid.firstElementChild;
  wanted.forEach((photo, index) => {
    const card = cards.get(photo) ?? cast(photo);
    if (card === next) next = next.nextElementSibling;
    else grid.insertBefore(card, next);
    card.setAttribute("aria-posinset", start + index + 1);
    card.setAttribute("aria-setsize", shown.length);
  });
  markCursor();
}

function discard(photo, card) {
  const focused = card.contains(document.activeElement);
  card.querySelector("img").removeAttribute("src"); // ends a load that nobody waits for any more
  card.remove();
  cards.delete(photo);
  if (focused) grid.focus({ preventScroll: true }); // and not lost to the top of the page
}

// One photo of the list is a stop of the Tab key: the one the arrow keys are at.
function markCursor() {
  const here = cards.get(shown[cursor]) ?? cards.get(shown[firstOnScreen()]);
  for (const card of cards.values()) card.firstElementChild.tabIndex = card === here ? 0 : -1;
}

function cast(photo) {
  const card = mould.cloneNode(true);
  const find = (selector) => card.querySelector(selector);
  const link = find(".photo");
  const picture = find("img");
  const thumbnail = thumbnailOf(photo);
  link.href = originalOf(photo) || thumbnail || "#";
  const score = meanOf(photo).toFixed(1);
  link.setAttribute("aria-label", `Large view of ${nameOf(photo)}, score ${score} of 10`);
  picture.hidden = !thumbnail;
  find(".no-picture").hidden = Boolean(thumbnail);
  if (thumbnail) picture.src = thumbnail;
  find("strong").textContent = score;
  if (find(".standing")) find(".standing").textContent = standingOf(photo);
  find(".unsure").hidden = !isUnsure(photo);
  find(".verdict").textContent = isHigh(photo) ? "high" : "low";
  find(".verdict").classList.add(isHigh(photo) ? "high" : "low");
  const levels = levelsOf(photo);
  find(".levels title").textContent = levelsInWords(levels);
  fillLevels(find(".levels"), levels);
  find(".name").title = pathOf(photo);
  find(".name bdi").textContent = nameOf(photo);
  find(".emotions").append(...emotionsOfCard(photo).map(emotionItem));
  const reasons = reasonsOf(photo).map((reason) => REASONS[reason]);
  if (find(".reasons")) find(".reasons").textContent = reasons.join(" · ");
  cards.set(photo, card);
  return card;
}

function emotionItem([emotion, share]) {
  const item = element("li", `${emotion} `);
  item.append(element("span", percent(share)));
  return item;
}

// ---- Places

const underBar = () => Math.max(bar.getBoundingClientRect().bottom, 0);

// Place of the first photo whose row is wholly on the screen.
function firstOnScreen() {
  const row = Math.ceil((aboveScreen() + bar.offsetHeight - 1) / rowHeight);
  return Math.min(Math.max(row, 0) * across, Math.max(shown.length - 1, 0));
}

const isOnScreen = (place) => {
  const top = rowOf(place) * rowHeight - aboveScreen();
  return top + rowHeight > underBar() && top < innerHeight;
};

// Scrolls as little as shows the whole row, or so that it becomes the first on the screen.
function reveal(place, { first = false } = {}) {
  const top = rowOf(place) * rowHeight - aboveScreen(); // from the top of the screen
  const bottom = top + rowHeight;
  if (first || top < bar.offsetHeight) scrollBy(0, top - bar.offsetHeight);
  else if (bottom > innerHeight) scrollBy(0, bottom - innerHeight);
  drawGrid();
}

function moveTo(place) {
  cursor = Math.min(Math.max(place, 0), shown.length - 1);
  reveal(cursor);
  markCursor();
  cards.get(shown[cursor])?.firstElementChild.focus({ preventScroll: true });
}

// The keys that walk over the photos; true when the key was one of them.
function walk(key) {
  const screenful = Math.max(Math.floor((innerHeight - bar.offsetHeight) / rowHeight), 1) * across;
  const steps = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -across,
    ArrowDown: across,
    PageUp: -screenful,
    PageDown: screenful,
    Home: -cursor,
    End: shown.length - 1 - cursor,
  };
  if (!(key in steps) || !shown.length) return false;
  const isJump = key === "Home" || key === "End";
  const begins = !grid.contains(document.activeElement) || document.activeElement === grid;
  // Who scrolled away, or has not begun, goes on from what is to be seen.
  if (!isJump && (begins || !isOnScreen(cursor))) {
    moveTo(isOnScreen(cursor) ? cursor : firstOnScreen());
  } else {
    const goal = cursor + steps[key];
    const isRow = key === "ArrowUp" || key === "ArrowDown"; // stays in its column
    const lastRow = rowOf(shown.length - 1);
    if (isRow && (goal < 0 || rowOf(cursor) === lastRow && goal > cursor)) return true;
    moveTo(goal);
  }
  return true;
}

function startGrid() {
  measureGrid();
  addEventListener("scroll", () => {
    drawGrid();
    saveAddress();
  }, { passive: true });
  new ResizeObserver(keepPlaceWhenResized()).observe(grid);
  addEventListener("resize", drawGrid);
  grid.addEventListener("focusin", (event) => {
    const card = event.target.closest(".card");
    if (!card) return;
    cursor = card.getAttribute("aria-posinset") - 1;
    markCursor();
  });
  grid.addEventListener("error", showNoPicture, { capture: true });
  grid.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    const wantsNewTab = event.ctrlKey || event.metaKey || event.shiftKey;
    const selectsText = String(getSelection()) && !event.target.closest(".photo");
    if (!card || wantsNewTab || selectsText) return;
    event.preventDefault();
    cursor = card.getAttribute("aria-posinset") - 1;
    openView(shown[cursor]);
  });
}

function keepPlaceWhenResized() {
  let width = grid.clientWidth;
  return () => {
    if (grid.clientWidth === width) return; // it only grew longer
    const place = firstOnScreen();
    const hasScrolled = place > 0;
    width = grid.clientWidth;
    measureGrid();
    rows = [0, 0];
    drawGrid();
    if (hasScrolled) reveal(place, { first: true });
  };
}

// The file is gone, or of a kind that no browser reads.
function showNoPicture(event) {
  if (event.target.localName !== "img") return;
  event.target.hidden = true;
  event.target.parentElement.querySelector(".no-picture").hidden = false;
}

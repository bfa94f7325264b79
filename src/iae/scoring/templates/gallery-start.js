// What is chosen and shown now, the address that says so, and the start of it all.

let choice = ANY;
let shown = []; // photos that pass the filters, in order

// A choice of the reader: part of it changes, and the photos are seen from the first one on. What
// changes many times a second passes `saveAddress`.
function choose(part, save = saveAddressNow) {
  choice = { ...choice, ...part };
  cursor = 0;
  refresh();
  if (aboveScreen() > 0) reveal(0, { first: true });
  save();
}

function refresh() {
  const found = find(choice);
  shown = found.shown;
  writePanel(choice, found.counts);
  drawHistogram(choice, found.counts);
  fillGrid();
}

// ---- The address. Browsers refuse to have it written too often, so what moves comes to rest first.

let saving = 0;

function saveAddress() {
  clearTimeout(saving);
  saving = setTimeout(saveAddressNow, 250);
}

function saveAddressNow() {
  clearTimeout(saving);
  const address = addressOf(choice, placeOnPage(), current);
  if (address !== (location.hash || "#")) history.replaceState(history.state, "", address);
}

// The photo from which on the page is seen; null at its very top.
function placeOnPage() {
  return aboveScreen() > 0 && shown.length ? shown[firstOnScreen()] : null;
}

let isGoingBack = false; // to the address of before a photo was opened, by our own doing

function goBack() {
  isGoingBack = true;
  history.back();
}

// "Back" or "forward" was pressed, or the address was edited.
function travelled() {
  // What was chosen since the photo was opened stays chosen.
  if (!isGoingBack) goTo(readAddress());
  isGoingBack = false;
  saveAddress();
}

function goTo({ choice: asked, at, photo }) {
  if (JSON.stringify(asked) !== JSON.stringify(choice)) {
    choice = asked;
    refresh();
    if (at !== null && shown.includes(at)) reveal(shown.indexOf(at), { first: true });
  }
  if (photo !== null && shown.includes(photo)) openView(photo, { fromHistory: true });
  else if (view.open) view.close();
}

// A plain link to the section would replace the choice in the address.
function startUnreadable() {
  document.querySelector('a[href="#unreadable"]')?.addEventListener("click", (event) => {
    event.preventDefault();
    byId("unreadable").scrollIntoView();
    byId("unreadable").focus({ preventScroll: true });
  });
}

function start() {
  history.scrollRestoration = "manual"; // a browser knows places in pixels, the address in photos
  page.classList.add("scripted");
  startHistogram();
  startPanel();
  startGrid();
  startView();
  startKeys();
  startUnreadable();
  const asked = readAddress();
  choice = asked.choice;
  refresh();
  if (asked.at !== null && shown.includes(asked.at)) {
    reveal(shown.indexOf(asked.at), { first: true });
  }
  if (asked.photo !== null && shown.includes(asked.photo)) {
    openView(asked.photo, { fromHistory: true });
  }
  addEventListener("popstate", travelled);
  addEventListener("pagehide", saveAddressNow);
}

start();

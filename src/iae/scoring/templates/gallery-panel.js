// The panel beside the photos: its form is filled from the choice, and a change makes a choice. On
// a narrow screen it lies over the photos while it is open.

const form = byId("filters");
const page = document.documentElement;

function writePanel(choice, counts) {
  const { query, sort, reverse, quality, unsure, reason } = form.elements;
  if (document.activeElement !== query) query.value = choice.query;
  sort.value = choice.sort;
  reverse.checked = choice.reverse;
  quality.value = choice.quality;
  if (unsure) unsure.checked = choice.unsure;
  if (reason) reason.value = choice.reason;
  for (const box of form.querySelectorAll("[name=emotion]")) {
    box.checked = choice.emotions.includes(box.value);
  }
  writeCounts(counts);
  const filtered = isFiltered(choice);
  const all = `${number(COUNT)} ${COUNT === 1 ? "photo" : "photos"}`;
  byId("count").textContent = filtered ? `${number(shown.length)} of ${all}` : all;
  byId("apply").textContent = `Show ${number(shown.length)}`;
  byId("show-all").hidden = !filtered;
  byId("no-match").hidden = shown.length > 0;
}

const isFiltered = (choice) => Object.values(FILTERS).some((filter) => filter(choice));

function writeCounts(counts) {
  for (const [quality, count] of Object.entries(counts.quality)) {
    writeCount(`quality-${quality}`, count);
  }
  if (column.unsure) writeCount("unsure-yes", counts.unsure);
  const most = Math.max(...counts.emotion, 1);
  EMOTIONS.forEach((emotion, index) => {
    const row = writeCount(`emotion-${emotion}`, counts.emotion[index]);
    row.querySelector(".share").setAttribute("width", (100 * counts.emotion[index]) / most);
  });
  REASONS.forEach((reason, index) => {
    form.elements.reason.options[index + 1].text = `${reason} (${number(counts.reason[index])})`;
  });
}

function writeCount(which, count) {
  const place = form.querySelector(`[data-count="${which}"]`);
  const label = place?.closest("label");
  if (!label) return null;
  place.textContent = number(count);
  label.classList.toggle("none", count === 0);
  return label;
}

function readPanel() {
  const { query, sort, reverse, quality, unsure, reason } = form.elements;
  const boxes = form.querySelectorAll("[name=emotion]:checked");
  return {
    query: query.value,
    sort: sort.value,
    reverse: reverse.checked,
    quality: quality.value,
    unsure: unsure?.checked ?? false,
    reason: reason?.value ?? "",
    emotions: Array.from(boxes, (box) => box.value),
  };
}

const clearFilters = () => choose({ ...ANY, sort: choice.sort, reverse: choice.reverse });

function openPanel() {
  if (getComputedStyle(byId("open-panel")).display === "none") return; // it always stands there
  page.classList.add("panel-open");
  byId("open-panel").setAttribute("aria-expanded", "true");
  document.querySelector("main").inert = true;
  byId("panel").focus(); // not the search field, which would bring up a phone's keyboard
}

function closePanel() {
  if (!page.classList.contains("panel-open")) return;
  page.classList.remove("panel-open");
  byId("open-panel").setAttribute("aria-expanded", "false");
  document.querySelector("main").inert = false;
  byId("open-panel").focus();
}

function startPanel() {
  for (const reason of REASONS) form.elements.reason.add(new Option(reason, reason));
  form.addEventListener("input", (event) => {
    const { type } = event.target;
    if (type !== "range") choose(readPanel(), type === "search" ? saveAddress : saveAddressNow);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("show-all").addEventListener("click", () => {
    clearFilters();
    grid.focus({ preventScroll: true });
  });
  byId("show-all-instead").addEventListener("click", () => {
    clearFilters();
    grid.focus({ preventScroll: true });
  });
  byId("open-panel").addEventListener("click", openPanel);
  byId("apply").addEventListener("click", closePanel);
  matchMedia("(min-width: 60rem)").addEventListener("change", closePanel);
  form.hidden = byId("bar").hidden = byId("apply").hidden = false;
}

// The histogram of the scores: grey the library, blue what is shown. Drag over it, or move the two
// ends with the keyboard, to show a range of scores.

const BINS = (() => {
  let lowest = 10 * SCALE;
  let highest = SCALE;
  for (const mean of column.mean) {
    lowest = Math.min(lowest, mean);
    highest = Math.max(highest, mean);
  }
  const from = Math.min(Math.floor(lowest / SCALE), 9);
  const to = Math.min(Math.floor(highest / SCALE) + 1, 10);
  const most = COUNT < 200 ? 20 : 40; // few photos in many bins are a comb, not a shape
  const width = [0.1, 0.2, 0.25, 0.5].find((width) => (to - from) / width <= most + 0.5);
  return { from, to, width, count: Math.round((to - from) / width) };
})();

const binOf = (photo) =>
  Math.min(Math.floor((meanOf(photo) - BINS.from) / BINS.width + 1e-9), BINS.count - 1);
const edge = (bin) => Number((BINS.from + bin * BINS.width).toFixed(2));

const inLibrary = new Uint32Array(BINS.count);
for (let photo = 0; photo < COUNT; photo++) inLibrary[binOf(photo)]++;
const fullest = Math.max(...inLibrary);

const histogram = byId("histogram").querySelector("svg");
const ends = [byId("lowest"), byId("highest")];

function rectangle(className, x, width, height) {
  const made = document.createElementNS(histogram.namespaceURI, "rect");
  if (className) made.setAttribute("class", className);
  for (const [name, value] of Object.entries({ x, width, y: 100 - height, height })) {
    made.setAttribute(name, value);
  }
  return made;
}

// Bars that are 100 high where the library has the most; a single photo can still be seen.
function bars(className, counts) {
  return Array.from(counts, (count, bin) =>
    rectangle(className, bin + 0.06, 0.88, count && Math.max((100 * count) / fullest, 2)),
  );
}

function drawHistogram(choice, counts) {
  const [from, to] = chosenBins(choice);
  const brush = choice.score ? [rectangle("brush", from, to - from, 100)] : [];
  const { bins } = counts;
  histogram.replaceChildren(...brush, ...bars("all", inLibrary), ...bars("passing", bins));
  [from, to].forEach((bin, end) => {
    ends[end].value = bin;
    ends[end].setAttribute("aria-valuetext", edge(bin));
  });
  byId("score-range").textContent = choice.score ? choice.score.join(" to ") : "";
}

// First bin of the chosen range, and the one after its last.
function chosenBins({ score }) {
  if (!score) return [0, BINS.count];
  const [from, to] = score.map((at) => Math.round((at - BINS.from) / BINS.width));
  const first = Math.min(Math.max(from, 0), BINS.count - 1);
  return [first, Math.max(Math.min(to, BINS.count), first + 1)];
}

function chooseBins(from, to) {
  const everything = from <= 0 && to >= BINS.count;
  choose({ score: everything ? null : [edge(from), edge(to)] }, saveAddress);
}

function startHistogram() {
  histogram.setAttribute("viewBox", `0 0 ${BINS.count} 100`);
  const axis = byId("histogram").querySelectorAll(".axis span");
  [BINS.from, BINS.to].forEach((score, end) => (axis[end].textContent = score));
  for (const end of ends) {
    end.min = 0;
    end.max = BINS.count;
  }
  ends[0].addEventListener("input", () => {
    const to = Number(ends[1].value);
    chooseBins(Math.min(Number(ends[0].value), to - 1), to);
  });
  ends[1].addEventListener("input", () => {
    const from = Number(ends[0].value);
    chooseBins(from, Math.max(Number(ends[1].value), from + 1));
  });
  startBrush();
}

function startBrush() {
  let anchor = null; // the bin in which the drag began
  let before = null; // the range chosen before it
  const binAt = (event) => {
    const { left, width } = histogram.getBoundingClientRect();
    const bin = Math.floor(((event.clientX - left) / width) * BINS.count);
    return Math.min(Math.max(bin, 0), BINS.count - 1);
  };
  histogram.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    histogram.setPointerCapture(event.pointerId);
    anchor = binAt(event);
    before = String(chosenBins(choice));
    chooseBins(anchor, anchor + 1);
  });
  histogram.addEventListener("pointermove", (event) => {
    if (anchor === null) return;
    const bin = binAt(event);
    chooseBins(Math.min(anchor, bin), Math.max(anchor, bin) + 1);
  });
  histogram.addEventListener("pointerup", () => {
    // A click on the one bin that was chosen takes the choice back.
    if (anchor !== null && before === String(chosenBins(choice))) choose({ score: null });
    anchor = null;
  });
  histogram.addEventListener("pointercancel", () => (anchor = null));
}

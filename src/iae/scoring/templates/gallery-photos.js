// The library as the page carries it, and how its numbers are worded. A photo is its number, in the
// order in which the photos were found. The same wording stands in gallery/cards.py.

const byId = (id) => document.getElementById(id);
const library = JSON.parse(byId("data").textContent);
const { emotions: EMOTIONS, reasons: REASONS, scale: SCALE, photos: column } = library;
const COUNT = column.mean.length;
byId("data").remove(); // its text is no longer needed

const joined = ({ folders, folder, name }) => (photo) => folders[folder[photo]] + name[photo];
const pathOf = joined(column.path);
const nameOf = (photo) => column.path.name[photo];
const thumbnailOf = joined(column.thumbnail);
const originalOf = joined(column.original);
const meanOf = (photo) => column.mean[photo] / SCALE;
const isHigh = (photo) => column.mean[photo] >= library.threshold;
const isUnsure = (photo) => column.unsure?.[photo] === 1;
const percentileOf = (photo) => column.percentile?.[photo] ?? null;
const reasonsOf = (photo) => column.reasons?.[photo] ?? []; // numbers of REASONS
const levelsOf = (photo) => shares(column.levels, photo, 4);
const emotionsOf = (photo) => shares(column.emotions, photo, EMOTIONS.length);
const factOf = (photo, fact) => column.facts[fact]?.[photo] ?? null;

function shares(values, photo, each) {
  return values.slice(photo * each, (photo + 1) * each).map((share) => share / SCALE);
}

// The number of each photo's strongest emotion. A plain loop: it runs before the first photo shows.
const strongest = new Uint8Array(COUNT);
for (let photo = 0; photo < COUNT; photo++) {
  const first = photo * EMOTIONS.length;
  let best = 0;
  for (let emotion = 1; emotion < EMOTIONS.length; emotion++) {
    if (column.emotions[first + emotion] > column.emotions[first + best]) best = emotion;
  }
  strongest[photo] = best;
}

// ---- Words

const number = new Intl.NumberFormat("en").format;

function percent(share) {
  const rounded = Math.floor(100 * share + 0.5);
  if (rounded === 0 && share > 0) return "<1%";
  if (rounded === 100 && share < 1) return ">99%";
  return `${rounded}%`;
}

// Counted from the nearer end, the photo itself included.
function standingOf(photo) {
  if (library.chosen) return `no. ${number(photo + 1)}`;
  const percentile = percentileOf(photo);
  if (percentile === null) return "";
  const isUpper = percentile >= 50;
  const share = isUpper ? 100 - percentile + 100 / COUNT : percentile;
  return `${isUpper ? "top" : "bottom"} ${Math.max(Math.floor(share + 0.5), 1)}%`;
}

function levelsInWords(levels) {
  const [bad, fair, good, excellent] = levels.map(percent);
  return `Bad ${bad}, fair ${fair}, good ${good}, excellent ${excellent}`;
}

// The emotions of a card: the strongest, and the next ones that are not faint.
function emotionsOfCard(photo) {
  const ranked = emotionsOf(photo)
    .map((share, emotion) => [EMOTIONS[emotion], share])
    .sort((a, b) => b[1] - a[1]);
  const rest = ranked.slice(1, library.cardEmotions);
  return [ranked[0], ...rest.filter(([, share]) => share >= library.cardEmotionShare)];
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

// Lays the four levels side by side in a bar that is 100 wide.
function fillLevels(bar, levels) {
  let start = 0;
  bar.querySelectorAll("rect").forEach((part, level) => {
    part.setAttribute("x", 100 * start);
    part.setAttribute("width", 100 * levels[level]);
    start += levels[level];
  });
}

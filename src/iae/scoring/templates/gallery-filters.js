// Which photos are shown, and in which order. A choice is what the reader asked for; everything
// here follows from a choice and the library.

const ANY = Object.freeze({
  sort: library.chosen ? "found" : "score",
  reverse: false,
  query: "",
  score: null, // or [from, to), on the scale of the scores
  quality: "all",
  unsure: false,
  emotions: Object.freeze([]), // none chosen: all
  reason: "",
});
const SORTS = ["score", "emotion", "name", "found", ...(column.unsure ? ["unsure"] : [])];

// One test a filter: whether a photo passes, or null when the choice asks for nothing.
const FILTERS = {
  query({ query }) {
    const words = plain(query).split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    searchable ??= Array.from({ length: COUNT }, (_, photo) => plain(pathOf(photo)));
    return (photo) => words.every((word) => searchable[photo].includes(word));
  },
  score({ score }) {
    if (!score) return null;
    const [from, to] = score.map((edge) => Math.round(edge * SCALE));
    return (photo) => column.mean[photo] >= from && (column.mean[photo] < to || to === 10 * SCALE);
  },
  quality: ({ quality }) =>
    quality === "all" ? null : (photo) => isHigh(photo) === (quality === "high"),
  unsure: ({ unsure }) => (unsure ? isUnsure : null),
  emotion({ emotions }) {
    const chosen = new Set(emotions.map((emotion) => EMOTIONS.indexOf(emotion)));
    return chosen.size ? (photo) => chosen.has(strongest[photo]) : null;
  },
  reason({ reason }) {
    const wanted = REASONS.indexOf(reason);
    return reason ? (photo) => reasonsOf(photo).includes(wanted) : null;
  },
};

let searchable = null; // made when somebody searches for the first time

// Letter case and accents make no difference to a search.
const plain = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();

// The photos a choice shows, in order, and how many each further choice would show.
function find(choice) {
  const missed = misses(choice);
  const shown = [];
  for (const photo of sorted(choice)) if (missed[photo] === 0) shown.push(photo);
  if (choice.reverse) shown.reverse();
  return { shown, counts: countChoices(missed) };
}

const BIT = Object.fromEntries(Object.keys(FILTERS).map((filter, bit) => [filter, 1 << bit]));

// For each photo the filters it does not pass, one bit a filter.
function misses(choice) {
  const missed = new Uint8Array(COUNT);
  for (const [filter, test] of Object.entries(FILTERS)) {
    const passes = test(choice);
    if (!passes) continue;
    for (let photo = 0; photo < COUNT; photo++) if (!passes(photo)) missed[photo] |= BIT[filter];
  }
  return missed;
}

// A choice counts the photos it would show, given all the other filters.
function countChoices(missed) {
  const counts = {
    bins: new Uint32Array(BINS.count),
    emotion: new Uint32Array(EMOTIONS.length),
    reason: new Uint32Array(REASONS.length),
    quality: { all: 0, high: 0, low: 0 },
    unsure: 0,
  };
  const passesBut = (photo, filter) => (missed[photo] & ~BIT[filter]) === 0;
  for (let photo = 0; photo < COUNT; photo++) {
    if (missed[photo] === 0) counts.bins[binOf(photo)]++;
    if (passesBut(photo, "emotion")) counts.emotion[strongest[photo]]++;
    if (passesBut(photo, "reason")) for (const reason of reasonsOf(photo)) counts.reason[reason]++;
    if (passesBut(photo, "unsure") && isUnsure(photo)) counts.unsure++;
    if (passesBut(photo, "quality")) {
      counts.quality.all++;
      counts.quality[isHigh(photo) ? "high" : "low"]++;
    }
  }
  return counts;
}

// ---- Orders. What sorts equal stays as it was found.

const collator = new Intl.Collator(undefined, { numeric: true });
const COMPARE = {
  score: () => (a, b) => column.mean[b] - column.mean[a],
  found: () => () => 0,
  name: () => (a, b) =>
    collator.compare(nameOf(a), nameOf(b)) || collator.compare(pathOf(a), pathOf(b)),
  // What is least sure of being high or low stands first among the unsure.
  unsure: () => (a, b) =>
    isUnsure(b) - isUnsure(a) ||
    Math.abs(column.high[a] - SCALE / 2) - Math.abs(column.high[b] - SCALE / 2),
  emotion({ emotions }) {
    const chosen = emotions.map((emotion) => EMOTIONS.indexOf(emotion));
    const shareOf = (photo, emotion) => column.emotions[photo * EMOTIONS.length + emotion];
    const share = new Uint32Array(COUNT); // of the emotions chosen, or of the strongest
    for (let photo = 0; photo < COUNT; photo++) {
      if (!chosen.length) share[photo] = shareOf(photo, strongest[photo]);
      for (const emotion of chosen) share[photo] += shareOf(photo, emotion);
    }
    return (a, b) => share[b] - share[a];
  },
};

const orders = new Map(); // sorting ten thousand names takes a while, so it is done once

function sorted(choice) {
  const key = choice.sort === "emotion" ? `emotion ${choice.emotions}` : choice.sort;
  if (!orders.has(key)) {
    const compare = COMPARE[choice.sort](choice);
    const order = Uint32Array.from({ length: COUNT }, (_, photo) => photo);
    orders.set(key, order.sort((a, b) => compare(a, b) || a - b));
  }
  return orders.get(key);
}

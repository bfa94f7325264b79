// What was decided: by the program, by a person in an earlier run, and by a person on this page.

const DATA = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

const series = DATA.series.map((row, place) => ({
  number: row.number,
  shots: row.shots.map((shot) => ({ ...shot, series: place })),
}));
const shots = series.flatMap((row) => row.shots);
for (const shot of shots) shot.taken = { best: shot.best, keep: shot.keep };

// Only what differs from what the last run was told is stored: that run then need not be repeated
// here, and what it was told later is not lost behind an older page's memory.
const MEMORY = `iae-picks:${location.pathname}`;
let isKept = true;

function remember() {
  const changed = shots.filter(
    (shot) => shot.best !== shot.taken.best || shot.keep !== shot.taken.keep,
  );
  const entries = changed.map(({ path, best, keep }) => [path, { best, keep }]);
  try {
    localStorage.setItem(MEMORY, JSON.stringify(Object.fromEntries(entries)));
  } catch {
    isKept = false;
  }
}

function recall() {
  try {
    const stored = new Map(Object.entries(JSON.parse(localStorage.getItem(MEMORY) ?? "{}")));
    for (const shot of shots) {
      const said = stored.get(shot.path);
      if (!said) continue;
      shot.best = said.best === true;
      shot.keep = typeof said.keep === "boolean" ? said.keep : null;
    }
  } catch {
    isKept = false;
  }
}

const isDecided = (shot) => shot.best || shot.keep !== null;
const byRank = (row) => [...row.shots].sort((a, b) => a.rank - b.rank);
const bestOf = (row) => row.shots.findLast((shot) => shot.best) ?? byRank(row)[0];

// The best and the next ones, as many as are kept of a series; then what a person said.
function keptByRule(row, best) {
  const others = byRank(row).filter((shot) => shot !== best);
  return new Set([best, ...others].slice(0, DATA.keep));
}

const isKeptShot = (shot, rule) => shot.keep ?? rule.has(shot);

function stateOf(row) {
  const best = bestOf(row);
  const rule = keptByRule(row, best);
  return row.shots.map((shot) => ({
    best: shot === best,
    kept: isKeptShot(shot, rule),
    yours: isDecided(shot),
    overruled: shot.rank === 1 && shot !== best, // the program's choice, and no longer the best
  }));
}

function decideBest(shot) {
  const was = shot.best;
  for (const other of series[shot.series].shots) other.best = false;
  shot.best = !was;
  changed(shot, shot.best ? "is the best of" : "is left to the program in");
}

function decideKeep(shot) {
  const row = series[shot.series];
  const rule = keptByRule(row, bestOf(row));
  const kept = !isKeptShot(shot, rule);
  shot.keep = kept === rule.has(shot) ? null : kept;
  changed(shot, kept ? "is kept in" : "is not kept in");
}

function changed(shot, words) {
  remember();
  byId("said").textContent = `${shot.name} ${words} series ${series[shot.series].number}`;
  showSeries(shot.series);
  showCounts();
}

function exported() {
  const photos = shots.filter(isDecided).map(({ path, best, keep }) => ({
    path,
    ...(best ? { best } : {}),
    ...(keep === null ? {} : { keep }),
  }));
  return `${JSON.stringify({ format: DATA.format, version: DATA.version, photos }, null, 1)}\n`;
}

function exportDecisions() {
  const link = document.createElement("a");
  const url = URL.createObjectURL(new Blob([exported()], { type: "application/json" }));
  link.href = url;
  link.download = "overrules.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
  byId("after-export").hidden = false;
}

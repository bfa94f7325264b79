// The rows on the page: what stands on them, and which shot the keys act on.

const sections = [...document.querySelectorAll(".series")];
const items = sections.map((section) => [...section.querySelectorAll(".shot")]);
let current = null; // the shot the keys act on

function showState(element, state) {
  for (const name of ["best", "kept", "yours", "overruled"]) {
    element.classList.toggle(name, state[name]);
  }
  element.querySelector(".set-best").setAttribute("aria-pressed", state.best);
  element.querySelector(".set-kept").setAttribute("aria-pressed", state.kept);
}

const states = new Map(); // item to what stands on it: of 5,000 shots two change

function showSeries(place) {
  stateOf(series[place]).forEach((state, index) => {
    const item = items[place][index];
    const told = Object.values(state).join();
    if (states.get(item) === told) return;
    states.set(item, told);
    showState(item, state);
  });
  const isYours = series[place].shots.some(isDecided);
  sections[place].classList.toggle("decided", isYours);
  if (current?.series === place) showPanes();
}

function showCounts() {
  const decided = series.filter((row) => row.shots.some(isDecided)).length;
  document.querySelector("[data-count=decided]").textContent = decided;
  byId("decided-count").textContent = decided || "";
  byId("export").disabled = !decided && !shots.some((shot) => shot.taken.best || shot.taken.keep !== null);
  byId("not-kept").hidden = isKept;
}

const linkOf = (shot) => {
  const place = series[shot.series].shots.indexOf(shot);
  return items[shot.series][place].querySelector(".photo");
};

function select(shot, { focus = true } = {}) {
  if (current) {
    linkOf(current).closest(".shot").classList.remove("current");
    linkOf(current).tabIndex = -1;
  }
  current = shot;
  const link = linkOf(shot);
  link.closest(".shot").classList.add("current");
  link.tabIndex = 0;
  if (focus) {
    link.focus({ preventScroll: true });
    link.closest(".shot").scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function step(by) {
  const row = series[current.series].shots;
  const next = row[row.indexOf(current) + by];
  if (next) select(next, { focus: !zoom.open });
}

function stepSeries(by) {
  let place = current.series + by;
  while (sections[place]?.hidden) place += by;
  if (series[place]) select(bestOf(series[place]), { focus: !zoom.open });
}

function showOnly(which) {
  sections.forEach((section) => {
    section.hidden = which === "close" ? !section.classList.contains("too-close")
      : which === "decided" && !section.classList.contains("decided");
  });
  const first = sections.findIndex((section) => !section.hidden);
  byId("no-series").hidden = first >= 0;
  if (first >= 0 && sections[current.series].hidden) {
    select(bestOf(series[first]), { focus: false });
  }
}

function startRows() {
  items.forEach((row, place) => {
    sections[place].querySelector(".compare").hidden = false;
    sections[place].querySelector(".compare").addEventListener("click", () => {
      if (current.series !== place) select(bestOf(series[place]), { focus: false });
      openZoom();
    });
    row.forEach((item, index) => {
      const shot = series[place].shots[index];
      const link = item.querySelector(".photo");
      link.tabIndex = -1;
      link.addEventListener("focus", () => select(shot, { focus: false }));
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        select(shot, { focus: false });
        openZoom();
      });
      bindButtons(item, shot);
    });
  });
  document.querySelectorAll("[name=show]").forEach((input) => {
    input.addEventListener("change", () => showOnly(input.value));
  });
  byId("show-all").addEventListener("click", () => {
    document.querySelector("[name=show][value=all]").checked = true;
    showOnly("all");
  });
}

function bindButtons(element, shot) {
  element.querySelector(".buttons").hidden = false;
  element.querySelector(".set-best").addEventListener("click", () => decideBest(shot));
  element.querySelector(".set-kept").addEventListener("click", () => decideKeep(shot));
}

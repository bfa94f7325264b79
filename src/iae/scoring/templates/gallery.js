// Sorting, filtering and the large view. Without this script the page shows every card, best first.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const { emotions, photos } = JSON.parse(byId("data").textContent);
  const grid = byId("grid");
  const toolbar = byId("toolbar");
  const view = byId("view");
  const cards = photos.map((_, index) => byId(`photo-${index}`)); // best score first, as written

  for (const photo of photos) {
    photo.top = photo.emotions.indexOf(Math.max(...photo.emotions));
  }

  // ---- Sort and filter: the choice lives in the form, and in the URL so that it survives a reload

  const DEFAULTS = { sort: "score", reverse: "", quality: "all", emotion: "all" };
  const ALLOWED = {
    sort: ["score", "name", "emotion"],
    reverse: ["", "yes"],
    quality: ["all", "high", "low"],
    emotion: ["all", ...emotions],
  };
  const collator = new Intl.Collator(undefined, { numeric: true });
  const COMPARE = {
    score: (a, b) => a - b,
    name: (a, b) =>
      collator.compare(photos[a].name, photos[b].name) ||
      collator.compare(photos[a].path, photos[b].path) ||
      a - b,
    emotion: (a, b) =>
      photos[a].top - photos[b].top ||
      photos[b].emotions[photos[b].top] - photos[a].emotions[photos[a].top] ||
      a - b,
  };
  let order = photos.map((_, index) => index); // indices of all photos, in the order of the page
  let shown = order; // those that pass the filters

  const passes = {
    quality: (photo, value) => value === "all" || photo.high === (value === "high"),
    emotion: (photo, value) => value === "all" || emotions[photo.top] === value,
  };

  function readForm() {
    const { sort, reverse, quality, emotion } = toolbar.elements;
    return {
      sort: sort.value,
      reverse: reverse.checked ? "yes" : "",
      quality: quality.value,
      emotion: emotion.value,
    };
  }

  function readHash() {
    const given = new URLSearchParams(location.hash.slice(1));
    const choice = { ...DEFAULTS };
    for (const key of Object.keys(DEFAULTS)) {
      if (ALLOWED[key].includes(given.get(key))) choice[key] = given.get(key);
    }
    return choice;
  }

  function writeForm(choice) {
    toolbar.elements.sort.value = choice.sort;
    toolbar.elements.reverse.checked = choice.reverse === "yes";
    toolbar.elements.quality.value = choice.quality;
    toolbar.elements.emotion.value = choice.emotion;
  }

  function writeHash(choice) {
    const changed = Object.entries(choice).filter(([key, value]) => value !== DEFAULTS[key]);
    const hash = new URLSearchParams(changed).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  function apply(choice) {
    const wanted = photos.map((_, index) => index).sort(COMPARE[choice.sort]);
    if (choice.reverse) wanted.reverse();
    reorder(wanted);
    const visible = (index) =>
      passes.quality(photos[index], choice.quality) &&
      passes.emotion(photos[index], choice.emotion);
    shown = order.filter(visible);
    for (const index of order) {
      if (cards[index].hidden === visible(index)) cards[index].hidden = !visible(index);
    }
    byId("count").textContent = `Showing ${shown.length} of ${photos.length}`;
    byId("no-match").hidden = shown.length > 0;
    writeCounts(choice);
  }

  // With thousands of cards the moving is what takes time, so it is left out where it can be.
  function reorder(wanted) {
    if (wanted.every((index, place) => index === order[place])) return;
    const sorted = document.createDocumentFragment();
    for (const index of wanted) sorted.append(cards[index]);
    grid.append(sorted);
    order = wanted;
  }

  // A choice says how many photos it would show, given the other filter.
  function writeCounts(choice) {
    for (const [group, other] of [["quality", "emotion"], ["emotion", "quality"]]) {
      const pool = photos.filter((photo) => passes[other](photo, choice[other]));
      for (const value of ALLOWED[group]) {
        const count = pool.filter((photo) => passes[group](photo, value)).length;
        const place = toolbar.querySelector(`[data-count="${group}-${value}"]`);
        place.textContent = count;
        place.closest(".choice").classList.toggle("none", count === 0);
      }
    }
  }

  toolbar.addEventListener("change", () => {
    const choice = readForm();
    writeHash(choice);
    apply(choice);
  });
  toolbar.addEventListener("submit", (event) => event.preventDefault());
  byId("show-all").addEventListener("click", () => {
    const choice = { ...readForm(), quality: "all", emotion: "all" };
    writeForm(choice);
    writeHash(choice);
    apply(choice);
    toolbar.querySelector("[name=emotion]:checked").focus();
  });
  addEventListener("hashchange", () => {
    const choice = readHash();
    writeForm(choice);
    apply(choice);
  });
  // A plain link to the section would replace the choice in the URL.
  document.querySelector('a[href="#unreadable"]')?.addEventListener("click", (event) => {
    event.preventDefault();
    byId("unreadable").scrollIntoView();
    byId("unreadable").focus({ preventScroll: true });
  });

  // ---- The large view

  let current = 0; // index of the photo in the large view

  // The same rule stands in gallery.py.
  function percent(share) {
    const rounded = Math.floor(100 * share + 0.5);
    if (rounded === 0 && share > 0) return "<1%";
    if (rounded === 100 && share < 1) return ">99%";
    return `${rounded}%`;
  }

  function showPhoto(index) {
    current = index;
    const photo = photos[index];
    const position = shown.indexOf(index);
    byId("view-position").textContent = `${position + 1} of ${shown.length}`;
    byId("previous").setAttribute("aria-disabled", position === 0);
    byId("next").setAttribute("aria-disabled", position === shown.length - 1);
    byId("view-name").textContent = photo.name;
    byId("view-path").textContent = photo.path;
    byId("view-mean").textContent = photo.mean.toFixed(2);
    byId("view-badge").textContent = photo.high ? "high" : "low";
    byId("view-badge").className = `badge ${photo.high ? "high" : "low"}`;
    byId("view-std").textContent = photo.std.toFixed(1);
    byId("view-high").textContent = percent(photo.high_prob);
    byId("view-positive").textContent = percent(photo.positive_prob);
    byId("view-negative").textContent = percent(1 - photo.positive_prob);
    showLevels(photo.levels);
    showEmotions(photo.emotions);
    showPicture(photo);
  }

  function showLevels(levels) {
    const segments = byId("view-levels").querySelectorAll("rect");
    const numbers = byId("view-level-list").querySelectorAll("dd");
    let start = 0;
    levels.forEach((share, level) => {
      segments[level].setAttribute("x", 100 * start);
      segments[level].setAttribute("width", 100 * share);
      numbers[level].textContent = percent(share);
      start += share;
    });
  }

  function showEmotions(shares) {
    byId("view-emotions").querySelectorAll("dd").forEach((place, emotion) => {
      place.querySelector(".share").setAttribute("width", 100 * shares[emotion]);
      place.querySelector("span").textContent = percent(shares[emotion]);
    });
  }

  // The thumbnail stands in at once, and stays when the original is gone or no browser reads it.
  function showPicture(photo) {
    const picture = byId("view-photo");
    const link = byId("view-original");
    const fallback = byId("view-fallback");
    picture.alt = photo.name;
    picture.hidden = !photo.thumbnail;
    if (photo.thumbnail) picture.src = photo.thumbnail;
    link.hidden = !photo.original;
    link.href = photo.original;
    fallback.hidden = true;
    if (!photo.original) return;
    const isCurrent = () => photos[current] === photo;
    const original = new Image();
    original.onload = () => {
      if (!isCurrent()) return;
      picture.src = photo.original;
      picture.hidden = false;
    };
    original.onerror = () => {
      if (!isCurrent()) return;
      link.hidden = true;
      fallback.hidden = false;
    };
    original.src = photo.original;
  }

  function step(by) {
    const next = shown[shown.indexOf(current) + by];
    if (next !== undefined) showPhoto(next);
  }

  grid.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    const wantsNewTab = event.ctrlKey || event.metaKey || event.shiftKey;
    const selectsText = String(getSelection()) && !event.target.closest(".photo");
    if (!card || wantsNewTab || selectsText) return;
    event.preventDefault();
    showPhoto(cards.indexOf(card));
    view.showModal();
    document.documentElement.classList.add("viewing");
    view.querySelector(".facts").scrollTop = 0;
  });
  view.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return; // Alt+Left is "back"
    if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowRight") step(1);
    else return;
    event.preventDefault();
  });
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("close").addEventListener("click", () => view.close());
  view.addEventListener("close", () => {
    document.documentElement.classList.remove("viewing");
    const link = cards[current].querySelector(".photo");
    link.focus({ preventScroll: true });
    cards[current].scrollIntoView({ block: "nearest" });
  });

  toolbar.hidden = false;
  document.documentElement.classList.add("scripted");
  writeForm(readHash());
  apply(readHash());
})();

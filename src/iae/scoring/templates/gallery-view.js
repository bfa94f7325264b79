// The large view: one photo with everything known of it.

const view = byId("view");
let current = null; // the photo in the large view

// `fromHistory`: "back" or "forward" led here, or a reload; it is in the history already.
function openView(photo, { fromHistory = false } = {}) {
  if (!fromHistory) {
    saveAddressNow();
    history.pushState({ view: true }, "", addressOf(choice, placeOnPage(), photo));
  }
  showPhoto(photo);
  if (view.open) return;
  view.showModal();
  page.classList.add("viewing");
  byId("facts").scrollTop = 0;
}

function closed() {
  page.classList.remove("viewing");
  const place = shown.indexOf(current);
  current = null;
  byId("view-photo").removeAttribute("src");
  if (place >= 0) moveTo(place);
  if (history.state?.view) goBack();
  else saveAddress();
}

function stepTo(place) {
  if (place >= 0 && place < shown.length) showPhoto(shown[place]);
  saveAddress();
}

const step = (by) => stepTo(shown.indexOf(current) + by);

function showPhoto(photo) {
  current = photo;
  const place = shown.indexOf(photo);
  const write = (id, text) => (byId(id).textContent = text);
  write("view-position", `${number(place + 1)} of ${number(shown.length)}`);
  byId("previous").setAttribute("aria-disabled", place === 0);
  byId("next").setAttribute("aria-disabled", place === shown.length - 1);
  write("view-name", nameOf(photo));
  write("view-path", pathOf(photo));
  write("view-mean", meanOf(photo).toFixed(2));
  write("view-standing", standingOf(photo));
  write("view-verdict", isHigh(photo) ? "high" : "low");
  byId("view-verdict").className = `badge verdict ${isHigh(photo) ? "high" : "low"}`;
  byId("view-unsure").hidden = !isUnsure(photo);
  write("view-otherwise", isHigh(photo) ? "low" : "high");
  const leastDoubt = 1 / SCALE; // a chance is never nothing or everything
  const high = column.high[photo] / SCALE;
  write("view-high", percent(Math.min(Math.max(high, leastDoubt), 1 - leastDoubt)));
  write("view-std", `±${(column.std[photo] / SCALE).toFixed(1)}`);
  writePercentile(photo);
  writeInterval(photo);
  showReasons(photo);
  const levels = levelsOf(photo);
  fillLevels(byId("view-levels"), levels);
  byId("view-level-list")
    .querySelectorAll("dd")
    .forEach((cell, level) => (cell.textContent = percent(levels[level])));
  showEmotions(emotionsOf(photo));
  if (byId("view-facts")) showFacts(photo);
  showPicture(photo);
}

function writePercentile(photo) {
  const percentile = percentileOf(photo);
  byId("view-percentile-row").hidden = percentile === null;
  byId("view-percentile").textContent = percentile?.toFixed(1) ?? "";
}

// The scale below the score: where the library lies, the photo, and its interval if there is one.
function writeInterval(photo) {
  const bounds = column.interval?.[photo]?.map((bound) => bound / SCALE) ?? null;
  byId("view-interval-row").hidden = !bounds;
  byId("view-interval").textContent = bounds ? bounds.map((b) => b.toFixed(1)).join(" to ") : "";
  const x = (score) => Math.min(Math.max((score - BINS.from) / BINS.width, 0), BINS.count);
  const [from, to] = bounds ? bounds.map(x) : [0, 0];
  const band = byId("view-scale").querySelector(".interval");
  const line = byId("view-scale").querySelector(".mean");
  band.setAttribute("x", from);
  band.setAttribute("width", to - from);
  line.setAttribute("x", x(meanOf(photo)) - BINS.count / 200);
}

function startScale() {
  const scale = byId("view-scale");
  scale.setAttribute("viewBox", `0 0 ${BINS.count} 100`);
  scale.querySelector(".bins").append(...bars("", inLibrary));
  scale.querySelector(".interval").setAttribute("height", 100);
  scale.querySelector(".mean").setAttribute("height", 100);
  scale.querySelector(".mean").setAttribute("width", BINS.count / 100);
  const axis = byId("view-axis").querySelectorAll("span");
  [BINS.from, BINS.to].forEach((score, end) => (axis[end].textContent = score));
}

// A reason leads to the photos it also holds for.
function showReasons(photo) {
  const items = reasonsOf(photo).map((reason) => {
    const button = element("button", REASONS[reason]);
    button.type = "button";
    button.title = "Show all photos that stand out by this";
    button.addEventListener("click", () => {
      choose({ ...ANY, sort: choice.sort, reverse: choice.reverse, reason: REASONS[reason] });
      view.close();
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  byId("view-reasons").hidden = !items.length;
  byId("view-reasons").replaceChildren(...items);
}

function showEmotions(felt) {
  const positive = felt.slice(0, 4).reduce((sum, share) => sum + share, 0);
  byId("view-positive").textContent = percent(Math.min(Number(positive.toFixed(4)), 1));
  byId("view-negative").textContent = percent(Math.max(1 - Number(positive.toFixed(4)), 0));
  byId("view-emotions").querySelectorAll("dd").forEach((cell, emotion) => {
    cell.querySelector(".share").setAttribute("width", 100 * felt[emotion]);
    cell.querySelector("span").textContent = percent(felt[emotion]);
  });
}

// ---- What was measured

const asShare = (value) => (value > 0 && value < 0.001 ? "<0.1%" : `${(100 * value).toFixed(1)}%`);
const FACT_WORDS = {
  sharpness: (value) => value.toFixed(2),
  noise: (value) => value.toFixed(1),
  contrast: (value) => percent(value),
  colourfulness: (value) => value.toFixed(0),
  brightness: (value) => percent(value),
  clipped_highlights: asShare,
  clipped_shadows: asShare,
};

function showFacts(photo) {
  const [width, height] = [factOf(photo, "width"), factOf(photo, "height")];
  byId("view-facts").hidden = width === null;
  if (width === null) return;
  const megapixels = (width * height) / 1e6;
  const size = megapixels < 0.1 ? "" : ` (${megapixels.toFixed(1)} megapixels)`;
  byId("view-size").textContent = `${width} × ${height}${size}`;
  for (const row of byId("view-facts").querySelectorAll("[data-fact]")) {
    const { fact } = row.dataset;
    const value = factOf(photo, fact);
    row.hidden = value === null;
    if (value === null) continue;
    row.querySelector("span").textContent = FACT_WORDS[fact](value);
    row.querySelector(".mark").setAttribute("x", 97 * rankOf(fact, value));
  }
}

const ascending = new Map(); // a fact to its values in the library

// Share of the library's values that are below, those that are equal counted half.
function rankOf(fact, value) {
  if (!ascending.has(fact)) {
    const known = column.facts[fact].filter((each) => each !== null);
    ascending.set(fact, Float64Array.from(known).sort());
  }
  const values = ascending.get(fact);
  const firstFrom = (passes) => {
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passes(values[middle])) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return (firstFrom((v) => v >= value) + firstFrom((v) => v > value)) / 2 / values.length;
}

// ---- The picture

// The thumbnail stands in at once, and stays when the original is gone or no browser reads it.
function showPicture(photo) {
  const picture = byId("view-photo");
  const [thumbnail, original] = [thumbnailOf(photo), originalOf(photo)];
  const link = byId("view-original");
  const fallback = byId("view-fallback");
  picture.alt = nameOf(photo);
  picture.hidden = !thumbnail;
  if (thumbnail) picture.src = thumbnail;
  link.hidden = !original;
  link.href = original;
  fallback.hidden = true;
  if (!original) return;
  load(original).then(
    () => {
      if (current !== photo) return;
      picture.src = original;
      picture.hidden = false;
      prepareNext(photo);
    },
    () => {
      if (current !== photo) return;
      link.hidden = true;
      fallback.hidden = false;
    },
  );
}

function load(url) {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = resolve;
    picture.onerror = reject;
    picture.src = url;
  });
}

// Whoever looks at one photo for a while probably wants the next.
function prepareNext(photo) {
  const next = shown[shown.indexOf(photo) + 1];
  if (next !== undefined && originalOf(next)) load(originalOf(next)).catch(() => {});
}

// ---- Fingers: a swipe to the side steps; the picture follows the finger

function startSwipe() {
  const stage = byId("stage");
  const picture = byId("view-photo");
  let start = null;
  const release = () => {
    start = null;
    picture.style.transform = "";
  };
  stage.addEventListener("pointerdown", (event) => {
    const isSecondFinger = !event.isPrimary;
    const isZoomed = visualViewport.scale > 1.01;
    if (event.pointerType === "mouse" || event.target.closest("button")) return;
    if (isSecondFinger || isZoomed) release();
    else start = { x: event.clientX, y: event.clientY };
  });
  stage.addEventListener("pointermove", (event) => {
    if (!start || !event.isPrimary) return;
    const across = event.clientX - start.x;
    picture.style.transform = `translateX(${across}px)`;
  });
  stage.addEventListener("pointerup", (event) => {
    if (!start || !event.isPrimary) return;
    const across = event.clientX - start.x;
    const along = event.clientY - start.y;
    release();
    if (Math.abs(across) > 48 && Math.abs(across) > 1.5 * Math.abs(along)) step(across < 0 ? 1 : -1);
  });
  stage.addEventListener("pointercancel", release);
  // Zoomed in, a finger moves over the picture instead.
  visualViewport.addEventListener("resize", () => {
    stage.style.touchAction = visualViewport.scale > 1.01 ? "auto" : "";
  });
}

function startView() {
  startScale();
  startSwipe();
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("close").addEventListener("click", () => view.close());
  view.addEventListener("close", closed);
}

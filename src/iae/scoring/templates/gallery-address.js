// The part of the address after "#": choice, place and open photo, so that a reload, "back" and a
// copied link lead to the same sight. What it says of unknown things is passed over.

// Choice, first photo on the screen and photo in the large view (null when there is none).
function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const among = (value, allowed, otherwise) => (allowed.includes(value) ? value : otherwise);
  const choice = {
    ...ANY,
    sort: among(given.get("sort"), SORTS, ANY.sort),
    reverse: given.get("reverse") === "yes",
    query: given.get("query") ?? "",
    score: readRange(given.get("score")),
    quality: among(given.get("quality"), ["all", "high", "low"], "all"),
    unsure: given.get("unsure") === "yes" && Boolean(column.unsure),
    emotions: (given.get("emotion") ?? "").split(",").filter((name) => EMOTIONS.includes(name)),
    reason: among(given.get("reason"), REASONS, ""),
  };
  return { choice, at: photoAt(given.get("at")), photo: photoAt(given.get("photo")) };
}

function readRange(text) {
  const [, from, to] = /^([\d.]+)-([\d.]+)$/.exec(text ?? "") ?? [];
  return Number(from) < Number(to) ? [Number(from), Number(to)] : null;
}

function photoAt(path) {
  if (path === null) return null;
  for (let photo = 0; photo < COUNT; photo++) if (pathOf(photo) === path) return photo;
  return null;
}

function addressOf(choice, at, photo) {
  const parts = {
    sort: choice.sort === ANY.sort ? "" : choice.sort,
    reverse: choice.reverse ? "yes" : "",
    query: choice.query.trim(),
    score: choice.score ? choice.score.join("-") : "",
    quality: choice.quality === "all" ? "" : choice.quality,
    unsure: choice.unsure ? "yes" : "",
    emotion: choice.emotions.join(","),
    reason: choice.reason,
    at: at === null ? "" : pathOf(at),
    photo: photo === null ? "" : pathOf(photo),
  };
  const said = Object.entries(parts).filter(([, value]) => value);
  // A comma and a slash may stand as they are, and read better so.
  return `#${new URLSearchParams(said)}`.replaceAll("%2C", ",").replaceAll("%2F", "/");
}

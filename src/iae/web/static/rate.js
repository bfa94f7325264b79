// The rating page: one photo, one or two questions, the next photo.

import { Refused, get, post, useCsrf } from "./api.js";
import { Clock } from "./clock.js";
import { Photos } from "./photos.js";
import { Queue } from "./queue.js";
import { View } from "./view.js";

// Photos asked for at once: 6 to 10, so that raters who began together do not all ask again in one second.
const AHEAD = 6 + Math.floor(5 * Math.random());
const REFILL = 3; // ask again with fewer ahead
const LOADED = 3; // of those, pixels held in memory
const SETTLE = 150; // milliseconds after a photo appears in which a second press is an accident
const ASK_AGAIN = 20000; // milliseconds, while all photos are with other raters
const ASK_SOON = 2000; // milliseconds, while there is no connection

const view = new View();
const clock = new Clock();
const photos = new Photos();

let session;
let queue;
let current = null; // the assignment on the screen
let answers = {};
let step = 0; // which question
let isReady = false;
let readyAt = 0;
let input = "mouse"; // how the last answer was given
let upcoming = [];
let state = "rating";
let progress = { rated: 0, left: 0, can_undo: false };
let history = []; // assignments rated in this page, the last at the end
let isGuess = false; // whether the progress is one
let hasBegun = false;
let hasSent = false; // an answer, since the page was loaded
let refilling = false;
let askAgain = 0;
const settled = new Set(); // rated here or in another tab: not to be shown again
const broken = new Set(); // photos that cannot be shown
const expected = new Map(); // key of an undo -> the assignment that is on the screen already

// Start

async function start() {
  try {
    session = await get(`/api/session?language=${localStorage.getItem("iae-language") ?? ""}`);
  } catch (error) {
    if (error.status === 401) location.reload(); // the server says it in every language
    else setTimeout(start, 2000);
    return;
  }
  useCsrf(session.csrf);
  view.useSession(session);
  queue = new Queue(session.rater, { sent, refused, changed, other });
  for (const assignment of queue.waiting) settled.add(assignment);
  queue.send();
  if (session.consent_version && !session.consented) askConsent();
  else if (localStorage.getItem(startedName()) === null) welcome();
  else begin();
}

const startedName = () => `iae-started:${session.rater}`;

function welcome() {
  view.card(view.say("instructions"), {
    title: session.title,
    button: view.say("start"),
    press: begin,
  });
}

function askConsent() {
  view.card(view.say("instructions"), {
    title: session.title,
    consent: view.say("consent"),
    button: view.say("agree"),
    press: async () => {
      try {
        session = { ...session, ...(await agree()) };
        begin();
      } catch (error) {
        view.link("bad", view.say(error.status ? "error" : "offline", { queued: queue.size }));
        if (error.status === 400) location.reload(); // the text has changed meanwhile
      }
    },
  });
}

async function agree() {
  const { consented } = await post("/api/consent", { version: session.consent_version });
  return { consented };
}

async function begin() {
  localStorage.setItem(startedName(), "1");
  view.link("", "");
  hasBegun = true;
  await look();
}

// Photos

async function refill() {
  if (refilling) return;
  refilling = true;
  try {
    const next = await get(`/api/next?count=${Math.min(10, AHEAD + broken.size)}`);
    take(next);
  } catch (error) {
    if (error.error === "consent_required") location.reload();
    else if (error.status === 401) refusedForGood();
    if (!error.status || error.passing) view.link("bad", offline());
  } finally {
    refilling = false;
  }
  preload();
}

function take(next) {
  state = next.state;
  const here = new Set([current?.id, ...upcoming.map((assignment) => assignment.id)]);
  for (const assignment of next.assignments) {
    const isDone = settled.has(assignment.id) && !session.demo;
    if (!isDone && !here.has(assignment.id) && !broken.has(assignment.image)) {
      upcoming.push(assignment);
    }
  }
  takeProgress(next.progress);
  showUndo();
}

// While votes are on their way nobody can tell whether the server has counted them: guess, and ask
// again when they have arrived.
function takeProgress(told) {
  const waiting = queue.size;
  isGuess = waiting > 0;
  if (isGuess && progress.rated >= told.rated) return;
  progress = { ...told, rated: told.rated + waiting, left: Math.max(0, told.left - waiting) };
  view.progress(progress.rated, progress.left);
}

// Ask for photos, and go on if there was none. Never calls itself but after a while.
async function look() {
  await refill();
  if (current || !hasBegun) return;
  if (upcoming.length) {
    advance();
    return;
  }
  nothing();
  clearTimeout(askAgain);
  if (state !== "done") askAgain = setTimeout(look, state === "waiting" ? ASK_AGAIN : ASK_SOON);
}

function preload() {
  for (const { image } of upcoming.slice(0, LOADED)) photos.load(image).catch(() => {});
}

function advance() {
  current = upcoming.shift() ?? null;
  if (current) show();
  else nothing();
  preload();
  if (upcoming.length < REFILL && state === "rating") look();
}

function nothing() {
  clock.run(false);
  isReady = false;
  if (state === "rating") view.ready(false);
  else view.card(view.say(state), undoOffer());
  showUndo();
}

function undoOffer() {
  return canUndo() ? { button: view.say("undo"), press: undo, quiet: true } : {};
}

async function show() {
  const shown = current;
  answers = {};
  step = 0;
  isReady = false;
  view.ready(false);
  ask();
  showUndo();
  try {
    await view.showPhoto(await photos.load(shown.image), shown.number);
  } catch (error) {
    if (shown === current) await failed(shown, error);
    return;
  }
  if (shown !== current) return;
  isReady = true;
  readyAt = performance.now();
  view.ready(true);
  view.mark(shown.answers?.[session.questions[0].name]);
  view.speak(view.photo.alt);
  clock.restart();
  clock.run(!view.isCovered);
}

async function failed(shown, error) {
  if (error instanceof Refused && !error.passing && error.status !== 401) {
    broken.add(shown.image);
    view.link("bad", view.say("photo_missing"));
    advance();
    return;
  }
  if (error.status === 401) return refusedForGood();
  view.link("bad", offline());
  setTimeout(() => shown === current && show(), 2000);
}

// Answers

function ask() {
  const question = session.questions[step];
  view.question(question, current.answers?.[question.name]);
}

function answer(level) {
  if (!isReady || view.isCovered || performance.now() - readyAt < SETTLE) return;
  const question = session.questions[step];
  answers[question.name] = level.name;
  view.choose(level.name);
  if (step + 1 < session.questions.length) {
    step += 1;
    readyAt = performance.now();
    ask();
    showUndo();
    view.speak(session.questions[step].text);
  } else {
    cast();
  }
}

function cast() {
  const body = {
    assignment: current.id,
    answers,
    seconds: Math.min(clock.seconds, 86400),
    conditions: conditions(),
  };
  try {
    queue.add("/api/votes", body);
  } catch {
    view.link("bad", view.say("error")); // the browser cannot store: the photo stays
    return;
  }
  const labels = session.questions.map((question) => labelOf(question, answers[question.name]));
  view.last(labels.join(" · "));
  view.speak(`${view.say("saved")}: ${labels.join(", ")}`);
  settled.add(current.id);
  history.push({ ...current, answers });
  isReady = false;
  count(1);
  advance();
  suggestPause();
}

function count(votes) {
  progress.rated += votes;
  progress.left = Math.max(0, progress.left - votes);
  view.progress(progress.rated, progress.left);
}

const labelOf = (question, name) => question.levels.find((level) => level.name === name).label;

function conditions() {
  return {
    width: innerWidth,
    height: innerHeight,
    pixel_ratio: devicePixelRatio,
    input,
    language: session.language,
    dark: 1,
  };
}

async function suggestPause() {
  if (!session.pause_every || progress.rated % session.pause_every || state === "done") return;
  clock.run(false);
  await view.pause(session.pause_seconds);
  clock.run(isReady);
}

// Taking back

function undo() {
  if (document.querySelector("dialog[open]")) return;
  if (step > 0) {
    step -= 1;
    ask();
    showUndo();
    view.choose(answers[session.questions[step].name]);
    return;
  }
  if (!canUndo()) return;
  const { body } = queue.add("/api/undo", {});
  view.last("");
  view.speak(view.say("undone"));
  count(-1);
  const before = history.pop();
  if (before) {
    expected.set(body.key, before.id);
    bringBack(before);
  }
}

function bringBack(assignment) {
  settled.delete(assignment.id);
  upcoming = upcoming.filter((other) => other.id !== assignment.id);
  if (current && current.id !== assignment.id) upcoming.unshift(current);
  current = assignment;
  show();
}

const canUndo = () => history.length > 0 || (progress.can_undo && progress.rated > 0);

function showUndo() {
  view.undo.disabled = step === 0 && !canUndo();
}

// What became of it

function sent(action, answer) {
  hasSent = true;
  if (action.path !== "/api/undo") return;
  const isShown = expected.get(action.body.key) === answer.assignment?.id;
  expected.delete(action.body.key);
  if (answer.assignment && !isShown) bringBack(answer.assignment);
}

function refused(action, error) {
  console.error(action.path, error.status, error.message);
  view.link("bad", view.say("error"));
}

function changed(size, error) {
  if (error?.status === 401) refusedForGood();
  else if (error?.status === 403) location.reload(); // another link was opened in this browser
  else if (error) view.link("bad", offline());
  if (error || size > 0) return;
  // After a reload what waited may be stored before the server was asked how many are rated.
  if (progress.rated || hasSent) view.link("good", view.say("saved"));
  // Only now does the server know that the last photo was rated, and whether there are more.
  if (hasBegun && (isGuess || !current)) look();
}

// Another tab of this rater.
function other(action) {
  if (action.path !== "/api/votes") return; // what it took back, it shows again itself
  settled.add(action.body.assignment);
  count(1);
  progress.can_undo = true;
  showUndo();
  upcoming = upcoming.filter((assignment) => assignment.id !== action.body.assignment);
  if (current?.id === action.body.assignment) advance();
}

const offline = () => view.say("offline", { queued: queue.size });

function refusedForGood() {
  hasBegun = false;
  current = null;
  isReady = false;
  view.card(view.say("link_invalid"));
}

// Keys, fingers, languages

view.levels.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (event.detail === 0) input = "key";
  else input = event.pointerType === "touch" || event.pointerType === "pen" ? "touch" : "mouse";
  answer(levelNamed(button.value));
});
view.undo.addEventListener("click", undo);

const levelNamed = (name) => session.questions[step].levels.find((level) => level.name === name);

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.altKey || event.isComposing || event.target.matches("select")) return;
  if (!session || !current) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || !shortcuts.checked) return;
  if (event.key === "Backspace") {
    event.preventDefault();
    undo();
    return;
  }
  const level = levelOfKey(event);
  if (level) {
    event.preventDefault();
    input = "key";
    answer(level);
  }
});

// Letters by their place where a keyboard writes none of ours (a Chinese or a Russian one).
function levelOfKey(event) {
  const place = /^Key([A-Z])$/.exec(event.code)?.[1] ?? "";
  const key = (/^[\x20-\x7e]$/.test(event.key) ? event.key : place).toLowerCase();
  return session.questions[step].levels.find(({ keys }) => key && keys.toLowerCase().includes(key));
}

// Whoever speaks to the computer, or whose hand trembles, may not want a stray key to answer.
const shortcuts = document.getElementById("shortcuts");
view.useShortcuts(localStorage.getItem("iae-shortcuts") !== "off");
shortcuts.addEventListener("change", () => {
  localStorage.setItem("iae-shortcuts", shortcuts.checked ? "on" : "off");
  view.useShortcuts(shortcuts.checked);
});

for (const select of view.languages) {
  select.addEventListener("change", () => speakAs(select.value));
}

async function speakAs(wanted) {
  localStorage.setItem("iae-language", wanted);
  try {
    const { texts, questions, language } = await get(`/api/session?language=${wanted}`);
    session = { ...session, texts, questions, language };
  } catch {
    view.link("bad", offline());
    return;
  }
  view.useSession(session);
  view.progress(progress.rated, progress.left);
  view.link("", "");
  if (current) ask();
  else if (session.consent_version && !session.consented) askConsent();
  else if (localStorage.getItem(startedName()) === null) welcome();
  else nothing();
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && hasBegun) look();
});

// Nobody looks at the photo behind the instructions.
document.getElementById("help").addEventListener("click", () => clock.run(false));
document.getElementById("instructions").addEventListener("close", () => clock.run(isReady));

start();

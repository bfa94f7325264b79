// The page's elements and words; knows nothing of the server.

const $ = (id) => document.getElementById(id);

export class View {
  constructor() {
    this.texts = {};
    this.photo = $("photo");
    this.levels = $("levels");
    this.undo = $("undo");
    this.languages = document.querySelectorAll("select.language");
    this.pauseTimer = 0;
    $("help").addEventListener("click", () => $("instructions").showModal());
    $("instructions-button").addEventListener("click", () => $("instructions").close());
  }

  say(name, values = {}) {
    const sentence = this.texts[name] ?? "";
    return sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  }

  speak(sentence) {
    $("spoken").textContent = sentence;
  }

  useSession(session) {
    this.texts = session.texts;
    this.levels.dataset.most = Math.max(...session.questions.map(({ levels }) => levels.length));
    document.documentElement.lang = session.language;
    document.title = session.title;
    $("title").textContent = session.title;
    $("demo").textContent = this.say("demo");
    $("demo").hidden = !session.demo;
    this.undo.textContent = this.say("undo");
    this.undo.append(keyCap("⌫"));
    $("help").title = this.say("help");
    $("help").ariaLabel = this.say("help");
    $("instructions-text").textContent = this.say("instructions");
    $("shortcuts-text").textContent = this.say("shortcuts");
    $("instructions-rater").textContent = session.rater;
    $("instructions-button").textContent = this.say("resume");
    $("pause-button").textContent = this.say("resume");
    for (const select of this.languages) {
      select.ariaLabel = Object.values(session.languages).join(", ");
      select.hidden = Object.keys(session.languages).length < 2;
      select.replaceChildren(
        ...Object.entries(session.languages).map(([value, name]) => new Option(name, value)),
      );
      select.value = session.language;
    }
  }

  // Without single-key shortcuts (WCAG 2.1.4) nothing on the page speaks of them either.
  useShortcuts(areOn) {
    $("shortcuts").checked = areOn;
    document.body.classList.toggle("no-shortcuts", !areOn);
    for (const button of [this.undo, ...this.levels.children]) this.hintAt(button);
  }

  hintAt(button) {
    if ($("shortcuts").checked) button.setAttribute("aria-keyshortcuts", button.dataset.keys);
    else button.removeAttribute("aria-keyshortcuts");
  }

  // A sentence in the middle of the page, perhaps with a button under it.
  card(text, { title = "", consent = "", button = "", press = null, quiet = false } = {}) {
    document.body.classList.remove("rating");
    $("rating").hidden = true;
    $("card").hidden = false;
    $("card-title").textContent = title;
    $("card-title").hidden = !title;
    $("card-text").textContent = text;
    $("card-consent").textContent = consent;
    $("card-consent").hidden = !consent;
    $("card-button").textContent = button;
    $("card-button").hidden = !button;
    $("card-button").onclick = press;
    $("card-button").className = quiet ? "quiet" : "main-button";
    if (button && !quiet) $("card-button").focus();
    else this.speak(text);
  }

  question(question, chosen) {
    document.body.classList.add("rating");
    $("card").hidden = true;
    $("rating").hidden = false;
    $("question").textContent = question.text;
    if (this.levels.dataset.question === question.name + document.documentElement.lang) {
      this.mark(chosen);
      return; // the buttons stay, and with them the focus
    }
    const hadFocus = this.levels.contains(document.activeElement);
    this.levels.dataset.question = question.name + document.documentElement.lang;
    this.levels.dataset.count = question.levels.length;
    this.levels.replaceChildren(...question.levels.map(levelButton));
    for (const button of this.levels.children) this.hintAt(button);
    this.mark(chosen);
    if (hadFocus) this.levels.firstElementChild.focus();
  }

  // Which level was chosen before, of a photo that came back.
  mark(chosen) {
    for (const button of this.levels.children) {
      button.classList.toggle("before", button.value === chosen);
      button.classList.remove("chosen");
    }
  }

  choose(level) {
    for (const button of this.levels.children) {
      button.classList.toggle("chosen", button.value === level);
    }
  }

  ready(isReady) {
    $("stage").classList.toggle("loading", !isReady);
    this.levels.classList.toggle("resting", !isReady);
  }

  async showPhoto(address, number) {
    this.photo.alt = this.say("photo", { number });
    this.photo.src = address;
    await this.photo.decode();
    // A small photo is enlarged at most twice: more would show our pixels, not the photo.
    this.photo.style.maxWidth = `${2 * this.photo.naturalWidth}px`;
    this.photo.style.maxHeight = `${2 * this.photo.naturalHeight}px`;
  }

  progress(rated, left) {
    $("progress").max = Math.max(rated + left, 1);
    $("progress").value = rated;
    $("progress-text").textContent = this.say(left > 0 ? "progress_left" : "progress", {
      rated,
      left,
    });
  }

  // kind: "good" or "bad"; an empty sentence takes it away.
  link(kind, sentence) {
    if ($("link").textContent !== sentence) $("link").textContent = sentence;
    $("link").className = kind;
  }

  last(label) {
    $("last").textContent = label;
  }

  // Resolves when the rater goes on.
  pause(seconds) {
    const until = performance.now() + 1000 * seconds;
    const tick = () => {
      const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
      $("pause-text").textContent = this.say("pause", { seconds: left });
      if (!left) clearInterval(this.pauseTimer);
    };
    clearInterval(this.pauseTimer);
    this.pauseTimer = setInterval(tick, 1000);
    tick();
    $("pause").showModal();
    $("pause-button").onclick = () => $("pause").close();
    return new Promise((resolve) => {
      $("pause").addEventListener("close", resolve, { once: true });
    }).finally(() => clearInterval(this.pauseTimer));
  }

  get isCovered() {
    return $("rating").hidden || document.querySelector("dialog[open]") !== null;
  }
}

function levelButton(level) {
  const button = document.createElement("button");
  button.type = "button";
  button.value = level.name;
  button.className = "level";
  button.dataset.keys = [...level.keys].join(" ");
  const label = document.createElement("span");
  label.textContent = level.label;
  button.append(label, keyCap([...level.keys].join(" ").toUpperCase()));
  return button;
}

function keyCap(text) {
  const cap = document.createElement("kbd");
  cap.ariaHidden = "true";
  cap.textContent = text;
  return cap;
}

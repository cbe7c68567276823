// The chat on a company's own pages: <script type="module" src="https://…/static/portal/chat/widget.js?at=NAME"></script>
import { Line, isUnknown } from "./line.js";
import { dress } from "./looks.js";
import { wordsIn } from "./words.js";

const here = new URL(import.meta.url);
const asked = here.searchParams.get("language") || document.documentElement.lang || navigator.language;
const language = asked.toLowerCase().startsWith("ja") ? "ja" : "en";
const words = wordsIn(language);
const line = new Line({ base: here.origin, at: here.searchParams.get("at") ?? "", language });
const clock = new Intl.DateTimeFormat(language, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
const ADDRESS = /https?:\/\/[^\s<>"「」（）()、。]+/g;
// The bot names an article, and its address beneath: the title is the link.
const SOURCE = /^(出典：|Source: )(.+)\n(https?:\/\/\S+)$/m;

const parts = {};
const shown = new Map();
// Files that wait to leave, by message: a browser keeps them no longer than the page.
const held = new Map();
let chosen = [];
let mayCarry = false;
let limits = { most: 0, bytes: 0 };
let unread = 0;
let sending = null;
// What was pressed and is not answered yet, and the first question with the message beneath which they went back to it.
let pressed = "";
let first = null;
let returned = null;

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

function icon() {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z");
  picture.append(path);
  return picture;
}

function build(about) {
  const host = make("div", { id: "madoguchi-chat", lang: language });
  const root = host.attachShadow({ mode: "open" });
  dress(root, about.hue);
  Object.assign(parts, { host, root });
  parts.count = make("span", { class: "count", "aria-hidden": "true", hidden: true });
  parts.open = make("button", { class: "open", type: "button", "aria-expanded": "false" }, icon(), make("span", {}, words.open), parts.count);
  parts.log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": words.log, tabindex: "0" }, ...greeting(about));
  parts.state = make("p", { class: "state", role: "status" });
  parts.wrong = make("p", { class: "wrong", role: "alert", hidden: true });
  parts.close = make("button", { type: "button", "aria-label": words.close }, "×");
  parts.panel = make("section", { class: "panel", role: "dialog", "aria-label": about.title, hidden: true },
    make("div", { class: "head" }, make("h2", {}, about.title), parts.close), parts.log, parts.state,
    make("div", { class: "under" }, judging(), parts.wrong, carrying(), person(about), form(about)));
  parts.heard = make("p", { class: "hush", role: "status" });
  root.append(parts.panel, parts.open, parts.heard);
  document.body.append(host);
}

function greeting(about) {
  const bot = about.bot ? about.bot.greeting || words.botFirst(about.bot.name) : "";
  const notes = [about.greeting, bot, about.open === false ? words.closedNow : "", about.hours ? words.hours(about.hours) : ""];
  first = about.bot?.first[language];
  return [...notes.filter(Boolean).map((note) => make("p", { class: "note" }, note)), ...(first ? [firstQuestion()] : [])];
}

const firstQuestion = () => make("div", { class: "said" }, make("p", {}, first.words), listOf(first.choices));

const listOf = (choices) => make("ul", { "aria-label": words.choices }, ...choices.map((choice) => make("li", {}, make("button", { type: "button" }, choice))));

// One act leads to a person, at any time while the bot speaks.
function person(about) {
  parts.person = make("button", { class: "person", type: "button", hidden: !about.bot }, words.person);
  parts.carry = make("button", { class: "carry", type: "button", "aria-expanded": "false", hidden: true }, words.carry);
  mayCarry = about.carry;
  return make("div", { class: "more" }, parts.carry, parts.person);
}

// A press while one is on its way does nothing.
function once(act) {
  let going = null;
  return () => (going ??= act().finally(() => (going = null)));
}

// The talk on another device, or by mail: the link goes to the address and nowhere else.
function carrying() {
  parts.carryTo = make("input", { name: "to", type: "email", autocomplete: "email", maxlength: "254", required: true });
  parts.carrying = make("form", { class: "judge", hidden: true, novalidate: true },
    make("label", {}, make("span", {}, words.carryTo), parts.carryTo),
    make("div", { class: "row" }, make("button", { class: "send", type: "submit" }, words.carrySend)));
  return parts.carrying;
}

function turnCarrying(open) {
  parts.carrying.hidden = !open;
  parts.carry.setAttribute("aria-expanded", String(open));
  if (!open) return;
  parts.carryTo.value ||= parts.address.value.trim();
  parts.carryTo.focus();
}

const carry = once(async () => {
  if (!parts.carryTo.checkValidity()) return complain(words.noAddress, parts.carryTo);
  const address = parts.carryTo.value.trim();
  try {
    const told = await line.ask("carried", { address });
    if (told.status >= 300) return complain(told.status === 429 ? words.carryOften : failed(told), parts.carryTo);
    complain("");
    turnCarrying(false);
    parts.heard.textContent = words.carried(address);
    parts.log.append(make("p", { class: "note" }, words.carried(address)));
    parts.log.scrollTop = parts.log.scrollHeight;
    parts.text.focus();
  } catch {
    complain(words.lost);
  }
});

// Once a talk has come to its end, and once: five choices and words, for keyboard and screen reader a plain form.
function judging() {
  const choice = (score) => make("label", {}, make("input", { type: "radio", name: "score", value: score, required: true }), make("span", {}, words.scores[score - 1]));
  parts.judged = make("textarea", { name: "words", rows: "2", maxlength: "1000", "aria-label": words.judgedWhy, placeholder: words.judgedWhy });
  parts.judge = make("form", { class: "judge", hidden: true, novalidate: true },
    make("fieldset", {}, make("legend", {}, words.judge), ...[5, 4, 3, 2, 1].map(choice)), parts.judged,
    make("div", { class: "row" }, make("button", { class: "send", type: "submit" }, words.judgeSend)));
  return parts.judge;
}

const judge = once(async () => {
  const score = Number(new FormData(parts.judge).get("score"));
  if (!score) return complain(words.judgeFirst);
  try {
    const told = await line.ask("judged", { score, words: parts.judged.value.trim() });
    if (told.status >= 300 && told.status !== 409) return complain(failed(told));
    complain("");
    parts.judge.reset();
    parts.judge.hidden = true;
    parts.heard.textContent = words.judgedThanks;
    parts.log.append(make("p", { class: "note" }, words.judgedThanks));
    parts.log.scrollTop = parts.log.scrollHeight;
    if (told.said) line.hear(told);
    parts.text.focus();
  } catch {
    complain(words.lost);
  }
});

function form(about) {
  const needed = about.ask === "required";
  parts.called = make("input", { name: "called", autocomplete: "name", maxlength: "200", required: needed });
  parts.address = make("input", { name: "address", type: "email", autocomplete: "email", maxlength: "254", required: needed, "aria-describedby": "mail-hint" });
  const label = (text, field) => make("label", {}, make("span", {}, needed ? text : `${text}（${words.optional}）`), field);
  parts.who = make("div", { class: "who", hidden: about.ask === "never" || (line.begun && !line.kept.nameless) },
    label(words.called, parts.called), label(words.address, parts.address), make("span", { id: "mail-hint", class: "note" }, words.mailHint));
  parts.text = make("textarea", { name: "text", rows: "2", maxlength: "5000", "aria-label": words.write, placeholder: words.placeholder });
  parts.files = make("input", { type: "file", multiple: true, class: "hush" });
  parts.chosen = make("ul", { class: "chosen", "aria-label": words.chosen, hidden: true });
  parts.form = make("form", { novalidate: true }, parts.who, parts.text, parts.chosen,
    make("div", { class: "row" }, make("label", { class: "attach" }, parts.files, words.attach),
      make("small", {}, words.hint), make("button", { class: "send", type: "submit" }, words.send)));
  return parts.form;
}

function bind() {
  parts.open.addEventListener("click", () => turn(true));
  parts.close.addEventListener("click", () => turn(false));
  parts.panel.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the page's own keys are not meant
    if (event.key === "Escape" && !composing(event)) turn(false);
  });
  parts.text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
    event.preventDefault();
    parts.form.requestSubmit();
  });
  parts.form.addEventListener("submit", (event) => {
    event.preventDefault();
    write(parts.text.value.trim(), chosen);
  });
  parts.files.addEventListener("change", () => {
    choose([...chosen, ...parts.files.files]);
    parts.files.value = "";
  });
  parts.text.addEventListener("input", typing);
  parts.log.addEventListener("scroll", showEarlier);
  parts.text.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    choose([...chosen, ...event.clipboardData.files]);
  });
  parts.carry.addEventListener("click", () => turnCarrying(parts.carrying.hidden));
  parts.carrying.addEventListener("submit", (event) => {
    event.preventDefault();
    carry();
  });
  parts.judge.addEventListener("submit", (event) => {
    event.preventDefault();
    judge();
  });
  parts.person.addEventListener("click", () => press(words.person));
  parts.log.addEventListener("click", (event) => {
    const choice = event.target.closest(".said ul button");
    if (choice) choice.textContent === words.back && first ? goBack() : press(choice.textContent);
    const file = event.target.closest(".said button.file");
    if (file) fetchFile(Number(file.value));
  });
  document.addEventListener("visibilitychange", () => {
    if (visible()) look();
  });
  addEventListener("online", () => sendAll());
}

// Enter within an IME's conversion is not for us; 229 is how older browsers say so.
const composing = (event) => event.isComposing || event.keyCode === 229;
const visible = () => !parts.panel.hidden && document.visibilityState === "visible";

function turn(open) {
  parts.panel.hidden = !open;
  parts.open.hidden = open;
  parts.host.classList.toggle("opened", open);
  parts.open.setAttribute("aria-expanded", String(open));
  if (open) {
    count(0);
    parts.text.focus();
    parts.log.scrollTop = parts.log.scrollHeight;
    look();
  } else parts.open.focus();
}

function look() {
  if (line.begun) line.look();
}

function count(n) {
  unread = n;
  parts.count.hidden = n === 0;
  parts.count.textContent = n;
  if (n) parts.open.setAttribute("aria-label", words.unread(n));
  else parts.open.removeAttribute("aria-label");
}

// Said before anything is uploaded; what was chosen before stays.
function choose(files) {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const why = files.length > limits.most ? limits.many : bytes > limits.bytes ? limits.large : "";
  complain(why);
  if (why) return;
  chosen = files;
  parts.chosen.hidden = !files.length;
  parts.chosen.replaceChildren(...files.map((file) => {
    const drop = make("button", { type: "button", "aria-label": words.drop(file.name) }, "×");
    drop.addEventListener("click", () => {
      choose(chosen.filter((one) => one !== file));
      parts.text.focus();
    });
    return make("li", {}, make("span", {}, file.name), drop);
  }));
}

// A file is a download from an address that is good for a minute; the page around stays.
async function fetchFile(file) {
  try {
    const told = await line.ask("file", { file });
    if (told.status >= 300) return complain(failed(told));
    complain("");
    const link = make("a", { href: here.origin + told.address, download: "" });
    parts.root.append(link);
    link.click();
    link.remove();
  } catch {
    complain(words.lost);
  }
}

// Whoever presses what is offered has not been heard yet: they may still say who they are, with their first own words.
// Pressed again before it is answered it is the same press.
function press(text) {
  if (pressed === text) return;
  awaits(text);
  line.keep({ nameless: !parts.who.hidden && !(parts.called.value.trim() && parts.address.value.trim()) });
  write(text, [], true);
}

function awaits(text) {
  pressed = text;
  parts.person.setAttribute("aria-disabled", String(text === words.person));
}

// To go back to the first question is nothing that the customer says: it is asked again, and nothing is sent.
function goBack() {
  returned = Number(parts.log.querySelector(".said ul").parentElement.dataset.under) || null;
  parts.log.querySelector(".said ul").remove();
  put("first", firstQuestion());
  parts.log.scrollTop = parts.log.scrollHeight;
  parts.log.querySelector(".said ul button").focus();
}

function write(text, files = [], byPress = false) {
  if (!text && !files.length) return parts.text.focus();
  for (const field of [parts.called, parts.address]) {
    if (!parts.who.hidden && !field.checkValidity()) {
      complain(field === parts.called ? words.noName : words.noAddress, field);
      return;
    }
  }
  complain("");
  const message = { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, text, called: parts.called.value.trim(), address: parts.address.value.trim(), page: location.origin + location.pathname, names: files.map((file) => file.name) };
  if (!byPress) line.keep({ nameless: false });
  if (files.length) {
    held.set(message.id, files);
    choose([]);
  }
  line.keep({ unsent: [...line.kept.unsent, message] });
  if (text === parts.text.value.trim()) parts.text.value = "";
  offer(null);
  showUnsent(message);
  parts.text.focus();
  sendAll();
}

const failed = (told) => (told.status === 403 ? words.refused : told.error ?? words.lost);

function complain(why, field) {
  parts.wrong.textContent = why;
  parts.wrong.hidden = !why;
  field?.setAttribute("aria-invalid", "true");
  if (field) field.focus();
  else for (const one of [parts.called, parts.address, parts.carryTo]) one.removeAttribute("aria-invalid");
}

// One after another, in their order; what cannot leave now is kept, over a reload too.
async function sendAll() {
  if (sending) return;
  sending = true;
  let wait = 0;
  while (line.kept.unsent.length && !wait) wait = await sendOne(line.kept.unsent[0]);
  sending = null;
  if (wait > 0) setTimeout(sendAll, wait);
}

// How long to wait before the next try: 0 once it is sent, below 0 when only the visitor can go on.
async function sendOne(message) {
  const bubble = shown.get(message.id);
  const files = held.get(message.id) ?? [];
  if (message.names?.length > files.length) return gaveUp(message, words.chooseAgain(message.names.join("、")), "text");
  try {
    const told = await line.ask("said", message, files);
    if (isUnknown(told)) {
      line.forget();
      return 0;
    }
    if (told.status === 429) return mark(bubble, words.tooOften(told.seconds), told.seconds * 1000);
    if (told.status === 413) return gaveUp(message, limits.large, "text");
    if (told.status === 403) return gaveUp(message, words.refused, "text");
    if (told.status === 422) return gaveUp(message, told.error, told.field);
    if (told.status >= 300) return mark(bubble, words.waiting, 5000);
    line.keep({ unsent: line.kept.unsent.filter((one) => one.id !== message.id) });
    held.delete(message.id);
    bubble?.remove();
    shown.delete(message.id);
    parts.who.hidden = !line.kept.nameless;
    line.hear(told);
    line.listen();
    return 0;
  } catch {
    return mark(bubble, words.waiting, 5000);
  }
}

function mark(bubble, why, wait) {
  if (bubble) bubble.querySelector("small").textContent = why;
  return wait;
}

// What was refused goes back to where it can be put right.
function gaveUp(message, why, field) {
  line.keep({ unsent: line.kept.unsent.filter((one) => one.id !== message.id) });
  shown.get(message.id)?.remove();
  shown.delete(message.id);
  awaits("");
  parts.text.value = [message.text, parts.text.value].filter(Boolean).join("\n");
  choose([...(held.get(message.id) ?? []), ...chosen]);
  held.delete(message.id);
  if (!line.begun && parts[field] && field !== "text") parts.who.hidden = false;
  complain(why ?? words.waiting, parts[field]);
  return -1;
}

function showUnsent(message) {
  put(message.id, bubbleOf(message.text, { mine: true, below: words.sending, files: message.names?.map((name) => ({ name })) }));
}

function bubbleOf(text, { mine, below, at, files = [], bot = false }) {
  const time = at ? make("time", { datetime: at }, clock.format(new Date(at))) : "";
  const said = make("div", { class: mine ? "said mine" : "said" }, ...(text ? [make("p", {}, ...(bot ? sourced(text) : linked(text)))] : []));
  for (const file of files) said.append(file.open ? make("button", { class: "file", type: "button", value: file.id }, words.file(file.name, file.size)) : make("span", { class: "file" }, file.name));
  said.append(make("small", {}, ...[below, time].filter(Boolean).flatMap((one, place) => (place ? [" ", one] : [one]))));
  return said;
}

const link = (href, text) => make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, text);

function* linked(text) {
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    yield text.slice(end, found.index);
    yield link(found[0], found[0]);
    end = found.index + found[0].length;
  }
  yield text.slice(end);
}

function* sourced(text) {
  const found = text.match(SOURCE);
  if (!found) return yield* linked(text);
  yield* linked(text.slice(0, found.index) + found[1]);
  yield link(found[3], found[2]);
  yield* linked(text.slice(found.index + found[0].length));
}

const isAtEnd = () => parts.log.scrollHeight - parts.log.scrollTop - parts.log.clientHeight < 80;

function put(key, bubble) {
  const { log } = parts;
  const atEnd = isAtEnd();
  shown.set(key, bubble);
  log.append(bubble);
  if (atEnd || bubble.classList.contains("mine")) showEnd(bubble);
}

// The end of the talk; of what does not fit in sight, its beginning: it is read from there.
function showEnd(bubble) {
  const { log } = parts;
  const above = bubble.getBoundingClientRect().top - log.getBoundingClientRect().top;
  log.scrollTop = bubble.offsetHeight > log.clientHeight ? log.scrollTop + above - 8 : log.scrollHeight;
}

// The words that can be chosen stand beneath the message that offers them, until anything else is said.
function offer(bot) {
  if (bot && bot.under === returned) return;
  returned = null;
  const old = parts.log.querySelector(".said ul");
  const under = bot?.choices?.length ? shown.get(bot.under) : null;
  if (old && old.parentElement === under) return;
  const atEnd = isAtEnd();
  old?.remove();
  if (under) {
    under.dataset.under = bot.under;
    under.append(listOf(bot.choices));
  }
  if (under && atEnd) showEnd(under);
}

// What was said before the first that stands here is fetched once the talk is scrolled up to it.
async function showEarlier() {
  const { log } = parts;
  const first = Math.min(...[...shown.keys()].filter((one) => typeof one === "number"));
  if (log.scrollTop > 60 || !mayHaveMore || fetching || !Number.isFinite(first)) return;
  fetching = true;
  const before = await line.ask("earlier", { before: first }).catch(() => ({}));
  fetching = false;
  mayHaveMore = before.more ?? mayHaveMore;
  if (!before.earlier?.length) return;
  const [height, top, place] = [log.scrollHeight, log.scrollTop, shown.get(first)];
  for (const one of before.earlier) {
    if (shown.has(one.id)) continue;
    shown.set(one.id, bubbleFor(one));
    place.before(shown.get(one.id));
  }
  log.scrollTop = top + log.scrollHeight - height;
}

const bubbleFor = (one) => bubbleOf(one.text, { mine: !one.ours, below: one.bot ? `${one.who} · ${words.byBot}` : one.ours ? one.who : words.you, at: one.at, files: one.files, bot: one.bot });

// The last of their own words that we have read is marked.
function markRead(upto) {
  const mine = [...shown].filter(([key, bubble]) => typeof key === "number" && key <= upto && bubble.classList.contains("mine"));
  const last = mine.reduce((found, one) => (found && found[0] > one[0] ? found : one), null)?.[1];
  if (last === marked) return;
  marked?.querySelector(".read")?.remove();
  marked = last;
  last?.querySelector("small").append(make("span", { class: "read" }, ` ${words.read}`));
}

// While they write we are told so, now and then.
function typing() {
  if (!line.begun || !parts.text.value.trim() || Date.now() - typed < 4000) return;
  typed = Date.now();
  line.ask("typing", {}).catch(() => {});
}

let [mayHaveMore, fetching, typed, marked] = [true, false, 0, null];

function told({ said, writing, waits, bot, judge: mayJudge, read }) {
  const state = writing === "bot" ? words.thinking : writing ? words.writing : waits ?? "";
  if (parts.state.textContent !== state) parts.state.textContent = state;
  const atEnd = isAtEnd();
  parts.judge.hidden = !mayJudge;
  // What opens beneath the talk must not cover what was said last.
  if (atEnd) parts.log.scrollTop = parts.log.scrollHeight;
  parts.carry.hidden = !mayCarry || !line.begun;
  if (bot) parts.person.hidden = !bot.speaks;
  const fresh = said.filter((one) => !shown.has(one.id));
  for (const one of fresh) put(one.id, bubbleFor(one));
  if (bot) offer(bot);
  if (read) markRead(read);
  const ours = fresh.filter((one) => one.ours);
  if (ours.length || (!writing && !line.kept.unsent.length)) awaits("");
  if (ours.length && parts.panel.hidden && begun) {
    count(unread + ours.length);
    parts.heard.textContent = words.came(ours.at(-1).who);
  }
}

let begun = false;

async function begin() {
  const about = line.at && (await line.about().catch(() => null));
  if (!about) {
    console.warn("madoguchi: this chat is not to be had here", line.at);
    return;
  }
  limits = about.files;
  build(about);
  bind();
  line.seen = visible;
  line.onTold = told;
  line.onLine = (well) => {
    if (!well) parts.state.textContent = words.lost;
    else if (parts.state.textContent === words.lost) parts.state.textContent = "";
  };
  // A page of ours to which a link in a mail led: it brings the pass of the talk that began elsewhere.
  const brought = location.origin === here.origin && document.querySelector("[data-chat-pass]")?.dataset.chatPass;
  if (brought) line.keep({ pass: brought, secret: "" });
  if (line.begun) {
    await line.look();
    line.listen();
  }
  begun = true;
  if (brought) turn(true);
  line.kept.unsent.forEach(showUnsent);
  if (line.kept.unsent.length) sendAll();
}

begin();

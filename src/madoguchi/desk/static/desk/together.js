// Colleagues at the open case: the page says that one is here and whether one writes, and shows who else does.
// From the first word typed the answer is held; the server alone decides by whom.
import { underWay } from "../look/compose.js";
import { post } from "../look/http.js";
import { place } from "./parts.js";

const SOON = 100;
const IDLE = 600000;
let at = null;
let typed = 0;
let timer = 0;
let news = 0;
let ends = 0;
let asking = "";
let next = null;
let left = false;
let shown = { url: null, words: "" };

const composer = () => document.getElementById("composer");
const field = () => document.getElementById("reply-text");
const state = () => document.getElementById("reply-lock")?.dataset.state;
const words = () => field()?.value.trim() ?? "";
const writing = () => words() !== "" && !underWay(field().form) && state() !== "theirs" && Date.now() - typed < IDLE;

async function tell(say = writing() ? "yes" : "no") {
  const pane = composer();
  if (!pane?.dataset.hereUrl) return;
  if (asking) {
    next = say;
    return;
  }
  const [url, since] = [pane.dataset.hereUrl, performance.now()];
  clearTimeout(timer);
  asking = say;
  try {
    const answer = await post(url, new URLSearchParams({ writing: say, draft: field()?.form.dataset.draft ?? "" }), { headers: { "HX-Request": "true" } });
    if (answer.ok && !answer.redirected && composer()?.dataset.hereUrl === url) place(await answer.text(), { since });
  } catch (problem) {
    console.warn(problem);
  }
  asking = "";
  const waiting = next;
  next = null;
  if (waiting) tell(waiting);
  else again();
}

function again() {
  const wait = Number(composer()?.dataset.heartbeat) * 1000;
  clearTimeout(timer);
  if (wait) timer = setTimeout(() => tell(), wait);
}

function leave() {
  if (at) post(at, null, { keepalive: true }).catch(console.warn);
  at = null;
}

// Another case in the same page: the one before is left.
function arrive() {
  const gone = composer()?.dataset.goneUrl ?? null;
  if (gone === at) return;
  leave();
  at = gone;
  typed = 0;
  left = false;
  if (at) tell();
}

// What was typed stays in sight; it can be neither changed nor sent while somebody else writes.
function bar() {
  const theirs = state() === "theirs";
  const form = field()?.form;
  if (!form) return;
  field().readOnly = theirs;
  form.querySelectorAll("footer button, .send-check button, .attach input").forEach((one) => (one.disabled = theirs));
  form.querySelectorAll("footer, .addresses, .everybody, .files, .send-check").forEach((one) => (one.inert = theirs));
  if (!theirs) return;
  form.querySelectorAll("footer details").forEach((one) => (one.open = false));
  document.getElementById("templates")?.close();
}

// Promises found in words that no longer stand there go with them.
function unoffer() {
  const strip = document.getElementById("promises-offered");
  if (!strip) return;
  window.htmx?.trigger(strip, "htmx:abort");
  [...strip.children].filter((one) => !one.name?.startsWith("csrf")).forEach((one) => one.remove());
}

// The box was emptied because a colleague has sent what stood there: they are named until one writes anew.
function follow() {
  const now = { url: composer()?.dataset.hereUrl ?? null, words: words() };
  const same = now.url !== null && now.url === shown.url;
  if (same && now.words !== shown.words) unoffer();
  const label = field()?.form.dataset.sentLabel;
  const told = document.getElementById("composer-notice")?.textContent.trim();
  if (same && label && shown.words && !now.words && !told) nameSender(label);
  shown = now;
}

function nameSender(label) {
  const notice = Object.assign(document.createElement("div"), { className: "notice", textContent: label });
  document.getElementById("answer-sent")?.replaceChildren(notice);
}

document.addEventListener("input", ({ target }) => {
  if (!target.closest?.("form.only-reply") || state() === "theirs") return;
  shown.words = words();
  if (words()) document.getElementById("answer-sent")?.replaceChildren();
  typed = Date.now();
  left = false;
  if (words() === "" && state() === "mine") tell("done");
  else if (words() !== "" && state() !== "mine" && asking !== "yes") tell("yes");
});
// Word that one writes may be heard after the answer has left: it holds what nobody writes any more.
function letGo() {
  if (left && state() === "mine" && words() === "") tell("done");
}

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (target.id === "reply-form" && detail.successful) left = true;
});
// What was sent and taken back is being written again.
function takenBack() {
  if (left && state() === "mine" && words() !== "") [typed, left] = [Date.now(), false];
}

document.addEventListener("placed", follow);
document.addEventListener("placed", letGo);
document.addEventListener("placed", takenBack);
document.addEventListener("placed", bar);
document.addEventListener("case-opened", arrive);
document.addEventListener("placed", arrive);
// A visitor of the chat writes: said for as long as they go on.
function customerWrites() {
  const line = document.getElementById("typing-now");
  if (!line) return;
  line.textContent = line.dataset.words;
  clearTimeout(ends);
  ends = setTimeout(() => (document.getElementById("typing-now")?.replaceChildren(), 0), 6000);
}

document.addEventListener("live", ({ detail }) => {
  const open = document.getElementById("case")?.dataset.case;
  if (detail.kind === "chat.typing" && String(detail.case) === open) customerWrites();
  const here = detail.kind === "reload" || (detail.kind === "case.together" && String(detail.case) === open);
  if (!here) return;
  clearTimeout(news);
  news = setTimeout(() => tell(), SOON);
});
window.addEventListener("pagehide", leave);
window.addEventListener("pageshow", (event) => event.persisted && arrive());
bar();
follow();
arrive();

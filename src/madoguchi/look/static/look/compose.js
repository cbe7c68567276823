// form[data-compose]: the words are kept as they are typed, and sent only on purpose. A plain form without JavaScript.
import { ledAway, post } from "./http.js";
import { say, toast } from "./toast.js";
import { composing } from "./text.js";

const PAUSE = 800;
const RETRY = 5000;
const KEEPALIVE_LIMIT = 60000;
const SEND = "[data-send], button.main";
// What somebody writes; what they only choose or what the page knows is no draft by itself.
const WRITTEN = "textarea, input:not([type]), input[type=text], input[type=email]";
const states = new WeakMap();

function stateOf(form) {
  if (!states.has(form)) states.set(form, { saved: null, kept: false, savedAt: 0, failed: false, asked: false, sending: false, timer: 0, request: null, latest: null });
  return states.get(form);
}

const forms = () => [...document.querySelectorAll("form[data-compose]")];
const formOf = (event) => event.target.closest?.("form[data-compose]");

function draftOf(form) {
  const words = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !name.startsWith("csrf"));
  return new URLSearchParams(words).toString();
}

// What the page knows of its case, and what stands beside the form, is sent along and is none of its words.
const KNOWN = ["version", "confirmed", "kept_back"];

function wordsOf(form) {
  const beside = [...form.elements].filter((one) => !form.contains(one)).map((one) => one.name);
  return [...new URLSearchParams(draftOf(form))].filter(([name]) => ![...KNOWN, ...beside].includes(name)).join("\n");
}

const empty = (form) => ![...form.querySelectorAll(WRITTEN)].some((one) => one.value.trim()) && !form.querySelector("[name=attachment]");

// Of words that it was asked to keep the server may have any until it has answered.
export function dirty(form) {
  const state = stateOf(form);
  if (state.sending || state.saved === null) return false;
  const nothing = !state.kept && empty(form);
  return state.asked || (!nothing && state.saved !== wordsOf(form));
}

// Its words are with the server, which has not answered yet.
export const underWay = (form) => stateOf(form).sending;

// Whether words were kept since then (performance.now()): what was asked for before may tell of those that stood there.
export const savedSince = (form, then) => stateOf(form).savedAt > then;

// What the server does not have, and has been asked to keep in vain.
export const refused = (form) => dirty(form) && stateOf(form).failed;

function tell(form, failed, words = form.dataset.failedLabel) {
  const place = form.querySelector("[data-draft-state]");
  if (!place) return;
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  const done = stateOf(form).kept ? form.dataset.savedLabel : form.dataset.emptiedLabel;
  place.textContent = (failed ? words : done ?? "").replace("{time}", time.format());
  place.classList.toggle("bad", failed);
  if (failed) say(words, { now: true });
}

// Done when the server has the words or has refused them; one that another overtakes is done when that one is.
export function save(form, options) {
  const state = stateOf(form);
  const attempt = attemptTo(form, options).then(() => (state.latest === attempt ? undefined : state.latest));
  state.latest = attempt;
  return attempt;
}

async function attemptTo(form, { leaving = false } = {}) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  if (!form.dataset.draftUrl) return;
  if (!dirty(form)) {
    // What could not be kept was taken back.
    if (state.failed) tell(form, false);
    state.failed = false;
    return;
  }
  const [body, words, kept] = [draftOf(form), wordsOf(form), !empty(form)];
  state.request?.abort();
  state.request = new AbortController();
  state.asked = true;
  try {
    const options = leaving ? { keepalive: body.length < KEEPALIVE_LIMIT } : { signal: state.request.signal };
    const answer = await post(form.dataset.draftUrl, new URLSearchParams(body), options);
    state.asked = false;
    const signedOut = answer.redirected;
    const refused = answer.status === 422;
    if (!answer.ok || signedOut) throw Object.assign(new Error(`draft: ${answer.status}`), { signedOut, refused });
    state.saved = words;
    state.kept = kept;
    state.savedAt = performance.now();
    state.failed = false;
    tell(form, false);
    const detail = { html: await answer.text(), stamp: answer.headers.get("X-Draft") };
    form.dispatchEvent(new CustomEvent("draft-saved", { bubbles: true, detail }));
  } catch (problem) {
    if (problem.name === "AbortError") return;
    const why = problem.signedOut ? form.dataset.signedOutLabel : problem.refused ? form.dataset.refusedLabel : undefined;
    if (state.failed !== (why ?? true)) tell(form, true, why);
    state.failed = why ?? true;
    state.timer = setTimeout(() => save(form), RETRY);
  }
}

function later(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), PAUSE);
}

// What stood there when one first came near is what the server knows.
function remember(form) {
  const state = stateOf(form);
  if (state.saved !== null) return;
  state.saved = wordsOf(form);
  state.kept = !empty(form);
}

forms().forEach(remember);
document.addEventListener("focusin", (event) => formOf(event) && remember(formOf(event)));
document.addEventListener("input", (event) => formOf(event) && later(formOf(event)));
document.addEventListener("change", (event) => formOf(event) && later(formOf(event)));
document.addEventListener("focusout", (event) => {
  const form = formOf(event);
  if (form && !form.contains(event.relatedTarget)) save(form);
});
const saveAll = () => forms().forEach((form) => save(form, { leaving: true }));
document.addEventListener("htmx:beforeSwap", saveAll);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saveAll());
window.addEventListener("pagehide", saveAll);
window.addEventListener("beforeunload", (event) => {
  const lost = (form) => dirty(form) && (stateOf(form).failed || !form.dataset.draftUrl || draftOf(form).length >= KEEPALIVE_LIMIT);
  if (forms().some(lost)) event.preventDefault();
});

// Sending: ⌘Enter or Ctrl+Enter in the text. Enter alone in a one-line field moves nothing, and none counts in an IME.
document.addEventListener("keydown", (event) => {
  const form = formOf(event);
  if (!form || event.key !== "Enter") return;
  const inText = event.target.matches("textarea");
  if (composing(event)) return;
  if (inText && (event.metaKey || event.ctrlKey)) {
    event.preventDefault();
    if (event.repeat) return;
    // By the button itself: htmx would send to where the button leads that was pressed before.
    form.querySelector(SEND)?.click();
  } else if (event.target.matches("input:not([type=submit], [type=button])")) {
    event.preventDefault();
  }
});

document.addEventListener("submit", (event) => {
  const form = formOf(event);
  if (!form) return;
  const uploading = form.querySelector("[data-uploading]");
  if (uploading || form.querySelector(".file.bad")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    toast({ text: (uploading ? form.dataset.uploadingLabel : form.dataset.uploadMissingLabel) ?? "" });
    return;
  }
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.request?.abort();
  state.sending = true;
}, true);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = formOf(event);
  const { successful, xhr, requestConfig } = event.detail;
  if (!form || (successful && !ledAway(xhr, requestConfig.path))) return;
  stateOf(form).sending = false;
  later(form);
});
window.addEventListener("online", () => forms().filter(dirty).forEach(later));
window.addEventListener("pageshow", () => forms().forEach((form) => (stateOf(form).sending = false)));

// Puts parts of a page, as the server sends them, into the page that is there: [data-part] by id.
//   replace  the whole element, also when it was being used (it was asked for)
//   words    the whole form, unless there are words in it that the server does not have yet, or that are being sent
//   whole    its content, unless somebody is just using it
//   entries  what is new is added, what changed is exchanged, nothing is ever taken away
//   lines    its lines one by one, none in which somebody is just writing
//   about    what stands beside a case, around the tasks of the same one: those go line by line
//   rows     a list of cases; list.js of this folder decides when it may move
import { dirty, savedSince, underWay } from "../look/compose.js";
import { typing } from "../look/keys.js";
import { placeRow, placeRows } from "./rows.js";
import { stays } from "./tasks.js";

export function parse(html) {
  return Object.assign(document.createElement("template"), { innerHTML: html }).content;
}

// Somebody has a menu or a form open or is writing in there: their work comes first.
function inUse(element) {
  const active = document.activeElement;
  return (element.contains(active) && typing(active)) || element.querySelector("details.menu[open], .acts details[open]") !== null;
}

function replace(old, fresh) {
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
}

// What nobody asked for does not say that the news above it was read: it is an answer to the case as it was.
function asBefore(old, fresh) {
  const [before, now] = [old, fresh].map((one) => one.querySelector("[name=version]"));
  now.value = before.value;
  if ("held" in before.dataset) now.dataset.held = "";
}

function words(old, fresh, { asked, since }) {
  if (!asked && (dirty(old) || underWay(old) || savedSince(old, since))) return;
  if (!asked) asBefore(old, fresh);
  const focused = old.contains(document.activeElement) && document.activeElement.id;
  replace(old, fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function whole(old, fresh, { asked }) {
  if (old.isEqualNode(fresh) || (inUse(old) && !asked)) return;
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("data-key");
  replace(old, fresh);
  if (focused) fresh.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

// What the reader opened stays open, and a frame that is showing something is not loaded again.
function exchange(old, fresh) {
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  [...fresh.querySelectorAll("details")].forEach((one, at) => (one.open = Boolean(open[at])));
  if (!old.isEqualNode(fresh)) replace(old, fresh);
}

// A line in which somebody is writing stays as it is; saved by its writer, it is known there what was saved.
function writing(line) {
  const active = document.activeElement;
  return line.contains(active) && "defaultValue" in active && active.value !== active.defaultValue;
}

// What stands there is what was kept: nothing is lost by showing it anew.
const kept = (id, fresh) => id && fresh.querySelector(`#${CSS.escape(id)}`)?.value === document.activeElement.value;

// A form that was opened in a line stays open, whatever is told meanwhile, until its own words are kept or refused.
const open = (old, fresh) => "editing" in old.dataset && !("editing" in fresh.dataset || "settled" in fresh.dataset);

function line(old, fresh, { asked }) {
  const id = old.contains(document.activeElement) && document.activeElement.id;
  if (open(old, fresh) || stays(old, fresh)) return;
  if ("settled" in fresh.dataset || "editing" in fresh.dataset) {
    replace(old, fresh);
    (document.getElementById(id) ?? fresh.querySelector("input:not([type=hidden]), button, a"))?.focus({ preventScroll: true });
  } else if (writing(old) && !kept(id, fresh) && !fresh.querySelector("[aria-invalid]")) {
    const [mine, theirs] = [old, fresh].map((one) => one.querySelector("[name=seen]"));
    if (mine && theirs && asked && "sent" in old.dataset) mine.value = theirs.value;
    delete old.dataset.sent;
  } else if (!old.isEqualNode(fresh)) {
    replace(old, fresh);
    if (id) backTo(document.getElementById(id));
  }
}

function backTo(field) {
  field?.focus({ preventScroll: true });
  if (field?.matches("input:not([type]), [type=text]")) field.setSelectionRange(field.value.length, field.value.length);
}

// Lines may have changed places; one that moves keeps the keyboard.
function follow(last, line) {
  if (!last || !line || line.previousElementSibling === last) return;
  const active = document.activeElement;
  last.after(line);
  if (line.contains(active)) active.focus({ preventScroll: true });
}

function lines(old, fresh, how) {
  const { asked } = how;
  const there = new Set([...fresh.children].map((one) => one.id));
  [...old.children].filter((one) => !there.has(one.id) && !writing(one) && (asked || !("editing" in one.dataset))).forEach((one) => one.remove());
  let last = null;
  [...fresh.children].forEach((one) => {
    const before = document.getElementById(one.id);
    if (before) line(before, one, how);
    else if (last) last.after(one);
    else old.prepend(one);
    if (!before) window.htmx?.process(one);
    else follow(last, document.getElementById(one.id));
    last = document.getElementById(one.id);
  });
}

// Somebody may be writing in its tasks, and the panel may be open over the conversation.
function about(old, fresh, how) {
  const [mine, theirs] = [old, fresh].map((one) => one.querySelector("#case-tasks"));
  if (old.dataset.case !== fresh.dataset.case) return replace(old, fresh);
  lines(mine, theirs, how);
  mine.hidden = theirs.hidden;
  old.dataset.customer = fresh.dataset.customer;
  const around = [...fresh.childNodes];
  const at = around.indexOf(theirs);
  [...old.childNodes].forEach((one) => one === mine || one.remove());
  mine.before(...around.slice(0, at));
  mine.after(...around.slice(at + 1));
  window.htmx?.process(old);
  return old.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
}

function entries(old, fresh, { asked }) {
  const flow = old.closest(".flow");
  const atEnd = flow.scrollHeight - flow.scrollTop - flow.clientHeight < 60;
  const added = [];
  [...fresh.children].forEach((entry) => {
    const there = document.getElementById(entry.id);
    if (there) return exchange(there, entry);
    old.append(entry);
    window.htmx?.process(entry);
    return added.push(entry);
  });
  if (added.length && (atEnd || asked)) flow.scrollTop = flow.scrollHeight;
  if (added.length) old.dispatchEvent(new CustomEvent("entries-added", { bubbles: true, detail: { added, atEnd } }));
}

// The customer has written, or somebody else has answered: it has an answer's look, and taking it back is not offered
// here.
const moved = (content) =>
  [...content.querySelectorAll("#entries > .msg:not(.note, .us:has(.undo))")].some((one) => !document.getElementById(one.id));

// While one writes, either leaves the composer at the case as it was: the server then says so, once, before an answer
// goes out past it.
function version(head, { news, told }) {
  const field = document.getElementById("case-version");
  if (!field || !head.dataset.version) return;
  const writing = field.form.querySelector("textarea").value.trim() !== "";
  if (news && writing) field.dataset.held = "";
  if (told || !writing) delete field.dataset.held;
  if (!("held" in field.dataset)) field.value = head.dataset.version;
}

// The writer has gone to look at what came meanwhile: the answer is one to the case as it is now.
export function caughtUp() {
  const field = document.getElementById("case-version");
  if (field) version(document.getElementById("case-head"), { news: false, told: true });
}

// `since` is when what nobody waits for was asked for; without it, it tells of now.
export function place(html, { asked = false, told = false, since = Infinity } = {}) {
  const content = typeof html === "string" ? parse(html) : html;
  const news = moved(content);
  [...content.querySelectorAll("a[data-row]:not([data-part] *)")].forEach(placeRow);
  [...content.querySelectorAll("[data-part]:not([data-part] *)")].forEach((fresh) => {
    const old = document.getElementById(fresh.id);
    if (!old) return;
    if (fresh.id === "case-head") version(fresh, { news, told });
    const kind = fresh.dataset.part;
    if (kind === "entries") entries(old, fresh, { asked });
    else if (kind === "lines") lines(old, fresh, { asked });
    else if (kind === "about") about(old, fresh, { asked });
    else if (kind === "rows") placeRows(old, fresh);
    else if (kind === "words") words(old, fresh, { asked, since });
    else if (kind === "replace") replace(old, fresh);
    else whole(old, fresh, { asked });
  });
  document.dispatchEvent(new CustomEvent("placed"));
}

// One registry of keyboard commands. A control says its key with data-key="r"; code may register more.
// Nothing fires while one is typing, converting with an IME, or holding another modifier.
import { open } from "./dialog.js";
import { composing, labelOf } from "./text.js";

const SWITCH = "single-letter-keys";
const TEXT_FIELD = "textarea, select, [contenteditable]:not([contenteditable='false']), input";
const NOT_TEXT = "[type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=file], [type=range]";
const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const CLOSED = "details:not([open])";
const FOLDED = "[popover]:not(:popover-open)";
const registered = [];
let cameFrom = null;

// register({key, label, run, when}) → a function that takes the command away again. `when` may say "not now".
export function register(command) {
  registered.push(command);
  return () => registered.splice(registered.indexOf(command), 1);
}

export const typing = (element) => Boolean(element?.matches?.(TEXT_FIELD) && !element.matches(NOT_TEXT));

export function show(combo) {
  const names = { mod: apple ? "⌘" : "Ctrl", enter: apple ? "⏎" : "Enter", Escape: "Esc" };
  return combo
    .split("+")
    .map((part) => names[part] ?? (combo.includes("+") ? part.toUpperCase() : part))
    .join(apple ? "" : "+");
}

// ⌘ on Apple's keyboards, where Ctrl+K is the text field's own; Ctrl elsewhere.
function nameOf(event) {
  const [mod, other] = apple ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (event.altKey || other) return "";
  if (mod) return `mod+${event.key.toLowerCase()}`;
  return event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key;
}

// The panel that an element is folded away in, where the page is too narrow to show it; a button in sight opens it.
function panelOf(element) {
  const panel = element.closest(FOLDED);
  return panel && !panel.checkVisibility() ? panel : null;
}

const opens = (panel) =>
  [...document.querySelectorAll(`[popovertarget="${CSS.escape(panel.id)}"]`)].some((one) => one.checkVisibility());

// Within closed menus, the outermost of which is in sight, a control is out of sight yet its key works; hidden ones are
// not there. Those that are disabled for now do nothing, and stand in the list behind "?" all the same.
const usable = (element) => !element.disabled && stands(element);

function stands(element) {
  if (element.closest("[hidden], [inert]")) return false;
  const panel = panelOf(element);
  if (panel) return opens(panel);
  let around = null;
  for (let one = element.closest(CLOSED); one; one = one.parentElement.closest(CLOSED)) around = one;
  return element.checkVisibility() || Boolean(around?.checkVisibility());
}

// What opens something within a closed menu opens that as well.
function press(element) {
  if (!element.matches("summary") || element.checkVisibility()) return element.click();
  for (let one = element.parentElement; one; one = one.parentElement.closest("details")) one.open = true;
  return undefined;
}

const elementFor = (key) =>
  [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && usable(one));

export function activate(element) {
  cameFrom = document.activeElement;
  panelOf(element)?.showPopover();
  if (typing(element)) {
    element.focus();
    element.select?.();
  } else {
    press(element);
  }
  const next = element.dataset.thenFocus && document.querySelector(element.dataset.thenFocus);
  next?.focus();
}

function stepBack(event) {
  if (document.querySelector("dialog[open], :popover-open")) return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (typing(event.target)) {
    // A search field would empty itself on Escape: what was typed stays.
    event.preventDefault();
    event.target.blur();
    if (cameFrom?.isConnected && cameFrom !== document.body) cameFrom.focus();
    cameFrom = null;
  } else {
    elementFor("Escape")?.click();
  }
}

function run(event, key) {
  const command = registered.find((one) => one.key === key && (one.when?.() ?? true));
  const element = command ? null : elementFor(key);
  if (!command && !element) return;
  event.preventDefault();
  if (command) command.run(event);
  else activate(element);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || composing(event)) return;
  const key = nameOf(event);
  if (key === "Escape") return stepBack(event);
  const combined = key.startsWith("mod+");
  if (!key || (!combined && (typing(event.target) || localStorage.getItem(SWITCH) === "off"))) return;
  if (document.querySelector("dialog[open]") && !combined) return;
  run(event, key);
});

// The list behind "?": what the page offers now, in its own words.
function offers() {
  const rows = new Map();
  const dialog = document.getElementById("keys-dialog");
  registered
    .filter((one) => one.when?.() ?? true)
    .forEach((one) => (one.rows?.() ?? (one.label ? [[one.key, one.label]] : [])).forEach((row) => rows.set(...row)));
  document.querySelectorAll("[data-key]").forEach((one) => {
    if (!rows.has(one.dataset.key) && stands(one)) rows.set(one.dataset.key, labelOf(one));
  });
  dialog.querySelector("[data-keys-fixed]").content.querySelectorAll("[data-k]").forEach((one) => {
    if (!rows.has(one.dataset.k)) rows.set(one.dataset.k, one.textContent);
  });
  return rows;
}

function fill(dialog) {
  const list = dialog.querySelector("[data-keys-list]");
  list.replaceChildren(
    ...[...offers()].map(([key, label]) => {
      const row = document.createElement("div");
      row.append(Object.assign(document.createElement("dt"), { textContent: label }));
      row.append(document.createElement("dd"));
      row.lastChild.append(Object.assign(document.createElement("kbd"), { textContent: show(key) }));
      return row;
    }),
  );
  dialog.querySelector("[data-keys-switch]").checked = localStorage.getItem(SWITCH) !== "off";
}

function printCombos(root) {
  root.querySelectorAll("kbd[data-combo]").forEach((one) => (one.textContent = show(one.dataset.combo)));
}

const help = document.getElementById("keys-dialog");
if (help) {
  register({ key: "?", label: help.querySelector("h2").textContent, run: () => open(help) });
  help.addEventListener("opened", () => fill(help));
  help.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-switch]")) localStorage.setItem(SWITCH, event.target.checked ? "on" : "off");
  });
}
document.addEventListener("htmx:load", (event) => printCombos(event.target));
document.addEventListener("refreshed", (event) => printCombos(event.target));
printCombos(document);

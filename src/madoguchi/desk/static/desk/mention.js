// "@" in a note offers the colleagues of its desk, and desks whose people are told together:
// textarea[data-colleagues-url], and the listbox it controls.
// A choice is written as the full name, by which the note finds the person. Names can be typed without it.
import { insert } from "../look/insert.js";
import { composing, fold } from "../look/text.js";
import { say } from "../look/toast.js";

const TEXT = "textarea[data-colleagues-url]";
const MOST = 8;
// The @ of a mail address comes after a letter; that of a name does not.
const BEGUN = /(?<![\w.+-])[@＠]([^\s@＠]{0,20})$/u;
const fetched = new Map();
let left = -1;

const listOf = (text) => document.getElementById(text.getAttribute("aria-controls"));
const rows = (list) => [...list.children];
const chosen = (list) => rows(list).findIndex((row) => row.ariaSelected === "true");

function people(text) {
  const url = text.dataset.colleaguesUrl;
  if (!fetched.has(url)) {
    const asked = fetch(url, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)));
    fetched.set(url, asked.then((told) => told.names));
    asked.catch(() => fetched.delete(url));
  }
  return fetched.get(url);
}

// Where the name begins, and what of it is typed; null where no name is being typed.
function begun(text) {
  if (text.selectionStart !== text.selectionEnd) return null;
  const found = BEGUN.exec(text.value.slice(0, text.selectionStart));
  return found && { at: found.index, typed: found[1] };
}

function fits({ name, kana }, typed) {
  const sought = fold(typed);
  return [name, kana].some((one) => [one.replace(/\s+/g, ""), ...one.split(/\s+/)].some((part) => fold(part).startsWith(sought)));
}

function option(person, index, text) {
  const row = document.createElement("div");
  Object.assign(row, { id: `colleague-${index}`, role: "option" });
  row.append(Object.assign(document.createElement("span"), { textContent: person.name }));
  row.append(Object.assign(document.createElement("small"), { textContent: person.beside }));
  // The focus stays in the text.
  row.addEventListener("pointerdown", (event) => event.preventDefault());
  row.addEventListener("click", () => take(text, person.name));
  row.dataset.name = person.name;
  return row;
}

function select(text, list, index) {
  rows(list).forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
  text.setAttribute("aria-activedescendant", list.children[index].id);
  list.children[index].scrollIntoView({ block: "nearest" });
}

function close(text) {
  listOf(text).hidden = true;
  text.removeAttribute("aria-activedescendant");
}

async function offer(text) {
  const place = begun(text);
  if (!place || place.at === left) return close(text);
  const all = await people(text).catch(() => []);
  // The next letter may have come while the names were on their way.
  if (document.activeElement !== text || begun(text)?.typed !== place.typed) return undefined;
  const found = all.filter((person) => fits(person, place.typed)).slice(0, MOST);
  if (!found.length) return close(text);
  const list = listOf(text);
  const before = list.hidden ? 0 : list.children.length;
  list.replaceChildren(...found.map((person, index) => option(person, index, text)));
  list.hidden = false;
  select(text, list, 0);
  if (before !== found.length) say(text.dataset.colleaguesLabel.replace("{count}", found.length));
  return undefined;
}

function take(text, name) {
  const place = begun(text);
  close(text);
  if (!place) return;
  text.setSelectionRange(place.at, text.selectionStart);
  insert(text, `@${name} `);
}

function onKey(event, text) {
  const list = listOf(text);
  if (list.hidden || composing(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const count = list.children.length;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) select(text, list, (chosen(list) + step + count) % count);
  else if (event.key === "Enter" || event.key === "Tab") take(text, list.children[chosen(list)].dataset.name);
  else if (event.key === "Escape") {
    left = begun(text)?.at ?? -1;
    close(text);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

const whenIn = (act) => (event) => event.target.matches?.(TEXT) && act(event, event.target);

document.addEventListener("keydown", whenIn(onKey), true);
document.addEventListener("compositionstart", whenIn((_event, text) => close(text)));
document.addEventListener("compositionend", whenIn((_event, text) => offer(text)));
document.addEventListener("input", whenIn((event, text) => {
  if (begun(text)?.at !== left) left = -1;
  if (!event.isComposing) offer(text);
}));
document.addEventListener("focusout", whenIn((_event, text) => close(text)));
document.addEventListener("pointerup", whenIn((_event, text) => begun(text) ?? close(text)));

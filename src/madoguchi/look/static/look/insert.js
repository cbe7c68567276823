// Words into the text being written, at the caret and undoable: quotations and templates.
//   button[data-quote="selector of what may be quoted"]   button[data-insert="text"]   button[data-insert-url="/text/plain"]

import { toast } from "./toast.js";

const TEXTS = "form[data-compose] textarea";
let last = null;

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(TEXTS)) last = event.target;
});

// Where one may only read, nothing is put.
function target(button) {
  const near = button.closest("form[data-compose]")?.querySelector("textarea");
  const found = near ?? (last?.isConnected ? last : document.querySelector(TEXTS));
  return found?.readOnly ? null : found;
}

export function insert(textarea, text) {
  const start = textarea.selectionStart;
  textarea.focus();
  // setRangeText would empty the undo history; insertText keeps ⌘Z working.
  if (!document.execCommand("insertText", false, text)) {
    textarea.setRangeText(text, textarea.selectionStart, textarea.selectionEnd, "end");
    textarea.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  const slot = /\{\{.*?\}\}/.exec(text);
  if (slot) textarea.setSelectionRange(start + slot.index, start + slot.index + slot[0].length);
}

export function quoted(text) {
  return text.trim().split(/\r?\n/).map((line) => `> ${line}`.trimEnd()).join("\n");
}

// What is selected inside one of the sources, or else the whole of the last one: of a message, all that is new in it.
function words(sources) {
  const selection = getSelection();
  const within = sources.some((one) => selection.rangeCount && selection.containsNode(one, true));
  if (within && selection.toString().trim()) return selection.toString();
  const message = sources.at(-1)?.closest(".msg");
  const together = message ? sources.filter((one) => message.contains(one)) : sources.slice(-1);
  return together.map((one) => one.innerText).join("\n\n");
}

function quote(button) {
  const textarea = target(button);
  const text = words([...document.querySelectorAll(button.dataset.quote)]);
  if (!textarea || !text.trim()) return;
  insert(textarea, apart(textarea, quoted(text), { on: true }));
}

// Text that stands by itself has one blank line before and behind it, whatever stands there already; with `on`, one
// writes on below it.
function apart(textarea, text, { on = false } = {}) {
  const [before, behind] = [textarea.value.slice(0, textarea.selectionStart), textarea.value.slice(textarea.selectionEnd)];
  const missing = (breaks) => "\n".repeat(Math.max(0, 2 - breaks));
  const above = before.trim() ? missing(/\n*$/.exec(before)[0].length) : "";
  const below = behind.trim() || on ? missing(/^\n*/.exec(behind)[0].length) : "";
  return `${above}${text}${below}`;
}

// The words at an address. Where there are none, the server says in plain text why: that is told, not inserted.
async function fetched(url) {
  const answer = await fetch(url);
  const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
  if (answer.ok) return answer.text();
  if (plain) toast({ text: await answer.text(), bad: true });
  return "";
}

async function place(button) {
  const textarea = target(button);
  const url = button.dataset.insertUrl;
  const text = url ? await fetched(url) : button.dataset.insert;
  button.closest("dialog")?.close();
  const menu = button.closest("details.menu");
  if (menu) menu.open = false;
  if (!textarea || !text) return;
  // A phrase goes into the line; what has several lines is a letter.
  const whole = text.replace(/\r\n/g, "\n").replace(/^\n+|\s+$/g, "");
  insert(textarea, whole.includes("\n") ? apart(textarea, whole) : text);
}

// A press must not take the selection away before the click reads it.
document.addEventListener("pointerdown", (event) => event.target.closest?.("[data-quote]") && event.preventDefault());
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-quote], [data-insert], [data-insert-url]");
  if (!button) return;
  event.preventDefault();
  if (button.dataset.quote) quote(button);
  else place(button);
});

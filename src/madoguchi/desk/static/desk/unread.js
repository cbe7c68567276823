// What an answer was stopped for has to be read: for a moment after it has come, a key that was held or pressed twice in
// haste, or the second half of a double click, sends nothing. Whoever then sends again means it.
import { say } from "../look/toast.js";

const READING = 1500;
const timers = new WeakMap();
const sends = (submitter) => submitter?.matches("[data-send], [data-check-send], .sends button:not([formaction])");

export function stopped(form, words) {
  if (!form?.matches("[data-compose]")) return;
  clearTimeout(timers.get(form));
  form.dataset.unread = words;
  timers.set(form, setTimeout(() => delete form.dataset.unread, READING));
}

// Before anything else hears of it: to them nothing was sent.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("unread" in form.dataset) || !sends(event.submitter)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say(form.dataset.unread, { now: true });
}, true);
window.addEventListener("click", (event) => {
  const button = event.target.closest?.("form[data-compose] button[type=submit]");
  if (!button || !sends(button) || event.detail < 2) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
// Enter says yes to what is asked; Ctrl+Enter and a key that is held were meant for the words.
window.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-check-send]")) return;
  if (event.repeat || event.ctrlKey || event.metaKey) event.preventDefault();
}, true);

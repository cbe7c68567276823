// input[data-filter="#list"] shows only the children of that list that hold its words; [data-none-left="#list"] says that
// there are none. What is not to be seen of a child but finds it as well, such as the reading of a name, stands in its
// data-reading. In a dialog it is empty each time that opens. With [data-first] the first that is left is chosen from
// the beginning, and Enter takes it without a word.
import { composing, matches } from "./text.js";

function narrow(input) {
  const list = document.querySelector(input.dataset.filter);
  [...(list?.children ?? [])].forEach((one) => (one.hidden = !matches(`${one.textContent} ${one.dataset.reading ?? ""}`, input.value)));
  const none = document.querySelector(`[data-none-left="${CSS.escape(input.dataset.filter)}"]`);
  if (none) none.hidden = !input.value.trim() || choices(input).length > 0;
  const [first] = "first" in input.dataset ? choices(input) : [];
  [...(list?.children ?? [])].forEach((one) => one.toggleAttribute("data-chosen", one === first));
}

const choices = (input) => [...document.querySelectorAll(`${input.dataset.filter} > button`)].filter((one) => !one.hidden);

// From the keyboard: Enter takes the first that is left, the arrows walk through them.
function choose(event) {
  const input = event.target;
  const [first] = choices(input);
  if (!first || !["Enter", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "ArrowDown") first.focus();
  else if (input.value.trim() || "first" in input.dataset) first.click();
}

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = step && event.target.matches?.("button") && event.target.parentElement;
  const input = list && list.id && document.querySelector(`[data-filter="#${CSS.escape(list.id)}"]`);
  if (!input) return;
  event.preventDefault();
  const all = choices(input);
  (all[all.indexOf(event.target) + step] ?? (step < 0 ? input : event.target)).focus();
}

document.addEventListener("keydown", (event) => {
  if (composing(event)) return;
  if (event.target.matches?.("[data-filter]")) choose(event);
  else walk(event);
});
document.addEventListener("opened", ({ target }) => {
  target.querySelectorAll("[data-filter]").forEach((input) => {
    input.value = "";
    narrow(input);
  });
});
document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-filter]")) narrow(event.target);
});

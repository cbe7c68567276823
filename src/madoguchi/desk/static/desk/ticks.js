// x ticks the row one stands on, Shift+x all from the last one to here; a bar says how many, and leads on with them.
// Who has ticked the last one already means those between it and the one before.
import { register } from "../look/keys.js";

const ticked = new Set();
let [last, before] = [null, null];

const bar = () => document.getElementById("ticks");
const rows = () => [...document.querySelectorAll("#rows a[data-row]")];
const here = () => document.activeElement?.closest?.("#rows a[data-row]") ?? document.querySelector("#rows a[aria-current]");

function show() {
  rows().forEach((row) => row.toggleAttribute("data-ticked", ticked.has(row.dataset.case)));
  bar().hidden = ticked.size === 0;
  const words = bar().querySelector("[data-words]");
  words.textContent = words.dataset.words.replace("{n}", ticked.size);
  bar().querySelector("[data-cases]").replaceChildren(
    ...[...ticked].map((id) => Object.assign(document.createElement("input"), { type: "hidden", name: "case", value: id })),
  );
}

function tick(row, { through = false } = {}) {
  if (!row) return;
  const all = rows();
  const begin = last === row.dataset.case ? before : last;
  const from = through && begin ? all.findIndex((one) => one.dataset.case === begin) : -1;
  const to = all.indexOf(row);
  if (from >= 0) all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => ticked.add(one.dataset.case));
  else if (!ticked.delete(row.dataset.case)) ticked.add(row.dataset.case);
  if (last !== row.dataset.case) [last, before] = [row.dataset.case, last];
  show();
}

if (bar()) {
  const when = () => rows().length > 0;
  register({ key: "x", label: bar().dataset.labelTick, when, run: () => tick(here()) });
  register({ key: "X", label: bar().dataset.labelThrough, when, run: () => tick(here(), { through: true }) });
  document.addEventListener("placed", show);
  document.addEventListener("htmx:afterSettle", show);
  bar().addEventListener("click", (event) => {
    if (!event.target.closest("[data-untick]")) return;
    ticked.clear();
    show();
  });
}

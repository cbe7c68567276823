// ⌘K / Ctrl+K: every act and place of the page, then what the server finds. Arrow keys and Enter, IME safe.
import { open } from "./dialog.js";
import { activate, register, show } from "./keys.js";
import { composing, labelOf, matches } from "./text.js";

const PAUSE = 150;
const dialog = document.getElementById("palette");
let commands = [];
let asking = null;
let timer = 0;

function collect() {
  const seen = new Set();
  const rail = document.querySelector("nav.rail");
  const acts = [...document.querySelectorAll("[data-command]")];
  const own = (element) => Boolean(element.closest(".me"));
  // First what belongs to the matter, then places, then one's own settings.
  return [...acts.filter((one) => !own(one)), ...document.querySelectorAll(".rail a"), ...acts.filter(own)]
    .filter((element) => !element.disabled && !element.closest("[hidden], [inert], dialog"))
    .map((element) => ({
      label: labelOf(element),
      detail: element.dataset.key ? show(element.dataset.key) : rail?.contains(element) ? rail.ariaLabel : "",
      run: () => activate(element),
    }))
    .filter(({ label }) => label && !seen.has(label) && seen.add(label));
}

function option(item, index) {
  const row = document.createElement("div");
  row.id = `palette-${index}`;
  row.role = "option";
  row.append(Object.assign(document.createElement("span"), { textContent: item.label }));
  if (item.detail) row.append(Object.assign(document.createElement("small"), { textContent: item.detail }));
  row.addEventListener("click", () => choose(item));
  return row;
}

function draw(items, { keep = false } = {}) {
  const [input, list] = [dialog.querySelector("input"), dialog.querySelector("[role=listbox]")];
  const at = keep ? Math.max(0, [...list.children].findIndex((row) => row.ariaSelected === "true")) : 0;
  list.replaceChildren(...items.map(option));
  dialog.querySelector(".none").hidden = items.length > 0;
  select(input, list, at);
}

function select(input, list, index) {
  [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
  const row = list.children[index];
  input.setAttribute("aria-activedescendant", row?.id ?? "");
  row?.scrollIntoView({ block: "nearest" });
}

function choose(item) {
  dialog.close();
  item.run();
}

async function ask(query, local) {
  if (!dialog.dataset.searchUrl || !query.trim()) return;
  asking = new AbortController();
  const url = new URL(dialog.dataset.searchUrl, location.href);
  url.searchParams.set("q", query);
  try {
    const answer = await fetch(url, { signal: asking.signal, headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { results } = await answer.json();
    draw([...local, ...results.map((one) => ({ ...one, run: () => location.assign(one.url) }))], { keep: true });
  } catch (problem) {
    // Offline or overtaken by the next letter: the page's own commands are still there.
    if (problem.name !== "AbortError") console.warn(problem);
  }
}

function search() {
  // At once, not only when the next is asked: what is found for words that stand there no more would be chosen by Enter.
  asking?.abort();
  const query = dialog.querySelector("input").value;
  const local = commands.filter(({ label }) => matches(label, query));
  draw(local);
  clearTimeout(timer);
  timer = setTimeout(() => ask(query, local), PAUSE);
}

function onKey(event) {
  if (composing(event)) return;
  const list = dialog.querySelector("[role=listbox]");
  const count = list.children.length;
  const at = [...list.children].findIndex((row) => row.ariaSelected === "true");
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + count, Home: 0, End: count - 1 }[event.key];
  if (to !== undefined && count && !(event.key === "Home" || event.key === "End" ? event.shiftKey : false)) {
    event.preventDefault();
    select(event.target, list, to % count);
  } else if (event.key === "Enter") {
    event.preventDefault();
    list.children[at]?.click();
  }
}

if (dialog) {
  register({
    key: "mod+k",
    label: dialog.ariaLabel,
    run: () => {
      if (dialog.open) return dialog.close();
      commands = collect();
      open(dialog);
      dialog.querySelector("input").select();
      return search();
    },
  });
  dialog.querySelector("input").addEventListener("input", (event) => event.isComposing || search());
  dialog.querySelector("input").addEventListener("compositionend", search);
  dialog.querySelector("input").addEventListener("keydown", onKey);
}

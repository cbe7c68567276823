// The field in which products of an order are looked for (input[data-products-url]) offers them while one types.
// Without a choice Enter marks the first of several; else it goes to the server as it does without this. A choice is put
// down at once.
import { composing } from "../look/text.js";
import { say } from "../look/toast.js";

const PAUSE = 150;
const input = document.querySelector("input[data-products-url]");
const list = input && document.getElementById(input.getAttribute("aria-controls"));
let timer = 0;
let asking = null;

const chosen = () => [...list.children].findIndex((row) => row.ariaSelected === "true");

// A whole code means that one, whatever else begins like it.
const exact = () => [...list.children].some((row) => row.querySelector("small").textContent.toLowerCase() === input.value.trim().toLowerCase());

function close() {
  clearTimeout(timer);
  asking?.abort();
  list.hidden = true;
  input.ariaExpanded = "false";
  input.removeAttribute("aria-activedescendant");
}

function option(product, index) {
  const row = document.createElement("div");
  Object.assign(row, { id: `product-${index}`, role: "option", ariaSelected: "false" });
  row.dataset.product = product.id;
  const parts = [["span", product.name], ["small", product.code], ["span", product.price], ["small", product.stock]];
  row.append(...parts.map(([tag, words]) => Object.assign(document.createElement(tag), { textContent: words })));
  // The focus stays in the field.
  row.addEventListener("pointerdown", (event) => event.preventDefault());
  row.addEventListener("click", () => put(row));
  return row;
}

function put(row) {
  const add = Object.assign(document.createElement("input"), { type: "hidden", name: "add", value: row.dataset.product });
  close();
  input.form.append(add);
  input.form.requestSubmit();
}

function select(index) {
  [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
  input.setAttribute("aria-activedescendant", list.children[index].id);
  list.children[index].scrollIntoView({ block: "nearest" });
}

async function offer() {
  const sought = input.value.trim();
  if (!sought) return close();
  asking?.abort();
  asking = new AbortController();
  const url = `${input.dataset.productsUrl}?${new URLSearchParams({ q: sought })}`;
  const told = await fetch(url, { headers: { Accept: "application/json" }, signal: asking.signal })
    .then((answer) => (answer.ok ? answer.json() : { products: [] }))
    .catch(() => null);
  // The next letter may have come meanwhile, or the focus gone on.
  if (!told || document.activeElement !== input || input.value.trim() !== sought) return undefined;
  if (!told.products.length) return close();
  list.replaceChildren(...told.products.map(option));
  list.hidden = false;
  input.ariaExpanded = "true";
  input.removeAttribute("aria-activedescendant");
  say(told.words);
  return undefined;
}

function onKey(event) {
  if (list.hidden || composing(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const count = list.children.length;
  const at = chosen();
  if (event.key === "ArrowDown") select((at + 1) % count);
  else if (event.key === "ArrowUp") select((at < 1 ? count : at) - 1);
  else if (event.key === "Enter" && at >= 0) put(list.children[at]);
  else if (event.key === "Enter" && count > 1 && !exact()) select(0);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(offer, PAUSE);
}

if (input) {
  input.addEventListener("keydown", onKey, true);
  input.addEventListener("compositionstart", close);
  input.addEventListener("compositionend", soon);
  input.addEventListener("input", (event) => event.isComposing || soon());
  input.addEventListener("focusout", close);
}

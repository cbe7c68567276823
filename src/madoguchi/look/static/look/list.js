// j and k walk a list of links ([data-list] with a[data-row]); Enter opens, as on any link.
import { register } from "./keys.js";

const lists = () => [...document.querySelectorAll("[data-list]")].find((one) => one.checkVisibility());

function walk(step) {
  const rows = [...lists().querySelectorAll("a[data-row]")].filter((row) => row.checkVisibility());
  const focused = rows.indexOf(document.activeElement.closest?.("a[data-row]"));
  const at = focused >= 0 ? focused : rows.findIndex((row) => row.hasAttribute("aria-current"));
  const to = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[to]?.focus({ preventScroll: true });
  rows[to]?.scrollIntoView({ block: "nearest" });
}

function label(name) {
  return lists()?.dataset[name] ?? "";
}

const when = () => Boolean(lists());
register({ key: "j", get label() { return label("labelNext"); }, when, run: () => walk(1) });
register({ key: "k", get label() { return label("labelPrevious"); }, when, run: () => walk(-1) });

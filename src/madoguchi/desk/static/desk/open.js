// A case opens beside its list; the list stays as it is. Back and forward walk the cases that were open.
import { toast } from "../look/toast.js";
import { place } from "./parts.js";

const main = document.getElementById("main");
let opening = null;

const paneOf = () => document.getElementById("case");
const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

function mark(id) {
  document.querySelectorAll("#rows a[aria-current]").forEach((row) => row.removeAttribute("aria-current"));
  const row = document.getElementById(`case-${id}`);
  row?.setAttribute("aria-current", "true");
  row?.classList.remove("unread");
  row?.querySelector(".unseen")?.remove();
}

function settle(url, byKey) {
  const pane = paneOf();
  main.dataset.screen = pane.dataset.case ? "case" : "list";
  main.classList.toggle("no-about", !pane.dataset.case);
  mark(pane.dataset.case);
  if (pane.dataset.title) document.title = pane.dataset.title;
  const flow = pane.querySelector(".flow");
  if (flow) flow.scrollTop = flow.scrollHeight;
  document.dispatchEvent(new CustomEvent("case-opened", { detail: { url, byKey } }));
}

// htmx:beforeSwap lets compose.js save what is being written before it goes.
export async function open(url, { push = true, byKey = false } = {}) {
  opening?.abort();
  opening = new AbortController();
  paneOf().setAttribute("aria-busy", "true");
  try {
    const options = { headers: { "HX-Request": "true" }, credentials: "same-origin", signal: opening.signal };
    const answer = await fetch(url, options);
    if (!answer.ok || answer.redirected) return location.assign(url);
    const html = await answer.text();
    document.dispatchEvent(new CustomEvent("htmx:beforeSwap"));
    if (push) history.pushState({ desk: true }, "", url);
    place(html, { asked: true });
    return settle(url, byKey);
  } catch (problem) {
    if (problem.name === "AbortError") return undefined;
    paneOf().removeAttribute("aria-busy");
    return toast({ text: main.dataset.lost, bad: true });
  }
}

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("#rows a[data-row]");
  if (!row || !plain(event) || !paneOf()) return;
  event.preventDefault();
  open(row.href, { byKey: event.detail === 0 });
});

// On a narrow screen the way back shows the list again, where it was left.
document.addEventListener("click", (event) => {
  const back = event.target.closest?.(".back-to-list");
  if (!back || !plain(event) || !document.querySelector("#rows a[data-row]")) return;
  event.preventDefault();
  main.dataset.screen = "list";
  (document.querySelector("#rows a[aria-current]") ?? document.querySelector("#rows a[data-row]"))?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "o" && event.target.matches?.("#rows a[data-row]") && !event.metaKey && !event.ctrlKey) event.target.click();
});

const isCase = () => /\/cases\/[^/]+\/$/.test(location.pathname);
window.addEventListener("popstate", () => {
  if (isCase()) open(location.href, { push: false });
  else location.reload();
});

const flow = document.querySelector(".flow");
if (flow) flow.scrollTop = flow.scrollHeight;
document.querySelector("#rows a[aria-current]")?.scrollIntoView({ block: "nearest" });

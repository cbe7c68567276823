// Acts of the open case are sent by htmx and answered with fresh parts; what goes wrong is said where it happened.
import { toast } from "../look/toast.js";
import { ledAway } from "../look/http.js";
import { ask } from "./check.js";
import { missing } from "./missing.js";
import { place, parse } from "./parts.js";
import { stopped } from "./unread.js";

const main = document.getElementById("main");
// Where the form was exchanged for a fresh one, htmx says a second time that it is done.
const done = new WeakSet();

// A page of an error is as long as a page: its heading and what it says below are enough.
function words(html) {
  const page = parse(html);
  const said = page.querySelector("main")?.querySelectorAll("h1, p:not(.code)");
  return (said?.length ? [...said].map((one) => one.textContent) : [page.textContent]).join(" ").trim().replace(/\s+/g, " ");
}

// Sent answers leave a fresh composer: the caret goes back to where the next words would be typed.
function afterwards(form) {
  if (form.matches("[data-compose], [action*='/pending/']")) document.querySelector("#rows a[aria-current]")?.focus({ preventScroll: true });
  const menu = form.closest?.("details.menu");
  if (menu) menu.open = false;
}

// What is taken back has its words in the composer again: the caret goes behind them.
function backToWords(path) {
  const text = /\/(take-back|take-up|restore)\//.test(path) && document.getElementById("reply-text");
  if (!text?.value) return;
  text.focus({ preventScroll: true });
  text.setSelectionRange(text.value.length, text.value.length);
}

// What a page asks for by itself, while one types or after it was loaded, is no act: a menu that is open by then stays,
// and with it the key that is just being pressed.
const ACTS = ["submit", "click", "change"];

document.addEventListener("htmx:beforeRequest", ({ target, detail }) => {
  if (target.matches?.(".case-form .line")) target.dataset.sent = "";
  if (!ACTS.includes(detail.requestConfig?.triggeringEvent?.type)) return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
});

// A form beside the case that was refused comes back with what was typed and, at its field, why: it is shown in its place.
const BESIDE = "#raised, #promises";
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail?.xhr?.status === 422 && detail.target.matches(BESIDE)) Object.assign(detail, { shouldSwap: true, isError: false });
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { xhr, elt, requestConfig } = detail;
  if (!requestConfig || requestConfig.verb !== "post" || done.has(xhr)) return;
  done.add(xhr);
  if (xhr.status === 0) return toast({ text: main.dataset.lost, bad: true });
  if (ledAway(xhr, requestConfig.path)) return toast({ text: main.dataset.signedOut, bad: true });
  const parts = xhr.responseText.includes("data-part=");
  if (parts) place(xhr.responseText, { asked: true, told: xhr.status === 409 });
  ask();
  missing({ refused: xhr.status === 422 && xhr.responseText.includes('name="then"'), sent: elt });
  if (detail.successful) {
    afterwards(elt);
    return backToWords(requestConfig.path);
  }
  if (xhr.status === 409) stopped(elt.closest("form"), document.getElementById("composer-notice")?.textContent.trim());
  if (!parts) toast({ text: words(xhr.responseText), bad: true });
  return undefined;
});

// To whom it goes is told whether the fields are in sight or folded away.
document.addEventListener("input", ({ target }) => {
  const shown = target.id && document.querySelector(`[data-shows="#${CSS.escape(target.id)}"]`);
  if (shown) shown.textContent = target.value.trim();
});

// The box that answers everybody writes them into Cc, where single ones can be taken out again; then it is empty.
const listed = (line) => line.split(/[,;、，]/).map((one) => one.trim()).filter(Boolean);
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-all]")) return;
  const [field, others] = [document.querySelector(target.dataset.all), listed(target.value)];
  const rest = listed(field.value).filter((one) => !others.includes(one));
  field.value = (target.checked ? [...rest, ...others] : rest).join(", ");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("input", ({ target }) => {
  const box = target.id && document.querySelector(`[data-all="#${CSS.escape(target.id)}"]`);
  if (box) box.checked = listed(box.value).every((one) => listed(target.value).includes(one));
});

// What stands out in an answer is told when its draft has been saved; and what a colleague writes, who was faster.
document.addEventListener("draft-saved", ({ target, detail }) => {
  if (detail.stamp) target.dataset.draft = detail.stamp;
  if (detail.html) place(detail.html);
  else target.querySelector("#reply-notices")?.replaceChildren();
});

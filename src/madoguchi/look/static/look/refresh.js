// [data-live-refresh="message.received case.*" data-url="…"] draws itself anew when such an event comes.
// data-live-pace="1000" does so that often at most, data-live-every="30000" also without any event.
// data-live-where="case=123" narrows it to events whose detail says so. Direct children that carry an id are kept
// when nothing in them changed: scroll, focus and selection stay where they are.
import { say } from "./toast.js";
import { typing } from "./keys.js";

const TOGETHER = 120;
const TRY_AGAIN = 400;
const timers = new WeakMap();
const paces = new WeakMap();
const said = new WeakMap();

export function wants(element, detail) {
  const kinds = element.dataset.liveRefresh.split(/\s+/);
  const fits = kinds.some((kind) => (kind.endsWith("*") ? detail.kind.startsWith(kind.slice(0, -1)) : kind === detail.kind));
  const where = (element.dataset.liveWhere ?? "").split(/\s+/).filter(Boolean);
  return fits && where.every((pair) => String(detail[pair.split("=")[0]]) === pair.slice(pair.indexOf("=") + 1));
}

// Somebody is writing or selecting in there: their work comes first.
function busy(element) {
  const selection = getSelection();
  const selecting = !selection.isCollapsed && element.contains(selection.anchorNode);
  return selecting || (typing(document.activeElement) && element.contains(document.activeElement));
}

export function patch(element, fresh) {
  const kept = new Map([...element.children].filter((one) => one.id).map((one) => [one.id, one]));
  const next = [...fresh.childNodes].map((node) => {
    const old = node.id && kept.get(node.id);
    return old && old.isEqualNode(node) ? old : node;
  });
  const staying = new Set(next);
  [...element.childNodes].forEach((node) => staying.has(node) || node.remove());
  next.forEach((node, at) => {
    if (element.childNodes[at] !== node) element.insertBefore(node, element.childNodes[at] ?? null);
  });
}

function focusMark(element) {
  const active = document.activeElement;
  if (!element.contains(active) || active === element) return null;
  return active.id ? `#${CSS.escape(active.id)}` : active.getAttribute("href") && `[href="${CSS.escape(active.getAttribute("href"))}"]`;
}

export async function refresh(element) {
  if (!element.isConnected) return;
  if (busy(element)) return soon(element, TRY_AGAIN);
  const answer = await fetch(element.dataset.url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const fresh = Object.assign(document.createElement("template"), { innerHTML: await answer.text() }).content;
  const [mark, scroller] = [focusMark(element), element.closest(".list, .flow, .about, .page") ?? element];
  const top = scroller.scrollTop;
  const atEnd = element.hasAttribute("data-follow-end") && scroller.scrollHeight - top - scroller.clientHeight < 40;
  patch(element, fresh);
  scroller.scrollTop = atEnd ? scroller.scrollHeight : top;
  if (mark && !element.contains(document.activeElement)) element.querySelector(mark)?.focus({ preventScroll: true });
  window.htmx?.process(element);
  element.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
  announce(element);
}

// data-announce-of names an element whose words are said once its data-numbers are others, data-announce-every that often
// at most: what changes all the time floods nobody.
function announce(element) {
  if (element.dataset.announce) say(element.dataset.announce);
  const told = element.dataset.announceOf && document.getElementById(element.dataset.announceOf);
  const before = said.get(element) ?? { at: 0, numbers: null };
  if (!told || before.numbers === told.dataset.numbers || Date.now() - before.at < Number(element.dataset.announceEvery)) return;
  said.set(element, { at: Date.now(), numbers: told.dataset.numbers });
  say(told.textContent.trim());
}

function soon(element, wait = TOGETHER) {
  clearTimeout(timers.get(element));
  timers.set(element, setTimeout(() => refresh(element).catch(console.warn), wait));
}

// What changes all the time is drawn at a pace, counted from when the last drawing began: the first news after a quiet while
// is drawn at once, and what comes while a drawing is on its way is in the next one.
function paced(element, pace) {
  const at = paces.get(element) ?? { begun: 0, timer: 0, drawing: false, missed: false };
  paces.set(element, at);
  if (at.drawing) at.missed = true;
  if (at.timer || at.drawing) return;
  at.timer = setTimeout(() => draw(element, at, pace), Math.max(TOGETHER, at.begun + pace - Date.now()));
}

async function draw(element, at, pace) {
  Object.assign(at, { begun: Date.now(), timer: 0, drawing: true, missed: false });
  await refresh(element).catch(console.warn);
  at.drawing = false;
  if (at.missed && element.isConnected) paced(element, pace);
}

document.addEventListener("live", ({ detail }) => {
  document.querySelectorAll("[data-live-refresh]").forEach((element) => {
    if (!wants(element, detail)) return;
    element.dataset.livePace ? paced(element, Number(element.dataset.livePace)) : soon(element);
  });
});

// Ages grow without any news.
document.querySelectorAll("[data-live-every]").forEach((element) => {
  setInterval(() => document.hidden || paced(element, 0), Number(element.dataset.liveEvery));
});

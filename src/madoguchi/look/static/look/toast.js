// Says what happened: to the eye at the edge of the page, to the ear through a live region; with a way back.
import { csrfToken } from "./http.js";

const PLAIN_SECONDS = 6;

export function say(text, { now = false } = {}) {
  const region = document.getElementById(now ? "say-now" : "say");
  if (!region) return;
  region.textContent = "";
  // A region that gets the same words twice stays silent unless it was empty in between.
  requestAnimationFrame(() => (region.textContent = text));
}

export function toast({ text, undo = "", seconds = 0, bad = false, of = "" }) {
  const pattern = document.getElementById("toast");
  const place = document.getElementById("toasts");
  if (!pattern || !place) return null;
  const element = pattern.content.firstElementChild.cloneNode(true);
  element.querySelector("p").textContent = text;
  element.classList.toggle("bad", bad);
  if (undo) offerUndo(element.querySelector("form"), undo);
  else element.querySelector("form").remove();
  element.dataset.seconds = seconds || "";
  element.dataset.of = of;
  // What was said of an earlier act would be read as this one's. An error of another form, and an undo that runs, stay.
  const isOver = (old) => (old.classList.contains("bad") ? of && old.dataset.of === of : !old.dataset.seconds);
  [...place.querySelectorAll(".toast")].filter(isOver).forEach((old) => old.remove());
  place.append(element);
  say(text, { now: bad });
  countDown(element);
  return element;
}

function offerUndo(form, url) {
  const token = document.createElement("input");
  Object.assign(token, { type: "hidden", name: "csrfmiddlewaretoken", value: csrfToken() });
  form.append(token);
  form.action = url;
  form.hidden = false;
}

// An error stays until it is closed. An undo runs out with the server's clock, whatever the pointer does;
// everything else waits while it is pointed at or has the focus.
function countDown(element) {
  const undo = element.querySelector("form");
  const given = Number(element.dataset.seconds);
  if (!given && (undo || element.classList.contains("bad"))) return;
  let left = given || PLAIN_SECONDS;
  const show = () => undo && (undo.querySelector(".left").textContent = left);
  show();
  const timer = setInterval(() => {
    if (!element.isConnected) return clearInterval(timer);
    if (!undo && element.matches(":hover, :focus-within")) return undefined;
    left -= 1;
    show();
    if (left > 0) return undefined;
    clearInterval(timer);
    return element.remove();
  }, 1000);
}

document.addEventListener("toast", (event) => {
  toast({ ...event.detail, of: event.target.closest?.("form")?.getAttribute("action") ?? "" });
});
document.addEventListener("click", (event) => {
  event.target.closest?.("[data-toast-close]")?.closest(".toast")?.remove();
});
document.querySelectorAll("#toasts > .toast").forEach(countDown);

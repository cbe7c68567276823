// What happens elsewhere shows here: the open case at once, the list and its counts at most every few seconds.
import { say } from "../look/toast.js";
import { caughtUp, place } from "./parts.js";

const SOON = 150;
const LIST_PAUSE = 3000;
const timers = { case: 0, list: 0 };
let listed = 0;
// What the open case had to tell while nobody had it before their eyes is told again to who comes back: it is read then.
let unseen = false;
let fetched = Promise.resolve();

async function fetchParts(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (answer.ok && !answer.redirected) place(await answer.text());
}

export function refreshCase() {
  const pane = document.getElementById("case");
  if (!pane?.dataset.url) return;
  const [id, since] = [pane.dataset.case, performance.now()];
  const url = new URL(pane.dataset.url, location.href);
  url.search = location.search;
  url.searchParams.set("part", "live");
  if (document.hidden) unseen = true;
  else url.searchParams.set("looking", "yes");
  const then = document.querySelector("#case-form [name=then]")?.value;
  if (then) url.searchParams.set("then", then);
  fetched = fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" })
    .then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""))
    .then((html) => html && document.getElementById("case")?.dataset.case === id && place(html, { since }))
    .catch(console.warn);
}

export function refreshList() {
  const rows = document.getElementById("rows");
  if (!rows || document.hidden) return;
  listed = Date.now();
  const url = new URL(rows.dataset.url, location.href);
  url.searchParams.set("shown", rows.querySelectorAll("a[data-row]").length);
  // The open case is read before the list says what is not.
  fetched.then(() => fetchParts(url)).catch(console.warn);
}

function later(what, run, wait) {
  clearTimeout(timers[what]);
  timers[what] = setTimeout(run, wait);
}

// Another case of the customer stands beside this one: a new one, or one of those that are shown there.
const ofSamePerson = ({ case: id, customer }) => {
  const about = document.getElementById("about");
  if (!about) return false;
  return String(customer ?? "") === about.dataset.customer || about.querySelector(`#others [data-case="${CSS.escape(id)}"]`) !== null;
};

// After a long break the hub no longer knows what was missed: everything is looked at anew.
function anew() {
  later("case", refreshCase, SOON);
  later("list", refreshList, SOON);
}

document.addEventListener("live", ({ detail }) => {
  if (detail.kind === "reload") anew();
  if (!detail.case || ["case.together", "chat.typing"].includes(detail.kind)) return;
  const open = document.getElementById("case")?.dataset.case;
  if (String(detail.case) === open || ofSamePerson(detail)) later("case", refreshCase, SOON);
  later("list", refreshList, Math.max(SOON, LIST_PAUSE - (Date.now() - listed)));
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (unseen) later("case", refreshCase, 0);
  unseen = false;
  later("list", refreshList, SOON);
});

// News is said aloud, and told above the composer when one may be writing past it.
document.addEventListener("entries-added", ({ target, detail }) => {
  const others = detail.added.filter((entry) => entry.dataset.who && !entry.matches(".us:has(.undo)"));
  if (!others.length) return;
  const who = [...new Set(others.map((entry) => entry.dataset.who))].join("、");
  const words = target.closest(".flow").dataset.news.replace("{who}", who);
  const place = document.getElementById("composer-news");
  const writing = document.activeElement?.closest?.("form[data-compose]");
  if (place && (writing || !detail.atEnd)) showNews(place, words, others[0]);
  else say(words);
});

function showNews(place, words, entry) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: words });
  button.addEventListener("click", () => {
    entry.scrollIntoView({ block: "start" });
    caughtUp();
    place.replaceChildren();
  });
  place.replaceChildren(button);
}

// The end of the conversation stays in sight: answers that wait are there, behind the last message. What of it comes
// anew by an act of one's own, is led to from the head of the case or is opened comes into sight whole.
const flowOf = () => document.querySelector("#case .flow");
const END = 60;
let watched = null;
let atEnd = true;
let shown = new Set();

const isAtEnd = (flow) => flow.scrollHeight - flow.scrollTop - flow.clientHeight < END;
const articles = () => [...document.querySelectorAll("#pending > article")];
const toEnd = (flow) => (flow.scrollTop = flow.scrollHeight);

// The composer grows with what is written in it, and takes its room from the conversation.
const sizes = new ResizeObserver(([{ target }]) => atEnd && toEnd(target));

function watch() {
  const flow = flowOf();
  shown = new Set(articles().map((one) => one.id));
  if (flow === watched) return;
  sizes.disconnect();
  watched = flow;
  atEnd = true;
  if (flow) sizes.observe(flow);
}

document.addEventListener("scroll", ({ target }) => {
  if (target === watched) atEnd = isAtEnd(watched);
}, true);

export function intoSight(element) {
  const flow = flowOf();
  if (!flow?.contains(element)) return;
  const [box, room] = [element.getBoundingClientRect(), flow.getBoundingClientRect()];
  element.scrollIntoView({ block: box.height > room.height ? "start" : "nearest" });
}

document.addEventListener("placed", () => {
  const fresh = articles().filter((one) => !shown.has(one.id));
  watch();
  if (fresh.length && atEnd) toEnd(watched);
  else if (fresh.length && !document.activeElement?.closest?.(".flow")) intoSight(fresh.at(-1));
});
// Whoever came by keyboard has the first of what can be done about it before them.
const firstAct = (article) => article.querySelector(".acts :is(button, summary)");

// What one is to decide on is read from its beginning.
function arrive(event) {
  watch();
  const [first] = articles().filter((one) => "decide" in one.dataset);
  if (!first) return;
  atEnd = false;
  first.scrollIntoView({ block: "start" });
  if (event?.detail.byKey) firstAct(first).focus({ preventScroll: true });
}
document.addEventListener("case-opened", arrive);
arrive();

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.waits");
  const article = link && document.getElementById(link.hash.slice(1));
  if (!article) return;
  event.preventDefault();
  intoSight(article);
  ((event.detail === 0 && firstAct(article)) || article).focus({ preventScroll: true });
});

// What is opened in it by hand has its words in sight, and the caret in them.
document.addEventListener("toggle", ({ target }) => {
  const back = "back" in target.dataset;
  delete target.dataset.back;
  if (back || !target.open || !target.closest?.("#pending")) return;
  target.querySelector("textarea")?.focus({ preventScroll: true });
  intoSight(target);
}, true);

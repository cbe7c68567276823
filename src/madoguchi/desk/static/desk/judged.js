// What a senior writes on an answer that waits is nowhere but in this tab. There it is kept while they look elsewhere,
// until it was sent, taken out again, or a shift is over.
import { dirty, save } from "../look/compose.js";
import { ledAway } from "../look/http.js";
import { toast } from "../look/toast.js";

const SHIFT = 8 * 60 * 60000;
const WORDS = ".acts textarea";
const keyOf = (field) => `words:${field.form.getAttribute("action")}`;
const begun = (field) => field.value !== field.defaultValue;
const forget = (field) => sessionStorage.removeItem(keyOf(field));

function keep(field) {
  if (!begun(field)) return forget(field);
  return sessionStorage.setItem(keyOf(field), JSON.stringify({ words: field.value, until: Date.now() + SHIFT }));
}

// They are in sight again; the keyboard stays where it is (waits.js).
function bringBack() {
  document.querySelectorAll(`#pending ${WORDS}`).forEach((field) => {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(field)) ?? "null");
    if (!kept || Date.now() > kept.until || begun(field)) return;
    field.value = kept.words;
    const around = field.closest("details:not([open])");
    if (!around) return;
    around.dataset.back = "";
    around.open = true;
  });
}

// Whoever has begun to write something else does not mean to approve the answer as it stands.
document.addEventListener("submit", (event) => {
  const half = event.target.matches("#pending [data-as-it-is]")
    && [...event.target.closest("article").querySelectorAll(WORDS)].find(begun);
  if (!half) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  half.closest("details").open = true;
  half.focus();
  toast({ text: event.target.dataset.asItIs, bad: true });
}, true);

// News may have drawn the answers anew while one waited: what is done then is done to the answer that was read, in the
// words that were read, or not at all.
const wordsOf = (form) => form.closest("article").querySelector(":scope > .words").textContent;
const buttonIn = (form, button) => [...form.elements].find((one) => one.type === "submit" && one.value === button.value
  && one.getAttribute("formaction") === button.getAttribute("formaction"));

function standing(form, button) {
  if (form.isConnected) return form;
  const action = CSS.escape(form.getAttribute("action"));
  return [...document.querySelectorAll(`#pending form[action="${action}"]`)]
    .find((one) => one.matches("[data-as-it-is]") === form.matches("[data-as-it-is]") && buttonIn(one, button));
}

// An answer or a note of one's own that was begun is kept first, for the page is drawn anew; where it cannot be, nothing
// is done, and the composer says why.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const begun = form.closest("#pending") ? [...document.querySelectorAll("form[data-compose]")].filter(dirty) : [];
  if (!begun.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const read = wordsOf(form);
  Promise.all(begun.map((one) => save(one))).then(() => {
    const same = begun.some(dirty) ? null : standing(form, event.submitter);
    if (same && wordsOf(same) === read) same.requestSubmit(buttonIn(same, event.submitter));
  });
}, true);

document.addEventListener("input", ({ target }) => target.closest?.("#pending") && target.matches(WORDS) && keep(target));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, successful, xhr, requestConfig } = detail;
  const article = successful && !ledAway(xhr, requestConfig.path) && elt.closest("#pending article");
  if (article) article.querySelectorAll(WORDS).forEach(forget);
});
document.addEventListener("placed", bringBack);
bringBack();

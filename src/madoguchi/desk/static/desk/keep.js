// Words typed in the last moment before leaving: the server may be asked for the page before it has them. They are
// kept in this tab until the case is open again: for a minute, or as long as it takes to sign in when the server
// would not have them.
import { dirty, refused } from "../look/compose.js";

const MINUTE = 60000;
const SIGNING_IN = 60 * MINUTE;
const forms = () => [...document.querySelectorAll("form[data-compose]")];
const keyOf = (form) => `words:${form.dataset.draftUrl}`;

function keep() {
  forms()
    .filter(dirty)
    .forEach((form) => {
      const words = form.querySelector("textarea").value;
      sessionStorage.setItem(keyOf(form), JSON.stringify({ words, until: Date.now() + (refused(form) ? SIGNING_IN : MINUTE) }));
    });
}

function bringBack() {
  forms().forEach((form) => {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "null");
    sessionStorage.removeItem(keyOf(form));
    const field = form.querySelector("textarea");
    if (!kept || Date.now() > kept.until || field.value === kept.words) return;
    form.dispatchEvent(new Event("focusin", { bubbles: true }));
    field.value = kept.words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

window.addEventListener("pagehide", keep);
document.addEventListener("htmx:beforeSwap", keep);
document.addEventListener("case-opened", bringBack);
bringBack();

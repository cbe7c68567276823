// Words typed in the last moment before leaving: the server may be asked for the page before it has them. They are
// kept in this tab until the case is open again: for a minute, or as long as it takes to sign in when the server
// would not have them.
import { dirty, refused } from "../look/compose.js";

const MINUTE = 60000;
const SIGNING_IN = 60 * MINUTE;
const forms = () => [...document.querySelectorAll("form[data-compose]")];
const keyOf = (form) => `words:${form.dataset.draftUrl}`;

const forget = (form) => sessionStorage.removeItem(keyOf(form));

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
    forget(form);
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
// What the server has since is not to come back over what was written after it.
document.addEventListener("draft-saved", ({ target }) => forget(target));
bringBack();

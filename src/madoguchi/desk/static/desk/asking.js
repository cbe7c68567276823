// Words for whoever has the case next are asked for below the conversation; when the form goes, the list has the keyboard.
import { composing } from "../look/text.js";

function leave() {
  const section = document.getElementById("asking");
  section.removeAttribute("class");
  section.replaceChildren();
  document.querySelector("#rows a[aria-current]")?.focus({ preventScroll: true });
}

document.addEventListener("refreshed", ({ target }) => {
  if (target.id === "asking") target.querySelector("[autofocus]")?.focus();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#asking [data-cancel]")) return;
  event.preventDefault();
  leave();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || composing(event) || !event.target.closest?.("#asking")) return;
  event.preventDefault();
  event.stopPropagation();
  leave();
}, true);

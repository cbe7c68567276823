// What is missing before a case is solved is shown where it is filled in: the panel opens, the first such field has the
// caret, Enter leads from one to the next, and at last to what was wanted in the first place.
import { composing } from "../look/text.js";

const FORM = "#case-form";
let onward = false;

const wanted = () => document.querySelector(`${FORM} [name=then]`)?.value ?? "";

function show(field) {
  const panel = field.closest("[popover]");
  if (!field.checkVisibility() && !panel.matches(":popover-open")) panel.showPopover();
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}

function back() {
  const panel = document.querySelector(`${FORM}`).closest("[popover]");
  if (panel.matches(":popover-open")) panel.hidePopover();
  document.getElementById("reply-text")?.focus();
}

// The next of what is missing, or what was wanted.
export function lead() {
  if (!wanted()) return;
  const next = document.querySelector(`${FORM} [aria-invalid]`) ?? document.querySelector("#form-then button");
  if (next) show(next);
  else if (wanted() === "reply") back();
}

document.addEventListener("keydown", (event) => {
  const line = event.target.closest?.(`${FORM} .line`);
  if (event.key !== "Enter" || composing(event) || !line || !wanted()) return;
  onward = true;
  // A choice says by itself that it changed; Enter then only leads on.
  if (!event.target.matches("select")) return;
  event.preventDefault();
  if (!line.matches(".htmx-request")) lead();
});

document.addEventListener("input", ({ target }) => {
  if (target.closest?.(FORM)) onward = false;
});

// Called when the answer to what was sent stands in the page.
export function missing({ refused, sent }) {
  // By now the line may be another one.
  if (sent?.matches(".line[id^=form-]")) {
    if (onward && !refused) lead();
  } else if (refused) lead();
}

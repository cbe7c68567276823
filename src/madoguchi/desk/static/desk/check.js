// What the desk wants confirmed before an answer leaves: Enter says yes, Escape goes back to the words.
const panel = () => document.getElementById("send-check");

export function ask() {
  panel()?.querySelector("[data-check-send]")?.focus({ preventScroll: false });
}

function back() {
  panel().replaceChildren();
  document.getElementById("reply-text")?.focus();
}

document.addEventListener("click", ({ target }) => target.closest?.("[data-check-back]") && back());
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !panel()?.contains(event.target)) return;
  event.preventDefault();
  event.stopPropagation();
  back();
}, true);

// What is to be confirmed before an answer leaves, or before a note tells many: Enter says yes, Escape goes back to the
// words.
const asking = () => document.querySelector(".send-check:not(:empty)");

export function ask() {
  asking()?.querySelector("[data-check-send]")?.focus({ preventScroll: false });
}

function back(panel) {
  const words = document.getElementById(panel.querySelector("[data-check-back]").dataset.checkBack);
  panel.replaceChildren();
  words?.focus();
}

const panelOf = ({ target }) => target.closest?.(".send-check");

document.addEventListener("click", (event) => event.target.closest?.("[data-check-back]") && back(panelOf(event)));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !panelOf(event)) return;
  event.preventDefault();
  event.stopPropagation();
  back(panelOf(event));
}, true);
// Other words are another question.
document.addEventListener("input", ({ target }) => {
  if (target.id === "note-text") document.getElementById("note-check")?.replaceChildren();
});

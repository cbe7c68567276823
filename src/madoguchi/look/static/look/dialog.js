// Opens the <dialog> that [data-dialog="id"] names; a click beside it closes it. What was typed in it stays,
// but for words by which a list is narrowed (filter.js).

export function open(dialog) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
  if (!dialog.open) dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("opened", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    open(dialog);
  } else if (event.target.closest?.("[data-dialog-close]")) {
    event.target.closest("dialog")?.close();
  }
});

// Only a press that began on the backdrop closes: dragging a selection out of a field must not.
document.addEventListener("pointerdown", (event) => {
  const dialog = event.target;
  if (!dialog.matches?.("dialog[open]")) return;
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) dialog.close();
});

// <details class="menu">: closes when one looks elsewhere, arrows walk its items. Opens without JavaScript too.
const ITEMS = ".panel :is(a[href], button:not(:disabled), input:not([type=hidden]), summary)";

function closeOthers(kept) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== kept && !menu.contains(kept)) menu.open = false;
  });
}

document.addEventListener("click", (event) => closeOthers(event.target.closest?.("details.menu")));
document.addEventListener("focusin", (event) => {
  if (event.target !== document.body) closeOthers(event.target.closest?.("details.menu"));
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step || event.target.matches("input, select")) return;
  event.preventDefault();
  menu.open = true;
  const items = [...menu.querySelectorAll(ITEMS)].filter((one) => one.checkVisibility());
  const at = items.indexOf(document.activeElement);
  items.at(at < 0 ? (step > 0 ? 0 : -1) : (at + step) % items.length)?.focus();
});

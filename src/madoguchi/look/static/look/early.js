// Keys struck and choices made while a page still loads are heard once it listens. Loaded first and at once, no module.
(() => {
  const kept = new Map();
  // What is struck or chosen twice from impatience is meant once.
  const keep = (event) => kept.set(event.type === "change" ? event.target : event.key, event);
  const typing = () => document.activeElement?.matches("input, textarea, select, [contenteditable]");

  // A key struck in a field or on a button has done its work there; Escape would step back from what came since.
  function again(event) {
    if (event.defaultPrevented || !event.target.isConnected) return;
    if (event.type === "change") return event.target.dispatchEvent(new Event("change", { bubbles: true }));
    if (event.target !== document.body || event.repeat || event.isComposing || event.key === "Escape") return;
    if (!typing()) document.body.dispatchEvent(new KeyboardEvent("keydown", event));
  }

  document.addEventListener("keydown", keep);
  document.addEventListener("change", keep);
  document.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("keydown", keep);
    document.removeEventListener("change", keep);
    setTimeout(() => kept.forEach(again));
  });
})();

// A form is sent once, however often its button is pressed. Forms that htmx sends look after themselves.
const LOCK = 8000;

// An Enter that is still held from the page before sends nothing on this one: what it says has not been read.
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest?.("textarea, [contenteditable]");
  if (event.key === "Enter" && event.repeat && !writes) event.preventDefault();
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[hx-post], [hx-get]")) return;
  if (form.dataset.sending) return event.preventDefault();
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), LOCK);
});

function release(form) {
  delete form.dataset.sending;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));

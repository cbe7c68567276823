// Copies what a field holds: data-copy="selector", and data-copied-label says so afterwards.
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without a secure context the browser gives no clipboard: the words are selected, Ctrl+C takes them.
    if (!document.execCommand("copy")) return;
  }
  toast({ text: button.dataset.copiedLabel });
});

// Words of articles into the answer: button[data-take-url][data-into]. That they were taken is kept by the server.
import { insert } from "../look/insert.js";
import { post } from "../look/http.js";
import { toast } from "../look/toast.js";

async function take(button) {
  const textarea = document.querySelector(button.dataset.into);
  if (!textarea || textarea.readOnly) return;
  const answer = await post(button.dataset.takeUrl);
  const words = await answer.text();
  if (!answer.ok || answer.redirected) {
    toast({ text: answer.status === 422 ? words : button.closest(".suggested").dataset.failedLabel, bad: true });
    return;
  }
  if (words) insert(textarea, words.includes("\n") ? apart(textarea, words) : words);
  // What is shown as the basis is read from the draft, which has to be kept first.
  textarea.form.addEventListener("draft-saved", refresh, { once: true });
  if (!words) refresh();
}

const refresh = () => document.querySelector("#suggested")?.dispatchEvent(new Event("taken"));

function apart(textarea, text) {
  const before = textarea.value.slice(0, textarea.selectionStart);
  return `${before.trim() ? "\n\n".slice(Math.min(2, /\n*$/.exec(before)[0].length)) : ""}${text}\n`;
}

// Of three articles one is chosen at most; its keys alone are there.
let chosen = "";

function choose(radio) {
  chosen = radio.value;
  const group = radio.closest(".suggested");
  group?.querySelectorAll("[data-of]").forEach((one) => (one.hidden = one.dataset.of !== radio.value));
}

document.addEventListener("change", (event) => event.target.matches?.('.suggested [name="fitting"]') && choose(event.target));
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "suggested") return;
  const same = event.target.querySelector(`[name="fitting"][value="${CSS.escape(chosen)}"]`);
  const radio = same ?? event.target.querySelector('[name="fitting"]:checked');
  if (!radio) return;
  radio.checked = true;
  choose(radio);
});
// Words that are taken out of the answer again are no basis of it any more.
document.addEventListener("draft-saved", () => document.querySelector(".suggested .rests") && refresh());
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-take-url]");
  if (button) take(button);
});

// While somebody is in a part of a page that asks for what is not to be recorded ([data-secret], with the address to tell
// so), their call is not; [data-secret-paused] says so where it is true. A pause that they made by hand is theirs to end.
import { post } from "../look/http.js";

// One after another, in the order in which the fields were entered and left.
let told = Promise.resolve();
let paused = false;

async function tell(part, on) {
  if (!on && !paused) return;
  const answer = await post(part.dataset.secret, new URLSearchParams({ on: on ? "yes" : "no" }), { keepalive: true });
  const done = answer.ok && !answer.redirected && (await answer.json()).done;
  paused = on && (paused || done);
  part.querySelector("[data-secret-paused]").hidden = !paused;
}

const then = (part, on) => (told = told.then(() => tell(part, on)).catch(console.warn));

const inside = new Set();
for (const part of document.querySelectorAll("[data-secret]")) {
  part.addEventListener("focusin", () => {
    if (inside.has(part)) return;
    inside.add(part);
    then(part, true);
  });
  part.addEventListener("focusout", ({ relatedTarget }) => {
    // Whoever looks at another window is still in it.
    if (part.contains(relatedTarget) || !document.hasFocus()) return;
    inside.delete(part);
    then(part, false);
  });
}
addEventListener("pagehide", () => {
  for (const part of inside) then(part, false);
  inside.clear();
});

// input[data-filter="#list"] shows only the children of that list that hold its words.
import { matches } from "./text.js";

function narrow(input) {
  const list = document.querySelector(input.dataset.filter);
  [...(list?.children ?? [])].forEach((one) => (one.hidden = !matches(one.textContent, input.value)));
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-filter]")) narrow(event.target);
});

// Two letters lead to the lists of the rail: g i, g u, g o, g a. The second counts for a second and a half.
import { register } from "../look/keys.js";
import { composing } from "../look/text.js";
import { typing } from "../look/keys.js";

const WAIT = 1500;
let until = 0;

const links = () => [...document.querySelectorAll("[data-go]")];
register({ key: "g", get label() { return links().map((one) => `g ${one.dataset.go} ${one.title}`).join(" · "); }, when: () => links().length > 0, run: () => (until = Date.now() + WAIT) });

document.addEventListener(
  "keydown",
  (event) => {
    if (Date.now() > until || composing(event) || typing(event.target)) return;
    const link = links().find((one) => one.dataset.go === event.key);
    until = 0;
    if (!link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    link.click();
  },
  true,
);

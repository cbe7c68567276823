// Two letters lead to the lists of the rail: g i, g u, g o, g a. The second counts for a second and a half, and never as
// a key of its own: where no list has that letter, nothing happens.
import { register } from "../look/keys.js";
import { composing } from "../look/text.js";
import { typing } from "../look/keys.js";

const WAIT = 1500;
const HELD = ["Shift", "Control", "Alt", "Meta"];
let until = 0;

const links = () => [...document.querySelectorAll("[data-go]")];
const rows = () => links().map((one) => [`g ${one.dataset.go}`, one.title]);
register({ key: "g", rows, when: () => links().length > 0, run: () => (until = Date.now() + WAIT) });

document.addEventListener(
  "keydown",
  (event) => {
    if (Date.now() > until || composing(event) || typing(event.target) || HELD.includes(event.key)) return;
    const link = links().find((one) => one.dataset.go === event.key);
    until = 0;
    if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    link?.click();
  },
  true,
);

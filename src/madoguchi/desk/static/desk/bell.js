// The bell is rung for this person alone. Who wished it is told by the browser, as long as nobody looks at the page.
import { read } from "./told.js";

let known = 0;

const bell = () => document.getElementById("bell");

async function ring({ aloud }) {
  if (!bell()) return;
  const answer = await fetch("/notifications/bell/?news=1", { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  bell().outerHTML = await answer.text();
  if (aloud) say(bell().dataset);
}

function say({ newest, says, address }) {
  const fresh = Number(newest) > known;
  known = Math.max(known, Number(newest));
  if (!fresh || !says || !document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(says, { tag: `madoguchi-${newest}` });
  shown.addEventListener("click", () => {
    window.focus();
    read(address);
    location.assign(address);
  });
}

document.addEventListener("live", ({ detail }) => {
  if (detail.kind === "notified") ring({ aloud: true }).catch(console.warn);
  if (detail.kind === "reload") ring({ aloud: false }).catch(console.warn);
});

// A page of who is available says each minute that it is open; and what one is now is told to all pages of theirs.
import { post } from "../look/http.js";

const A_MINUTE = 60000;
const presence = () => document.getElementById("presence");

async function stillHere() {
  const { state, hereUrl } = presence()?.dataset ?? {};
  if (state === "available") await post(hereUrl, null, { keepalive: true });
}

async function refresh() {
  const url = presence()?.dataset.url;
  if (!url) return;
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  presence().outerHTML = await answer.text();
  window.htmx?.process(presence());
}

setInterval(() => stillHere().catch(console.warn), A_MINUTE);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) stillHere().then(refresh).catch(console.warn);
});
document.addEventListener("live", ({ detail }) => {
  if (detail.kind === "presence" || detail.kind === "reload") refresh().catch(console.warn);
});

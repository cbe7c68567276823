// Taking back: the seconds left beside an answer, and the undo of a notice without leaving the page.
import { refreshCase } from "./news.js";

function tick() {
  document.querySelectorAll("form.undo[data-until]").forEach((form) => {
    const left = Math.ceil((Date.parse(form.dataset.until) - Date.now()) / 1000);
    form.querySelector("[data-left]").textContent = left > 0 ? left : "";
    if (left > 0) return;
    form.remove();
    setTimeout(refreshCase, 1500);
  });
}
setInterval(tick, 500);
document.addEventListener("placed", tick);
tick();

// An answer that was taken back beside the conversation is no longer offered by a notice.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || detail.requestConfig?.verb !== "post") return;
  const { pathname } = new URL(detail.requestConfig.path, location.href);
  if (!pathname.endsWith("/take-back/")) return;
  document.querySelectorAll(".toast form").forEach((form) => {
    if (new URL(form.action).pathname === pathname) form.closest(".toast").remove();
  });
});

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches(".toast form") || !window.htmx) return;
    event.preventDefault();
    event.stopPropagation();
    form.closest(".toast").remove();
    window.htmx.ajax("POST", form.action, { source: "#case", swap: "none" });
  },
  true,
);

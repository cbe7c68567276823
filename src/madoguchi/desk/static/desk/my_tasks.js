// Ticked off, a task leaves the list: on the page that comes, the keyboard is at the one that has its place.
const PLACE = "my-tasks-place";
const ticks = () => [...document.querySelectorAll("#my-tasks .tick")];

document.addEventListener("submit", ({ target }) => {
  const at = ticks().indexOf(target.querySelector(".tick"));
  if (at >= 0) sessionStorage.setItem(PLACE, at);
});

const place = sessionStorage.getItem(PLACE);
sessionStorage.removeItem(PLACE);
if (place !== null) (ticks()[place] ?? ticks().at(-1))?.focus();

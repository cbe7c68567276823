// Auto, light or dark: kept in a cookie so that the server draws the right one from the first byte.
const root = document.documentElement;
const YEAR = 31536000;

function mark() {
  document.querySelectorAll("[data-theme-choice]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.theme));
  });
}

export function choose(theme) {
  root.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
  mark();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-choice]");
  if (button) choose(button.dataset.themeChoice);
});
mark();

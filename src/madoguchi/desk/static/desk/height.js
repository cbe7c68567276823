// How tall the composer is: as tall as its words need, within bounds, until one draws its upper edge, with the pointer
// or with the arrow keys. That is remembered in this browser; a double click gives the usual height back.
const KEY = "composer-height";
const [LEAST, MOST, STEP] = [25, 75, 4];
const root = document.documentElement;

const gripOf = (event) => event.target.closest?.(".composer > .grip");
const within = (share) => Math.round(Math.min(MOST, Math.max(LEAST, share)));
const now = (grip) => (grip.parentElement.getBoundingClientRect().height / innerHeight) * 100;

function kept() {
  try {
    return Number(localStorage.getItem(KEY)) || 0;
  } catch {
    return 0;
  }
}

function keep(share) {
  try {
    if (share) localStorage.setItem(KEY, share);
    else localStorage.removeItem(KEY);
  } catch (problem) {
    console.warn(problem);
  }
}

function show(share) {
  root.toggleAttribute("data-composer-height", Boolean(share));
  if (share) root.style.setProperty("--composer-height", `${within(share)}dvh`);
  else root.style.removeProperty("--composer-height");
  tell();
}

function tell() {
  const grip = document.querySelector(".composer > .grip");
  if (grip) Object.assign(grip, { ariaValueMin: LEAST, ariaValueMax: MOST, ariaValueNow: within(now(grip)) });
}

function set(share) {
  show(share);
  keep(share && within(share));
}

document.addEventListener("pointerdown", (event) => {
  const grip = gripOf(event);
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  grip.focus();
  grip.setPointerCapture(event.pointerId);
});
document.addEventListener("pointermove", (event) => {
  const grip = gripOf(event);
  if (!grip?.hasPointerCapture(event.pointerId)) return;
  set(((grip.parentElement.getBoundingClientRect().bottom - event.clientY) / innerHeight) * 100);
});
document.addEventListener("dblclick", (event) => gripOf(event) && set(0));
document.addEventListener("keydown", (event) => {
  const grip = gripOf(event);
  const share = grip && { ArrowUp: now(grip) + STEP, ArrowDown: now(grip) - STEP, Home: LEAST, End: MOST }[event.key];
  if (!share) return;
  event.preventDefault();
  event.stopPropagation();
  set(within(share));
}, true);
document.addEventListener("placed", tell);
document.addEventListener("case-opened", tell);
show(kept());

// Shows what may answer somebody who is writing to us. Nothing of what they type is kept by asking.
const PAUSE = 600, LEAST = 4, MOST = 200;

for (const place of document.querySelectorAll("[data-suggest]")) {
  const form = document.querySelector("main form");
  const fields = [form.elements.subject, form.elements.message].filter(Boolean);
  let waiting = 0, asked = 0;

  async function suggest() {
    const typed = fields.map((field) => field.value).join(" ").trim().slice(0, MOST), number = ++asked;
    if (typed.length < LEAST) return;
    const response = await fetch(`${place.dataset.suggest}?${new URLSearchParams({ q: typed, part: "suggested" })}`);
    const found = response.ok ? (await response.text()).trim() : "";
    if (number === asked) { place.innerHTML = found; place.hidden = !found; }
  }

  form.addEventListener("input", (event) => {
    if (event.isComposing || !fields.includes(event.target)) return;
    clearTimeout(waiting);
    waiting = setTimeout(suggest, PAUSE);
  });
}

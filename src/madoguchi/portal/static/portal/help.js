// Finds while one types. Without it the form asks for a page of its own.
const PAUSE = 200;

for (const form of document.querySelectorAll("form[data-found]")) {
  const [input, place] = [form.elements.q, document.getElementById(form.dataset.found)];
  const before = place.innerHTML;
  let waiting = 0, asked = 0;

  async function find() {
    const typed = input.value.trim(), number = ++asked;
    if (!typed) { place.innerHTML = before; return; }
    const response = await fetch(`${form.getAttribute("action")}?${new URLSearchParams({ q: typed, part: "found" })}`);
    const found = response.ok ? await response.text() : "";
    // What was asked for later stands, whatever comes first.
    if (found && number === asked) place.innerHTML = found;
  }

  input.addEventListener("input", (event) => {
    // What is still being converted is no word yet.
    if (event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(find, PAUSE);
  });
  input.addEventListener("compositionend", () => { clearTimeout(waiting); waiting = setTimeout(find, PAUSE); });
}

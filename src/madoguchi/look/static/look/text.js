// Japanese text and input, in one place.

// Enter that confirms a conversion is not a command. Safari ends the composition before the key: hence 229.
export const composing = (event) => event.isComposing || event.keyCode === 229;

// One spelling for comparing: width, case, and katakana against hiragana.
export function fold(text) {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
}

export function matches(text, query) {
  const folded = fold(text);
  return fold(query)
    .split(/\s+/)
    .every((word) => folded.includes(word));
}

// The visible words of a control: its name without the key printed beside it.
export function labelOf(element) {
  const given = element.dataset.keyLabel || element.dataset.command || element.getAttribute("aria-label");
  if (given) return given.trim();
  const source = (element.labels?.[0] ?? element).cloneNode(true);
  source.querySelectorAll("kbd, b, .count, [aria-hidden='true']").forEach((extra) => extra.remove());
  return source.textContent.trim().replace(/\s+/g, " ");
}

// Markdown written with buttons and keys: [data-markdown] names the textarea, [data-mark] what a button does.
//   ⌘B strong   ⌘K link   ⌘⌥2 heading   ⌘⇧7 numbered   ⌘⇧8 items   ⌘⇧9 quotation   (Ctrl elsewhere)
// All that changes the words is typed, so that ⌘Z takes it back; nothing happens while an IME converts.
import { composing } from "../look/text.js";
import { toast } from "../look/toast.js";
import { markdownOf } from "./pasted.js";

const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const KEYS = { KeyB: "strong", KeyK: "link" };
const SHIFTED = { Digit7: "numbered", Digit8: "items", Digit9: "quote" };
const PREFIX = { heading: "## ", items: "- ", numbered: "1. ", quote: "> " };
const LISTED = /^([ \t]*)(?:([-*+])|(\d{1,9})([.)]))[ \t]+/;
const ANY_PREFIX = /^(?:#{1,6}[ \t]+|>[ \t]?|[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)/;
const ADDRESS = /^(https?:\/\/|mailto:|tel:)\S+$/i;

const barOf = (textarea) => document.querySelector(`[data-markdown="#${CSS.escape(textarea.id)}"]`);
const textOf = (bar) => document.querySelector(bar.dataset.markdown);

// Put words in place of a stretch, as if they were typed, and choose a part of them.
function type(textarea, from, to, words, chosen = [words.length, words.length]) {
  textarea.focus();
  textarea.setSelectionRange(from, to);
  const done = document.execCommand(words ? "insertText" : "delete", false, words);
  if (!done && (words || from < to)) {
    textarea.setRangeText(words, from, to, "end");
    textarea.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  textarea.setSelectionRange(from + chosen[0], from + chosen[1]);
}

function strong(textarea, bar) {
  const { value, selectionStart: from, selectionEnd: to } = textarea;
  const words = value.slice(from, to);
  if (value.slice(from - 2, from) === "**" && value.slice(to, to + 2) === "**") {
    return type(textarea, from - 2, to + 2, words, [0, words.length]);
  }
  const inner = /^\*\*([\s\S]+)\*\*$/.exec(words);
  if (inner) return type(textarea, from, to, inner[1], [0, inner[1].length]);
  const said = words.trim() || bar.dataset.words;
  const before = /^\s*/.exec(words)[0];
  const behind = words.trim() ? /\s*$/.exec(words)[0] : "";
  return type(textarea, from, to, `${before}**${said}**${behind}`, [before.length + 2, before.length + 2 + said.length]);
}

function link(textarea, bar) {
  const { value, selectionStart: from, selectionEnd: to } = textarea;
  const words = value.slice(from, to).trim();
  if (ADDRESS.test(words)) return type(textarea, from, to, `[${bar.dataset.words}](${words})`, [1, 1 + bar.dataset.words.length]);
  const said = words || bar.dataset.words;
  return type(textarea, from, to, `[${said}](https://)`, words ? [said.length + 3, said.length + 11] : [1, 1 + said.length]);
}

// Every line of the selection begins so, or, where all do already, none does.
function begin(textarea, kind) {
  const { value, selectionStart, selectionEnd } = textarea;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const end = value.indexOf("\n", Math.max(selectionEnd - (selectionEnd > selectionStart), from));
  const to = end < 0 ? value.length : end;
  const lines = value.slice(from, to).split("\n");
  const told = (line) => (kind === "numbered" ? /^[ \t]*\d{1,9}[.)][ \t]+/.test(line) : line.startsWith(PREFIX[kind]));
  const without = lines.every((line) => told(line) || (!line.trim() && lines.length > 1));
  let number = 0;
  const made = lines.map((line) => {
    const bare = line.replace(ANY_PREFIX, "");
    if (without || (!bare.trim() && lines.length > 1)) return bare;
    number += 1;
    return (kind === "numbered" ? `${number}. ` : PREFIX[kind]) + bare;
  });
  const words = made.join("\n");
  const caret = Math.max(0, selectionStart - from + made[0].length - lines[0].length);
  type(textarea, from, to, words, selectionStart === selectionEnd ? [caret, caret] : [0, words.length]);
}

function table(textarea, bar) {
  const { value, selectionStart: from, selectionEnd: to } = textarea;
  const above = value.slice(0, from).replace(/\n*$/, (breaks) => breaks).match(/\n*$/)[0].length;
  const before = from && above < 2 ? "\n".repeat(2 - above) : "";
  const [one, two] = [bar.dataset.head, bar.dataset.head];
  const words = `${before}| ${one} | ${two} |\n| --- | --- |\n|  |  |\n|  |  |\n`;
  type(textarea, from, to, words, [before.length + 2, before.length + 2 + one.length]);
}

function mark(textarea, bar, kind) {
  if (kind === "strong") return strong(textarea, bar);
  if (kind === "link") return link(textarea, bar);
  if (kind === "table") return table(textarea, bar);
  if (kind === "picture") return textarea.form.querySelector("input[type=file]").click();
  return begin(textarea, kind);
}

function keyed(event) {
  const mod = apple ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!mod) return null;
  if (event.altKey) return !event.shiftKey && event.code === "Digit2" ? "heading" : null;
  return (event.shiftKey ? SHIFTED : KEYS)[event.code] ?? null;
}

// Enter goes on with the list; at an item without words it ends the list.
function goOn(event, textarea) {
  const { value, selectionStart: at, selectionEnd } = textarea;
  if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || at !== selectionEnd) return;
  const from = value.lastIndexOf("\n", at - 1) + 1;
  const listed = LISTED.exec(value.slice(from, at));
  if (!listed) return;
  event.preventDefault();
  const [sign, indent, item, number, stop] = listed;
  if (sign.length === at - from) return void type(textarea, from, at, "");
  type(textarea, at, at, `\n${indent}${item ?? Number(number) + 1 + stop} `);
}

document.addEventListener(
  "keydown",
  (event) => {
    const bar = event.target.matches?.("textarea[id]") && barOf(event.target);
    if (!bar || composing(event)) return;
    const kind = keyed(event);
    if (kind) {
      event.preventDefault();
      event.stopPropagation();
      mark(event.target, bar, kind);
    } else if (event.key === "Enter") {
      goOn(event, event.target);
    }
  },
  true,
);

// What has words is words: Word and spreadsheets put a picture of them beside.
document.addEventListener(
  "paste",
  (event) => {
    const bar = event.target.matches?.("textarea[id]") && barOf(event.target);
    const given = event.clipboardData;
    const said = given?.getData("text/plain") ?? "";
    if (!bar || !said.trim()) return;
    event.stopPropagation();
    const html = given.getData("text/html");
    const { words, pictures } = html ? markdownOf(html) : { words: "", pictures: 0 };
    if (pictures) toast({ text: bar.dataset.leftOut.replace("{count}", pictures) });
    if (!words || words === said.trim()) return;
    event.preventDefault();
    type(event.target, event.target.selectionStart, event.target.selectionEnd, words);
  },
  true,
);

// A press leaves the selection where it is.
document.addEventListener("pointerdown", (event) => event.target.closest?.("[data-mark]") && event.preventDefault());
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-mark]");
  const bar = button?.closest("[data-markdown]");
  if (bar) mark(textOf(bar), bar, button.dataset.mark);
});

// One stop of the Tab key; arrows go from button to button.
document.querySelectorAll("[data-markdown]").forEach((bar) => {
  const buttons = [...bar.querySelectorAll("[data-mark]")];
  buttons.forEach((one, n) => (one.tabIndex = n ? -1 : 0));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    buttons.forEach((one) => (one.tabIndex = one === next ? 0 : -1));
    next.focus();
  });
});

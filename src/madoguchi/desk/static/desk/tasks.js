// The form of a task: at sending, that of a new one is free for the next, and what could not be kept comes back into it.
// What was written since is never taken away. Escape closes it where nothing is written in it.
import { ledAway } from "../look/http.js";
import { composing } from "../look/text.js";

const NAMES = ["title", "owner", "due_at", "minutes"];
const sent = new WeakMap();

const formIn = (line) => line.querySelector("form.writes");
const isNew = (form) => form.closest("#task-new") !== null;
const valueOf = (form, name) => form.elements[name].value;
// As it is offered: to whoever writes it, and nothing said.
const blank = (form) => {
  const offered = [...form.elements.owner.options].find((option) => option.defaultSelected);
  return { title: "", owner: offered?.value ?? "", due_at: "", minutes: "" };
};
const isEmpty = (form) => NAMES.every((name) => ["", blank(form)[name]].includes(valueOf(form, name)));
const values = (form) => Object.fromEntries(NAMES.map((name) => [name, valueOf(form, name)]));
const fill = (form, given) => NAMES.forEach((name) => (form.elements[name].value = given[name]));

// The words of both; of the rest, what was written later.
const both = (form, first, then) => ({
  ...Object.fromEntries(NAMES.map((name) => [name, ["", blank(form)[name]].includes(then[name]) ? first[name] : then[name]])),
  title: [first.title, then.title].filter(Boolean).join(" "),
});

function writtenSince(form) {
  if (isNew(form)) return !isEmpty(form);
  return sent.has(form) && NAMES.some((name) => valueOf(form, name) !== sent.get(form)[name]);
}

// Asked before a line takes the place of one that is there: true where that stays, for more was written in it.
export function stays(old, fresh) {
  const [form, again] = [old, fresh].map(formIn);
  if (!form || !writtenSince(form)) return false;
  if (again && fresh.querySelector(".error")) {
    fill(again, isNew(form) ? both(form, values(again), values(form)) : values(form));
    return false;
  }
  if (!isNew(form)) form.elements.version.value = fresh.dataset.version;
  return true;
}

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (!target.matches?.(".case-tasks form.writes")) return;
  sent.set(target, values(target));
  if (isNew(target)) fill(target, blank(target));
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, successful, xhr, requestConfig } = detail;
  if (!sent.has(elt) || !isNew(elt) || xhr.responseText.includes("data-part=")) return;
  if (!successful || ledAway(xhr, requestConfig.path)) fill(elt, both(elt, sent.get(elt), values(elt)));
});

document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && !composing(event) && event.target.closest?.("#task-new form.writes");
  if (form && isEmpty(form)) form.querySelector("a[hx-get]").click();
});

// Files into a form[data-upload-url]: chosen, dropped or pasted; each shows its progress and can be taken away.
// The server answers {"id", "name", "remove_url"?}; the id travels as a hidden field "attachment". With {"words"} it is a
// part of the text: these words go where the caret stands. [data-upload-with] names a field that is sent along.
import { csrfToken, post } from "./http.js";
import { insert } from "./insert.js";
import { say } from "./toast.js";

const formOf = (event) => event.target.closest?.("form[data-upload-url]");
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function chipFor(form, file) {
  const chip = form.querySelector("template[data-file-chip]").content.firstElementChild.cloneNode(true);
  chip.querySelector("[data-file-name]").textContent = file.name;
  chip.dataset.uploading = "";
  form.querySelector("[data-files]").append(chip);
  return chip;
}

function succeed(chip, answer) {
  delete chip.dataset.uploading;
  chip.querySelector("progress").remove();
  if (answer.words) return placed(chip, answer.words);
  chip.querySelector("[data-file-name]").textContent = answer.name;
  chip.dataset.removeUrl = answer.remove_url ?? "";
  chip.append(Object.assign(document.createElement("input"), { type: "hidden", name: "attachment", value: answer.id }));
  if (chip.pasted) shown(chip, answer.name);
  chip.dispatchEvent(new Event("change", { bubbles: true }));
}

// A picture pasted into a text is shown where the caret stands: the text calls it by its name.
function shown(chip, name) {
  const textarea = chip.closest("form")?.querySelector("textarea");
  if (textarea) insert(textarea, `![${chip.pasted}](${encodeURI(name).replace(/[()]/g, encodeURIComponent)})`);
}

// Of several at once each stands on a line of its own, behind that of which the words are still to be typed.
function placed(chip, words) {
  const textarea = chip.closest("form")?.querySelector("textarea");
  chip.remove();
  if (!textarea) return;
  const { value, selectionStart, selectionEnd } = textarea;
  const waits = /^\{\{.*\}\}$/.test(value.slice(selectionStart, selectionEnd));
  const end = value.indexOf("\n", selectionEnd);
  if (waits) textarea.setSelectionRange(...Array(2).fill(end < 0 ? value.length : end));
  insert(textarea, waits ? `\n\n${words}` : words);
}

// Browsers call every pasted picture image.png; two of them in one text need names of their own.
function renamed(file) {
  const time = new Date().toISOString().replace(/\D/g, "").slice(8, 17);
  return new File([file], `image-${time}.${file.type.split("/")[1]}`, { type: file.type });
}

function fail(chip, form, reason) {
  delete chip.dataset.uploading;
  chip.querySelector("progress")?.remove();
  chip.classList.add("bad");
  const text = reason || form.dataset.uploadFailedLabel || "";
  chip.querySelector("[data-file-name]").append(` — ${text}`);
  say(text, { now: true });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

// XMLHttpRequest, because fetch does not tell how far an upload has come.
function upload(form, file, chip, done) {
  if (chip.dropped) return done();
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file);
  const along = form.elements[form.dataset.uploadWith];
  if (along) body.append(along.name, along.value);
  chip.abort = () => request.abort();
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) chip.querySelector("progress").value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    const answer = parsed(request.responseText);
    if (request.status >= 200 && request.status < 300) succeed(chip, answer);
    else fail(chip, form, answer.error);
  });
  request.addEventListener("error", () => fail(chip, form, ""));
  request.addEventListener("loadend", done);
  request.open("POST", form.dataset.uploadUrl);
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.setRequestHeader("Accept", "application/json");
  return request.send(body);
}

// One after another, so that they are sent in the order in which they were chosen.
let queue = Promise.resolve();
function take(form, files, { pasted = false } = {}) {
  [...files].forEach((one) => {
    const within = pasted && form.dataset.pictures && /^image\/(png|jpeg|gif|webp)$/.test(one.type);
    const file = within ? renamed(one) : one;
    const chip = chipFor(form, file);
    chip.pasted = within ? form.dataset.pictures : "";
    queue = queue.then(() => new Promise((done) => upload(form, file, chip, done)));
  });
}

document.addEventListener("change", (event) => {
  const form = formOf(event);
  if (!form || event.target.type !== "file") return;
  take(form, event.target.files);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  const form = formOf(event);
  if (!form || !event.clipboardData?.files.length) return;
  event.preventDefault();
  take(form, event.clipboardData.files, { pasted: event.target.matches("textarea") });
});
document.addEventListener("dragover", (event) => {
  if (!formOf(event) || !carriesFiles(event)) return;
  event.preventDefault();
  formOf(event).classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  const form = formOf(event);
  if (form && !form.contains(event.relatedTarget)) form.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  const form = formOf(event);
  if (!form || !carriesFiles(event)) return;
  event.preventDefault();
  form.classList.remove("dropping");
  take(form, event.dataTransfer.files);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-file-remove]");
  const form = formOf(event);
  if (!button || !form) return;
  const chip = button.closest(".file");
  chip.dropped = true;
  chip.abort?.();
  if (chip.dataset.removeUrl) post(chip.dataset.removeUrl).catch(console.warn);
  chip.remove();
  form.dispatchEvent(new Event("change", { bubbles: true }));
  form.querySelector("textarea")?.focus();
});

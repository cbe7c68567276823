// Says at once when chosen files are too many or too large, instead of after a long upload. The server checks again.
function complaint(input) {
  const files = [...input.files];
  if (files.length > Number(input.dataset.mostFiles)) return input.dataset.tooMany;
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return bytes > Number(input.dataset.mostBytes) ? input.dataset.tooLarge : "";
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("input[type=file][data-most-bytes]")) return;
  target.setCustomValidity(complaint(target));
  target.reportValidity();
});

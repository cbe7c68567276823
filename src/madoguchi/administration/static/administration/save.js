// Ctrl+Enter (or Cmd) in a field saves the form that it stands in, as its main button does.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.('main form[method="post"]');
  const wanted = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing && event.keyCode !== 229;
  const save = wanted && form?.querySelector("button.main[type=submit]");
  if (!save) return;
  event.preventDefault();
  form.requestSubmit(save);
});

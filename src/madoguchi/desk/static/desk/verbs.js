// Many cases: whoever says a value means the act that it belongs to.
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.matches('.verb [name^="value."]')) target.closest(".verb").querySelector('input[type="radio"]').checked = true;
  });
}

// A form that came back refused: the first field that is wrong, or else what is said of them all, has the focus and is in
// sight. What is said stands above the fields, so it is asked for by itself: else it would be found first, whenever this
// runs before the browser gives the focus to the field by `autofocus`.
const place = ["[aria-invalid=true]", ".notice.bad[role=alert]"].map((one) => document.querySelector(`main ${one}`)).find(Boolean);
if (place && document.activeElement === document.body) {
  if (!place.matches("input, select, textarea, button")) place.tabIndex = -1;
  place.focus();
  place.scrollIntoView({ block: "center" });
}

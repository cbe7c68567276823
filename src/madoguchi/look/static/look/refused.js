// A form that came back refused: the first field that is wrong, or what is said of them all, has the focus and is in sight.
const place = document.querySelector("main [aria-invalid=true], main .notice.bad[role=alert]");
if (place && document.activeElement === document.body) {
  if (!place.matches("input, select, textarea, button")) place.tabIndex = -1;
  place.focus();
  place.scrollIntoView({ block: "center" });
}

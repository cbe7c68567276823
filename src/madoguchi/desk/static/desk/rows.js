// The list never moves under somebody's hand: while it is pointed at or walked through, rows are only brought up to
// date where they stand, and a button says how much else has changed.
let waiting = null;

const list = () => document.querySelector("section.list");
const button = () => document.getElementById("new-rows");
const rowsIn = (element) => [...element.querySelectorAll("a[data-row]")];
const inHand = () => list().matches(":hover") || list().contains(document.activeElement);

function current(row, old) {
  if (old?.hasAttribute("aria-current")) row.setAttribute("aria-current", "true");
  return row;
}

export function placeRow(row) {
  const old = document.getElementById(row.id);
  if (old && !old.isEqualNode(row)) exchange(old, row);
}

function exchange(old, row) {
  const focused = document.activeElement === old;
  old.replaceWith(current(row, old));
  if (focused) row.focus({ preventScroll: true });
}

export function placeRows(rows, fresh) {
  const known = new Map(rowsIn(rows).map((row) => [row.id, row]));
  const order = rowsIn(fresh).map((row) => row.id);
  const shown = [...known.keys()].slice(0, Math.max(order.length, 1));
  rowsIn(fresh).forEach((row) => known.has(row.id) && placeRow(row.cloneNode(true)));
  const changes = order.filter((id) => !known.has(id)).length + shown.filter((id) => !order.includes(id)).length;
  const moved = order.join() !== shown.join();
  if (!moved && known.size) return offer(0);
  if (inHand() || list().scrollTop > 40) {
    waiting = fresh;
    return offer(changes);
  }
  return move(rows, fresh);
}

// The open case keeps its place in the list until another one is opened, even when it no longer belongs there.
function move(rows, fresh) {
  const open = rows.querySelector("a[data-row][aria-current]");
  const place = open ? rowsIn(rows).indexOf(open) : -1;
  const beyond = rowsIn(rows).slice(rowsIn(fresh).length + 50);
  rows.replaceChildren(...[...fresh.children].map((one) => current(one, document.getElementById(one.id))));
  if (open && !document.getElementById(open.id)) rows.insertBefore(open, rows.children[place] ?? null);
  beyond.forEach((row) => document.getElementById(row.id) || rows.append(row));
  window.htmx?.process(rows);
  waiting = null;
  offer(0);
}

function offer(changes) {
  const words = button();
  if (!words) return;
  words.hidden = changes === 0;
  words.textContent = words.dataset.words.replace("{n}", changes);
}

function apply() {
  const rows = document.getElementById("rows");
  if (waiting && rows) move(rows, waiting);
}

document.addEventListener("click", (event) => {
  if (event.target.id !== "new-rows") return;
  apply();
  list().scrollTop = 0;
  document.querySelector("#rows a[data-row]")?.focus({ preventScroll: true });
});
list()?.addEventListener("pointerleave", () => inHand() || list().scrollTop > 40 || apply());

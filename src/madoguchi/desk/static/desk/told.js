// Who goes where a notification leads has read it. It is said beside the way there, which does not wait for it.
import { post } from "../look/http.js";

export function read(address) {
  post(`${address}mark/`, new URLSearchParams({ read: "yes" }), { keepalive: true, redirect: "manual" }).catch(console.warn);
}

for (const kind of ["click", "auxclick"])
  document.addEventListener(kind, (event) => {
    const link = event.target.closest?.("a[data-told]");
    if (link && event.button < 2) read(link.getAttribute("href"));
  });

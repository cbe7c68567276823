// Talking to our own server: the CSRF token on every write, fetch's and htmx's alike.

export function csrfToken() {
  const meta = document.querySelector('meta[name="csrf-token"]')?.content;
  return meta || document.querySelector('input[name="csrfmiddlewaretoken"]')?.value || "";
}

export function post(url, body, options = {}) {
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json", ...options.headers };
  return fetch(url, { ...options, method: "POST", body, headers, credentials: "same-origin" });
}

// Who is no longer signed in is led to the sign-in page, with success: nothing was done.
export const ledAway = (xhr, path) =>
  Boolean(xhr.responseURL) && new URL(xhr.responseURL).pathname !== new URL(path, location.href).pathname;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});

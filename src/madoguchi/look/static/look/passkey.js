// A passkey that cannot be used says so on the page: allauth's scripts tell nobody but the console.
const IP_ADDRESS = /^(\[.*\]|[\d.]+)$/;

function wordFor(exception, words) {
  if (IP_ADDRESS.test(location.hostname)) return words.address;
  return exception?.name === "InvalidStateError" ? words.known : words.failed;
}

document.addEventListener("allauth.error", (event) => {
  const notice = document.querySelector("[data-passkey-problem]");
  if (!notice || !event.detail.tags.includes("webauthn")) return;
  event.preventDefault();
  document.querySelector("#main h1")?.after(notice);
  notice.hidden = false;
  notice.querySelector("p").textContent = wordFor(event.detail.exception, notice.dataset);
});

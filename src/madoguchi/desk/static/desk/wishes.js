// The browser is asked only when somebody ticks that they wish it.
const box = document.querySelector("[data-browser]");
const denied = document.querySelector("[data-denied]");

box?.addEventListener("change", async () => {
  if (!box.checked) return;
  const said = "Notification" in window ? await Notification.requestPermission() : "denied";
  denied.hidden = said === "granted";
  box.checked = said === "granted";
});

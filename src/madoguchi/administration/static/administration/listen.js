// What a caller would hear in a trial is played, one recording after another, once a button of the trial was pressed.
// Whatever is pressed next stops it.
let playing = null;

const ended = (sound) =>
  new Promise((resolve) => {
    for (const kind of ["ended", "pause", "error"]) sound.addEventListener(kind, resolve, { once: true });
  });

async function play() {
  const mine = {};
  playing = mine;
  for (const sound of document.querySelectorAll("#trial [data-now] audio")) {
    if (playing !== mine || !sound.isConnected) return;
    sound.loop = "music" in sound.dataset;
    try {
      await sound.play();
    } catch {
      return;
    }
    await ended(sound);
  }
}

document.addEventListener("htmx:beforeRequest", () => {
  playing = null;
  for (const sound of document.querySelectorAll("#trial audio")) sound.pause();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.elt?.closest("[data-aloud]")) play();
});

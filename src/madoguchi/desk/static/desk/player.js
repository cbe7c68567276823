// A recording is drawn when it is first played: above the caller, below us. A click in it goes there; the speed is
// chosen beside it. Without this the browser's own player does all that matters.
const shapes = new WeakMap();
const canvasOf = (audio) => audio.closest?.(".player")?.querySelector("canvas[data-shape]");
const audioOf = (element) => element.closest(".player")?.querySelector("audio");

async function draw(audio) {
  const canvas = canvasOf(audio);
  if (!canvas || shapes.has(canvas)) return;
  shapes.set(canvas, null);
  const answer = await fetch(canvas.dataset.shape, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  shapes.set(canvas, await answer.json());
  canvas.dataset.drawn = "";
  paint(audio);
}

function paint(audio) {
  const canvas = canvasOf(audio);
  const shape = canvas && shapes.get(canvas);
  if (!shape) return;
  const pen = canvas.getContext("2d");
  const colours = getComputedStyle(canvas);
  const [wide, high] = [canvas.width, canvas.height];
  const middle = shape.sides.length > 1 ? high / 2 : high;
  const heard = (audio.currentTime / shape.seconds) * wide;
  pen.clearRect(0, 0, wide, high);
  shape.sides.forEach((side, below) => {
    side.forEach((loud, at) => {
      const x = (at * wide) / side.length;
      const tall = Math.max(1, (loud * middle) / 100);
      // Roles may be reckoned for light and dark: a canvas knows them only where they are worked out.
      pen.fillStyle = x < heard ? colours.outlineColor : colours.color;
      pen.fillRect(x, below ? middle : middle - tall, wide / side.length, tall);
    });
  });
}

function go(event) {
  const canvas = event.target.closest?.(".player canvas[data-drawn]");
  const audio = canvas && audioOf(canvas);
  if (!audio) return;
  const box = canvas.getBoundingClientRect();
  audio.currentTime = ((event.clientX - box.left) / box.width) * shapes.get(canvas).seconds;
  paint(audio);
}

// What happens to a player does not bubble: it is caught on its way down.
document.addEventListener("play", (event) => draw(event.target), true);
document.addEventListener("timeupdate", (event) => paint(event.target), true);
document.addEventListener("click", go);
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-player-speed]")) audioOf(event.target).playbackRate = Number(event.target.value);
});

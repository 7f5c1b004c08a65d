// One outfit: the photo laid over the generated picture, and its splat in 3D, loaded on a click.
const compare = document.querySelector("[data-compare]");
const slider = compare.querySelector(".slider");
const SHARES = [[0, "none of it"], [100, "all of it"]];

function cut(share) {
  slider.value = share;
  compare.style.setProperty("--cut", `${slider.value}%`);
  const said = SHARES.find(([value]) => value === Number(slider.value));
  slider.setAttribute("aria-valuetext", said ? said[1] : `${slider.value} percent`);
}

slider.hidden = false;
compare.classList.add("ready");
cut(50);
slider.addEventListener("input", () => cut(slider.value));

// Anywhere on the picture, by mouse or finger; a finger that goes up or down still scrolls the page.
let drawn = false;
const follow = (event) => {
  const { left, width } = compare.getBoundingClientRect();
  cut(Math.round((100 * (event.clientX - left)) / width));
};
compare.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault();
  drawn = true;
  compare.setPointerCapture(event.pointerId);
  slider.focus({ preventScroll: true });
  follow(event);
});
compare.addEventListener("pointermove", (event) => { if (drawn) follow(event); });
for (const kind of ["pointerup", "pointercancel"]) compare.addEventListener(kind, () => { drawn = false; });

const depth = document.querySelector("[data-splat]");
if (depth) prepare(depth);

function prepare(section) {
  const opener = section.querySelector("[data-open]");
  const stage = section.querySelector("[data-stage]");
  const told = section.querySelector("[data-told]");
  let canvas = stage.querySelector("canvas");
  let view = null;
  let asked = 0;

  const say = (text) => { told.textContent = text; };
  const tell = (state) => {
    section.dataset.state = state;
    if (state === "ready") say("");
    if (state === "lost") close("The graphics driver took the 3D view away. Open it again.");
  };

  // The view stands where the picture stood.
  function swap(shown) {
    stage.hidden = !shown;
    compare.hidden = shown;
    opener.parentElement.hidden = shown;
    opener.disabled = false;
  }

  function close(said = "") {
    asked += 1;
    view?.close();
    view = null;
    // A canvas whose context was given back cannot get another one.
    const fresh = canvas.cloneNode();
    canvas.replaceWith(fresh);
    canvas = fresh;
    swap(false);
    section.dataset.state = "closed";
    say(said);
    opener.focus();
  }

  async function open() {
    const mine = ++asked;
    opener.disabled = true;
    section.dataset.state = "loading";
    try {
      if (!document.createElement("canvas").getContext("webgl2")) {
        throw new Error("This browser has no WebGL 2, which the 3D view needs. The picture above is complete without it.");
      }
      say("Loading the 3D view");
      const [{ show }, bytes] = await Promise.all([import(section.dataset.viewer), fetchSplat(section.dataset.splat)]);
      if (mine !== asked) return;
      swap(true);
      canvas.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
      canvas.focus({ preventScroll: true });
      const fov = Number(section.dataset.fov) || null;
      const shown = await show(canvas, bytes, { fov, told: tell });
      if (mine === asked) view = shown;
      else shown.close();
    } catch (error) {
      if (mine !== asked) return;
      close(`The 3D view cannot be shown. ${error.message}`);
      section.dataset.state = "failed";
    }
  }

  opener.disabled = false;
  opener.addEventListener("click", open);
  stage.addEventListener("click", (event) => {
    const { turn, zoom, close: ends } = event.target.dataset;
    if (ends !== undefined) close();
    if (turn) view?.orbit.turn(Number(turn), 0);
    if (zoom) view?.orbit.approach(Number(zoom));
    view?.draw();
  });
  addEventListener("pagehide", () => view && close());
}

async function fetchSplat(address) {
  const answer = await fetch(address);
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  const body = await answer.json().catch(() => null);
  throw new Error(body?.error?.message ?? `The service answered ${answer.status}.`);
}

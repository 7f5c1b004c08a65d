// Mouse, touch and keyboard move the orbit; nothing else does, so nobody who asked for less motion sees any.
const STEP = 4; // Degrees for one press of an arrow key.
const CLOSER = 1.12; // For one press of plus, or one notch of the wheel.
const DEGREES_PER_WIDTH = 70; // A finger drawn across the whole picture.

const KEYS = {
  ArrowLeft: (orbit) => orbit.turn(-STEP, 0),
  ArrowRight: (orbit) => orbit.turn(STEP, 0),
  ArrowUp: (orbit) => orbit.turn(0, STEP),
  ArrowDown: (orbit) => orbit.turn(0, -STEP),
  "+": (orbit) => orbit.approach(CLOSER),
  "=": (orbit) => orbit.approach(CLOSER),
  "-": (orbit) => orbit.approach(1 / CLOSER),
  0: (orbit) => orbit.reset(),
  Home: (orbit) => orbit.reset(),
};

// Returns what takes all listeners away again. moved() is called after each change.
export function listen(canvas, orbit, moved) {
  const stop = new AbortController();
  const on = (kind, handle, options = {}) => canvas.addEventListener(kind, handle, { signal: stop.signal, ...options });
  const fingers = new Map();
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };

  on("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(orbit);
    moved();
  });
  on("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  on("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const apart = fingers.size === 2 ? spread() : 0;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const turn = DEGREES_PER_WIDTH / canvas.clientWidth;
    if (fingers.size === 1) orbit.turn(-(event.clientX - before.x) * turn, (event.clientY - before.y) * turn);
    else if (apart > 0) orbit.approach(spread() / apart);
    moved();
  });
  for (const kind of ["pointerup", "pointercancel"]) on(kind, (event) => fingers.delete(event.pointerId));
  // Only with the view in focus, so that a page that is being scrolled does not stop at the picture.
  on("wheel", (event) => {
    if (document.activeElement !== canvas) return;
    event.preventDefault();
    orbit.approach(event.deltaY < 0 ? CLOSER : 1 / CLOSER);
    moved();
  }, { passive: false });
  return () => stop.abort();
}

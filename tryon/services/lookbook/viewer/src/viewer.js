// The 3D view of one outfit: Spark draws the splat, three.js holds the scene. Loaded by the outfit page on a click.
import { SparkRenderer, SplatMesh, wasmModule } from "@sparkjsdev/spark";
import { Box3, PerspectiveCamera, Scene, Vector3, WebGLRenderer } from "three";
import { Orbit, fit } from "./orbit.js";
import { listen } from "./controls.js";

const MOST_PIXELS = 1.75; // Of a device pixel: a sharper splat shows nothing more, and costs a phone its battery.
const SETTLED = 15; // Frames until the splats are sorted for the first time.

// canvas: where to draw. bytes: a vertex-only PLY in OpenCV axes. fov: the photo's own vertical field of view in
// degrees, or null to fit the splat. told(state) hears "ready" or "lost". Returns what the page may do with it.
export async function show(canvas, bytes, { fov = null, told = () => {} } = {}) {
  await wasmModule;
  const renderer = new WebGLRenderer({ canvas, alpha: true, antialias: false, powerPreference: "low-power" });
  const scene = new Scene();
  const spark = new SparkRenderer({ renderer });
  scene.add(spark);
  const splat = new SplatMesh({ fileBytes: bytes });
  await splat.initialized;
  splat.quaternion.set(1, 0, 0, 0); // OpenCV (y down, z forward) to OpenGL (y up, z backward).
  scene.add(splat);
  splat.updateMatrixWorld();

  const middle = new Vector3();
  const box = new Box3().copy(splat.getBoundingBox(true)).applyMatrix4(splat.matrixWorld);
  box.getCenter(middle);
  const target = new Vector3(0, 0, middle.z);
  const orbit = new Orbit(-middle.z);
  const camera = new PerspectiveCamera(fov ?? 40, 1, orbit.distance / 50, orbit.distance * 20);

  let wanted = true;
  let frames = 0;
  let closed = false;
  const draw = () => { wanted = true; };
  spark.onDirty = draw;
  const size = () => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return;
    renderer.setPixelRatio(Math.min(devicePixelRatio, MOST_PIXELS));
    renderer.setSize(width, height, false);
    camera.aspect = width / height;
    camera.fov = fov ?? fit(box, camera.aspect);
    camera.updateProjectionMatrix();
    draw();
  };
  const watch = new ResizeObserver(size);
  watch.observe(canvas);
  size();

  renderer.setAnimationLoop(() => {
    if (!wanted && frames >= SETTLED) return;
    wanted = false;
    const [x, y, z] = orbit.place();
    camera.position.set(target.x + x, target.y + y, target.z + z);
    camera.lookAt(target);
    renderer.render(scene, camera);
    frames += 1;
    if (frames === SETTLED) told("ready");
  });
  const lost = (event) => { event.preventDefault(); told("lost"); };
  canvas.addEventListener("webglcontextlost", lost);
  const silence = listen(canvas, orbit, draw);

  return {
    orbit,
    draw,
    splats: splat.numSplats,
    // Gives all of the GPU's memory back at once, rather than when the browser comes to collect it.
    close() {
      if (closed) return;
      closed = true;
      renderer.setAnimationLoop(null);
      canvas.removeEventListener("webglcontextlost", lost);
      silence();
      watch.disconnect();
      scene.remove(splat, spark);
      splat.dispose();
      spark.dispose();
      renderer.dispose();
      renderer.forceContextLoss();
    },
  };
}

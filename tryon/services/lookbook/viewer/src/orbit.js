// Where the camera stands. A splat made from one image is true only near the place that the image was taken from, so
// the orbit is a small window around it, and what was never seen stays out of sight.
export const LIMITS = { yaw: 25, pitch: 12, near: 0.45, far: 1.25 };
const clamp = (value, most) => Math.min(most, Math.max(-most, value));

export class Orbit {
  // distance: metres from the camera's first place to the middle of the person.
  constructor(distance) {
    this.distance = distance;
    this.reset();
  }

  reset() {
    this.yaw = 0;
    this.pitch = 0;
    this.zoom = 1;
  }

  // Degrees.
  turn(yaw, pitch) {
    this.yaw = clamp(this.yaw + yaw, LIMITS.yaw);
    this.pitch = clamp(this.pitch + pitch, LIMITS.pitch);
  }

  // factor: above 1 comes nearer.
  approach(factor) {
    this.zoom = Math.min(LIMITS.far, Math.max(LIMITS.near, this.zoom / factor));
  }

  // [x, y, z] in OpenGL axes relative to the middle, from where the camera looks at it.
  place() {
    const [yaw, pitch] = [this.yaw, this.pitch].map((degrees) => (degrees * Math.PI) / 180);
    const radius = this.distance * this.zoom;
    return [
      radius * Math.sin(yaw) * Math.cos(pitch),
      radius * Math.sin(pitch),
      radius * Math.cos(yaw) * Math.cos(pitch),
    ];
  }
}

// The vertical field of view, degrees, in which a box of splats is whole. box: {min, max} in OpenGL axes, the camera at
// the origin. aspect: width / height of the canvas.
export function fit(box, aspect, margin = 1.06) {
  const near = Math.max(1e-3, -box.max.z);
  const slope = Math.max(
    Math.abs(box.min.y), Math.abs(box.max.y),
    Math.abs(box.min.x) / aspect, Math.abs(box.max.x) / aspect,
  );
  return (2 * Math.atan((margin * slope) / near) * 180) / Math.PI;
}

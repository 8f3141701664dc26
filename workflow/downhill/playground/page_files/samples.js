// Digits to begin with, for everybody who cannot or does not want to draw.

/**
 * Points on an ellipse; angles in degrees, clockwise from the right.
 * @param {number} x
 * @param {number} y
 * @param {number} width half of it
 * @param {number} height half of it
 * @param {number} from
 * @param {number} to
 * @returns {Point[]}
 */
function arc(x, y, width, height, from, to) {
  const steps = Math.ceil(Math.abs(to - from) / 15);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const angle = (from + (to - from) * step / steps) * Math.PI / 180;
    return /** @type {Point} */ ([x + width * Math.cos(angle), y + height * Math.sin(angle)]);
  });
}

/** @type {Point[][][]} */
const SAMPLES = [
  [arc(0.5, 0.5, 0.19, 0.3, -80, 280)],
  [[[0.55, 0.18], [0.46, 0.82]]],
  [[...arc(0.49, 0.36, 0.17, 0.17, 195, 390), [0.32, 0.79], [0.72, 0.76]]],
  [[...arc(0.48, 0.34, 0.16, 0.15, 200, 440), ...arc(0.49, 0.65, 0.19, 0.18, -85, 150)]],
  [[[0.36, 0.2], [0.32, 0.5], [0.68, 0.47]], [[0.68, 0.2], [0.63, 0.84]]],
  [[[0.7, 0.2], [0.42, 0.21], [0.37, 0.46], ...arc(0.48, 0.63, 0.19, 0.19, -105, 140)]],
  [[[0.6, 0.17], [0.47, 0.32], [0.38, 0.52], ...arc(0.5, 0.67, 0.14, 0.15, 185, 535)]],
  [[[0.31, 0.23], [0.69, 0.21], [0.46, 0.82]]],
  [[...arc(0.5, 0.34, 0.14, 0.15, 70, -270), ...arc(0.5, 0.66, 0.16, 0.17, -90, 265)]],
  [[...arc(0.5, 0.36, 0.15, 0.16, 0, -345), [0.65, 0.36], [0.6, 0.83]]],
];

const hasDigits = DATA.classes.length === 10 && DATA.classes.every((name, digit) => name === String(digit));

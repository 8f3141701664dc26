// From strokes to an image as MNIST has it; `downhill.drawing.preprocess` is the reference in Python.

/**
 * @typedef {[number, number]} Point x to the right and y down, from 0 to 1
 * @typedef {{ size: number, values: Float64Array }} Raster square, row by row, 0 … 255
 * @typedef {{ raw: Raster, fitted: Raster | null, image: Uint8Array, shift: [number, number] }} Steps
 */

const SIDE = 28, FITTED = 20, FINE = 8;
const PEN = 3; // pixels, as wide as MNIST's strokes
const PEN_AS_DRAWN = 2; // pixels of 28, where the drawing keeps its size

/**
 * The image of a drawing, with every step on the way.
 * @param {Point[][]} strokes
 * @param {boolean} fit whether position and size are made those of MNIST
 * @returns {Steps}
 */
function imageOfStrokes(strokes, fit) {
  const points = strokes.flat();
  const raw = inked(scaledTo(strokes, (value) => value * SIDE * FINE), SIDE * FINE, PEN_AS_DRAWN * FINE / 2);
  if (!points.length || !fit) return { raw, fitted: null, image: rounded(areaAverage(raw, SIDE)), shift: [0, 0] };
  const [left, top] = [0, 1].map((axis) => points.reduce((low, point) => Math.min(low, point[axis]), 1));
  const [right, bottom] = [0, 1].map((axis) => points.reduce((high, point) => Math.max(high, point[axis]), 0));
  const longest = Math.max(right - left, bottom - top);
  const scale = longest > 0 ? (FITTED - PEN) / longest : 1;
  const middle = [(left + right) / 2, (top + bottom) / 2];
  const placed = scaledTo(strokes, (value, axis) => ((value - middle[axis]) * scale + FITTED / 2) * FINE);
  return { ...imageOfRaster(inked(placed, FITTED * FINE, PEN * FINE / 2), true), raw };
}

/**
 * @param {Point[][]} strokes
 * @param {(value: number, axis: number) => number} change
 * @returns {Point[][]}
 */
function scaledTo(strokes, change) {
  return strokes.map((stroke) => stroke.map(([x, y]) => /** @type {Point} */ ([change(x, 0), change(y, 1)])));
}

/**
 * The image of any square raster.
 * @param {Raster} raw
 * @param {boolean} fit
 * @returns {Steps}
 */
function imageOfRaster(raw, fit) {
  const cut = fit ? cropped(raw) : null;
  if (!cut) return { raw, fitted: null, image: rounded(areaAverage(raw, SIDE)), shift: [0, 0] };
  const fitted = areaAverage(cut, FITTED);
  const largest = fitted.values.reduce((high, value) => Math.max(high, value), 0);
  let sum = 0, sumX = 0, sumY = 0;
  for (let at = 0; at < fitted.values.length; at++) {
    const value = 255 * fitted.values[at] / largest;
    fitted.values[at] = value;
    sum += value;
    sumX += value * (at % FITTED);
    sumY += value * Math.floor(at / FITTED);
  }
  const room = SIDE - FITTED;
  const [x, y] = [sumX / sum, sumY / sum].map((mean) => Math.min(Math.max(halfToEven(SIDE / 2 - mean), 0), room));
  const image = new Uint8Array(SIDE * SIDE);
  for (let at = 0; at < fitted.values.length; at++) {
    image[(Math.floor(at / FITTED) + y) * SIDE + at % FITTED + x] = halfToEven(fitted.values[at]);
  }
  return { raw, fitted, image, shift: [x, y] };
}

/** @param {number} value */
function halfToEven(value) {
  const below = Math.floor(value), rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** @param {Raster} raster */
const rounded = (raster) => Uint8Array.from(raster.values, halfToEven);

/**
 * A raster of 255 where the middle of a sample lies within a radius of the strokes, 0 elsewhere.
 * @param {Point[][]} strokes in samples
 * @param {number} size
 * @param {number} radius
 * @returns {Raster}
 */
function inked(strokes, size, radius) {
  const values = new Float64Array(size * size);
  for (const stroke of strokes) {
    for (let at = 0; at < stroke.length; at++) {
      if (at > 0 || stroke.length === 1) inkSegment(values, size, radius, stroke[Math.max(at - 1, 0)], stroke[at]);
    }
  }
  return { size, values };
}

/**
 * @param {Float64Array} values
 * @param {number} size
 * @param {number} radius
 * @param {Point} from
 * @param {Point} to
 */
function inkSegment(values, size, radius, [x0, y0], [x1, y1]) {
  const dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
  const first = (/** @type {number} */ low) => Math.max(0, Math.floor(low - radius - 0.5));
  const last = (/** @type {number} */ high) => Math.min(size - 1, Math.ceil(high + radius));
  for (let row = first(Math.min(y0, y1)); row <= last(Math.max(y0, y1)); row++) {
    for (let column = first(Math.min(x0, x1)); column <= last(Math.max(x0, x1)); column++) {
      const x = column + 0.5 - x0, y = row + 0.5 - y0;
      const along = length > 0 ? Math.min(Math.max((x * dx + y * dy) / length, 0), 1) : 0;
      const awayX = x - along * dx, awayY = y - along * dy;
      if (awayX * awayX + awayY * awayY <= radius * radius) values[row * size + column] = 255;
    }
  }
}

/**
 * The ink alone, widened to a square on both sides, the odd column or row right or below; null without ink.
 * @param {Raster} raster
 * @returns {Raster | null}
 */
function cropped({ size, values }) {
  let left = size, right = -1, top = size, bottom = -1;
  values.forEach((value, at) => {
    if (value <= 0) return;
    const x = at % size, y = Math.floor(at / size);
    left = Math.min(left, x); right = Math.max(right, x);
    top = Math.min(top, y); bottom = Math.max(bottom, y);
  });
  if (right < 0) return null;
  const width = right - left + 1, height = bottom - top + 1, side = Math.max(width, height);
  const x = Math.floor((side - width) / 2), y = Math.floor((side - height) / 2);
  const cut = new Float64Array(side * side);
  for (let row = 0; row < height; row++) {
    const start = (top + row) * size + left;
    cut.set(values.subarray(start, start + width), (y + row) * side + x);
  }
  return { size: side, values: cut };
}

/**
 * A raster of another size, each sample the mean of the area that it covers. In units of which a sample of the raster
 * has as many as the new one has samples, all lengths are whole numbers, so that sums are exact.
 * @param {Raster} raster
 * @param {number} size
 * @returns {Raster}
 */
function areaAverage({ size: before, values }, size) {
  const sums = summed(summed(values, before, before, size), before, size, size);
  return { size, values: sums.map((sum) => sum / (before * before)) };
}

/**
 * Sums along rows, weighted by the length that is covered, with rows and columns exchanged.
 * @param {Float64Array} values rows × columns
 * @param {number} columns
 * @param {number} rows
 * @param {number} size new number of columns
 */
function summed(values, columns, rows, size) {
  const found = new Float64Array(rows * size);
  for (let place = 0; place < size; place++) {
    const start = place * columns, end = start + columns;
    for (let column = Math.floor(start / size); column * size < end; column++) {
      const length = Math.min(end, (column + 1) * size) - Math.max(start, column * size);
      for (let row = 0; row < rows; row++) found[place * rows + row] += length * values[row * columns + column];
    }
  }
  return found;
}

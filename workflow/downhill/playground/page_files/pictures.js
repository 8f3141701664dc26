// Pictures on canvases: ink, and weights in the colours of the report's figures.

const INK_COLOURS = ["#10151c", "#ffffff"]; // of an image: like chalk on a blackboard
// Cividis, from negative to positive, as in the figures; see `downhill.figures.style`.
const CIVIDIS = "00224e00255400285b002b62002e6a0030700433711135701a386f213b6e273e6e2d416d32436d36466c3b496c3f4c6c434e6c"
  + "47516c4b546c4f576c52596d565c6d5a5f6e5d626e61656f646770686a716b6d726f70737273747576767978777c7b78807e788481798784788"
  + "b87788f8a78938d789790779b93769f9676a39a75a79d74aba072afa371b3a670b7aa6ebbad6cbfb06bc3b469c8b766ccba64d0be61d4c15fd9"
  + "c55cddc958e1cc55e6d051ead44cefd748f4db42f8df3cfde334fee838";
const STOPS = CIVIDIS.length / 6;

/**
 * Red, green and blue of a number from −1 to 1.
 * @param {number} value
 * @returns {number[]}
 */
function colourOf(value) {
  const at = (Math.min(Math.max(value, -1), 1) + 1) / 2 * (STOPS - 1);
  const low = Math.min(Math.floor(at), STOPS - 2), rest = at - low;
  return [0, 2, 4].map((byte) => {
    const [one, other] = [low, low + 1].map((stop) => parseInt(CIVIDIS.slice(6 * stop + byte, 6 * stop + byte + 2), 16));
    return Math.round(one + rest * (other - one));
  });
}

/**
 * A context whose units are CSS pixels, on a canvas as sharp as the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length * ratio)));
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(w / width, 0, 0, h / height, 0, 0);
  return context;
}

const sheet = made("canvas");

/**
 * Draws a grid of colours into a rectangle, each as a square without soft edges.
 * @param {CanvasRenderingContext2D} context
 * @param {number} columns
 * @param {number} count
 * @param {(at: number) => number[]} colour
 * @param {[number, number, number, number]} where x, y, width, height
 */
function drawGrid(context, columns, count, colour, where) {
  sheet.width = columns;
  sheet.height = Math.ceil(count / columns);
  const inner = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d", { willReadFrequently: true }));
  const picture = inner.createImageData(sheet.width, sheet.height);
  for (let at = 0; at < count; at++) {
    const [red, green, blue] = colour(at);
    picture.data.set([red, green, blue, 255], 4 * at);
  }
  inner.putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(sheet, ...where);
}

/** @param {number} value 0 … 255 */
const chalk = (value) => [16 + value * 239 / 255, 21 + value * 234 / 255, 28 + value * 227 / 255];

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ArrayLike<number>} values 0 … 255 of a square image
 * @param {[number, number, number, number]} where
 */
function drawInk(context, values, where) {
  drawGrid(context, Math.round(Math.sqrt(values.length)), values.length, (at) => chalk(values[at]), where);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ArrayLike<number>} weights
 * @param {number} columns
 * @param {number} largest the |weight| with the strongest colour
 * @param {[number, number, number, number]} where
 */
function drawWeights(context, weights, columns, largest, where) {
  drawGrid(context, columns, weights.length, (at) => colourOf(weights[at] / (largest || 1)), where);
}

/**
 * A picture of ink as an element.
 * @param {ArrayLike<number>} values
 * @param {number} size in CSS pixels
 */
function inkPicture(values, size) {
  const canvas = made("canvas");
  canvas.style.width = canvas.style.height = `${size}px`;
  drawInk(sharp(canvas, size, size), values, [0, 0, size, size]);
  return canvas;
}

/**
 * The weights of a unit from all inputs.
 * @param {Layer} layer
 * @param {number} unit
 */
function weightsOf({ inputs, units, W }, unit) {
  return Float64Array.from({ length: inputs }, (_, input) => W[input * units + unit]);
}

/** @param {ArrayLike<number>} values */
function largestOf(values) {
  let found = 0;
  for (let at = 0; at < values.length; at++) found = Math.max(found, Math.abs(values[at]));
  return found;
}

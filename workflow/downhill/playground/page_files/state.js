// What is chosen and drawn, and what follows from it. Views are called when something changes.

const CELLS = 12; // along a side of the grid that can be filled in by keyboard

/** @typedef {"draw" | "image" | "noise" | "cells" | "twin"} Source */

const state = {
  network: 0,
  place: 0, // of the seed among those in the page
  step: -1, // of the replay; -1 is the trained network
  fit: true, // whether drawings are made to look like MNIST's
  source: /** @type {Source} */ ("draw"),
  strokes: /** @type {Point[][]} */ ([]),
  cells: new Uint8Array(CELLS * CELLS),
  image: 0,
  noise: 1,
  twin: 0,
};

/** @type {{ steps: Steps, pixels: Uint8Array, layers: Layer[], answer: Answer, blank: boolean }} */
let shown;

/** @type {Point[] | null} */
let stroke = null; // the one that is being drawn, which is the last of the strokes

/** @type {((drawing: boolean) => void)[]} */
const views = [];

/** The network that is chosen. */
const network = () => DATA.networks[state.network];

/** The layers whose answers are shown. */
function currentLayers() {
  return state.step >= 0 && network().replay ? replayedLayers(state.network, state.step) : layers(state.network, state.place);
}

/**
 * Uniform noise from a seed: every pixel is anything from 0 to 255.
 * @param {number} seed
 */
function noiseOf(seed) {
  let at = seed >>> 0;
  return Uint8Array.from({ length: PIXELS }, () => {
    at = (at + 0x6d2b79f5) >>> 0; // mulberry32
    let t = Math.imul(at ^ (at >>> 15), at | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) >>> 24;
  });
}

/**
 * What the network is given, with the steps that lead to it.
 * @returns {Steps}
 */
function input() {
  if (state.source === "draw") return imageOfStrokes(state.strokes, state.fit);
  if (state.source === "cells") {
    return imageOfRaster({ size: CELLS, values: Float64Array.from(state.cells, (cell) => 255 * cell) }, state.fit);
  }
  const image = state.source === "noise" ? noiseOf(state.noise)
    : state.source === "twin" ? imageAt(twinPixels, state.twin) : imageAt(testPixels, state.image);
  return { raw: { size: SIDE, values: Float64Array.from(image) }, fitted: null, image, shift: [0, 0] };
}

/**
 * Computes the answer again and updates all views.
 * @param {boolean} drawing whether a stroke is being drawn: then there is no time for anything but the picture
 */
function refresh(drawing = false) {
  const steps = input(), net = currentLayers(), answer = forward(network(), net, steps.image);
  shown = { steps, pixels: steps.image, layers: net, answer, blank: steps.image.every((pixel) => pixel === 0) };
  for (const view of views) view(drawing);
}

/**
 * Changes what is chosen, then everything that follows from it. A stroke ends if what it belongs to is replaced.
 * @param {Partial<typeof state>} change
 */
function choose(change) {
  if ("source" in change) stroke = null;
  Object.assign(state, change);
  refresh();
}

/** What the input is, in words. */
function inputInWords() {
  if (shown.blank) return "Nothing drawn";
  if (state.source === "noise") return `Static number ${state.noise}`;
  if (state.source === "cells") return "The filled cells";
  if (state.source === "image") {
    return `Test image ${DATA.images.numbers[state.image]}, labelled ${DATA.classes[DATA.images.labels[state.image]]}`;
  }
  if (state.source === "twin" && DATA.twins) {
    return `A training image, labelled ${DATA.classes[DATA.twins.labels[state.twin]]}`;
  }
  return "Your drawing";
}

/** Whether the outputs add up to 1. */
const areProbabilities = () => network().output === "softmax";

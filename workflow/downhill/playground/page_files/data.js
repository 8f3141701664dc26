// The data of the page: networks with their weights, images, and a recorded training.

/**
 * @typedef {{ seed: number, epochs: number[], cost: number[], accuracy: number[], scale: number[] | null,
 *   weights: string[] }} Replay
 * @typedef {{ name: string, title: string, about: string, recipe: string, layer_sizes: number[], activation: string,
 *   output: string, seeds: number[], weights: string[], accuracy: number[], none: boolean, trained: boolean,
 *   mistakes: number[][], twin: string | null, replay: Replay | null }} Network
 * @typedef {{ count: number, pixels: string, labels: number[], numbers: number[], missed_by_all: number[] }} Images
 * @typedef {{ a: string, b: string, seed: number, count: number, pixels: string, labels: number[],
 *   shuffled: number[], known: [number, number] }} Twins
 * @typedef {{ claim: string, kind: string, value: number, lower: number | null, upper: number | null,
 *   n: number, values: number[] }} NoiseEvidence
 * @typedef {{ seeds: number[], trained: number[], matched: number[], barriers: (number | null)[] }} Pair
 * @typedef {{ claim: string, images: number, pairs: Pair[] }} Between
 * @typedef {{ claim: string, n: number, test: number | null, with: number, without: number }} Drawn
 * @typedef {{ title: string, classes: string[], height: number, width: number, sure: number, networks: Network[], images: Images,
 *   twins: Twins | null, evidence: Record<string, NoiseEvidence>, drawn: Record<string, Drawn>, lines: Record<string, Between> }} Payload
 * @typedef {{ inputs: number, units: number, W: Float32Array, b: Float32Array }} Layer
 */

/**
 * The element with an id, which must be of a kind.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function part(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`there is no ${id}`);
  return found;
}

/** @param {string} id */
const box = (id) => part(id, HTMLElement);

/**
 * Says whether a button can do anything now. It stays in the tab order, so that focus is not lost when it no longer can.
 * @param {string} id
 * @param {boolean} can
 */
const allow = (id, can) => box(id).setAttribute("aria-disabled", String(!can));

/**
 * Says what a button does when it is pressed: nothing while it is not allowed to do anything.
 * @param {string} id
 * @param {() => void} action
 */
const onPress = (id, action) => box(id).addEventListener("click", () => { if (box(id).getAttribute("aria-disabled") !== "true") action(); });

/**
 * A new element with a class and a text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [name]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
function made(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

/** @type {Payload} */
const DATA = JSON.parse(box("playground-data").textContent || "");
const PIXELS = DATA.height * DATA.width;

/**
 * The bytes that a text in base64 stands for.
 * @param {string} text
 */
function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/**
 * The place of a seed among those of a network in the page, which it must be one of.
 * @param {Network} network
 * @param {number} seed
 */
function placeOf({ name, seeds }, seed) {
  const place = seeds.indexOf(seed);
  if (place < 0) throw new Error(`seed ${seed} of ${name} is not on this page`);
  return place;
}

/**
 * Splits a parameter vector into layers: W has the weights of one input after another, then comes b.
 * @param {Float32Array} vector
 * @param {number[]} sizes of all layers, input first
 * @returns {Layer[]}
 */
function layersOf(vector, sizes) {
  let at = 0;
  return sizes.slice(1).map((units, layer) => {
    const inputs = sizes[layer], start = at;
    at += (inputs + 1) * units;
    return { inputs, units, W: vector.subarray(start, at - units), b: vector.subarray(at - units, at) };
  });
}

/** @type {Map<string, Layer[]>} */
const decoded = new Map();

/**
 * The layers of a network with the weights of one seed.
 * @param {number} network index
 * @param {number} place of the seed among those in the page
 */
function layers(network, place) {
  const key = `${network} ${place}`;
  let found = decoded.get(key);
  if (!found) {
    const { weights, layer_sizes } = DATA.networks[network];
    found = layersOf(new Float32Array(bytesOf(weights[place]).buffer), layer_sizes);
    decoded.set(key, found);
  }
  return found;
}

/**
 * The layers of a network during the training that is replayed.
 * @param {number} network index
 * @param {number} step of the replay
 */
function replayedLayers(network, step) {
  const key = `${network} replay ${step}`;
  let found = decoded.get(key);
  const { replay, layer_sizes } = DATA.networks[network];
  if (!replay) throw new Error("this network has no replay");
  if (!found) {
    const bytes = bytesOf(replay.weights[step]).buffer;
    if (!replay.scale) found = layersOf(new Float32Array(bytes), layer_sizes);
    else found = restored(new Int16Array(bytes), replay.scale, layer_sizes);
    decoded.set(key, found);
  }
  return found;
}

/**
 * Weights from whole numbers of 16 bits.
 * @param {Int16Array} rounded
 * @param {number[]} scale one factor for W and one for b of each layer
 * @param {number[]} sizes of all layers
 */
function restored(rounded, scale, sizes) {
  const found = layersOf(Float32Array.from(rounded), sizes);
  found.forEach(({ W, b }, layer) => {
    for (let at = 0; at < W.length; at++) W[at] *= scale[2 * layer];
    for (let at = 0; at < b.length; at++) b[at] *= scale[2 * layer + 1];
  });
  return found;
}

const testPixels = bytesOf(DATA.images.pixels);
const twinPixels = DATA.twins ? bytesOf(DATA.twins.pixels) : new Uint8Array(0);

/**
 * One image of several.
 * @param {Uint8Array} all
 * @param {number} index
 */
const imageAt = (all, index) => all.subarray(index * PIXELS, (index + 1) * PIXELS);

/**
 * A number of things.
 * @param {number} count
 * @param {string} name of one of them
 */
const counted = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

/** @param {string[]} names */
const listed = (names) => (names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`);

/** @param {string} text that becomes a sentence */
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** @param {number} share in percent, with two digits near 0 and near 1 */
function percent(share) {
  if (share > 0 && share < 0.00005) return "under 0.01 %";
  return `${(100 * share).toFixed((share > 0.995 && share < 1) || (share > 0 && share < 0.005) ? 2 : 1)} %`;
}

/**
 * A number with a minus sign.
 * @param {number} value
 * @param {number} digits
 */
const signed = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

// What a network computes, by hand: z = a · W + b and a = σ(z), layer by layer.

/**
 * Activations and sums by layer; which output is largest, and how large it is; and the answer, a class or NONE.
 * @typedef {{ a: Float64Array[], z: Float64Array[], largest: number, height: number, answer: number }} Answer
 */

/** The answer “none of these”, which follows those of the classes. */
const NONE = DATA.classes.length;
const DOUBT = 0.5; // a network that was taught to doubt answers “none” if no output reaches this

/** @param {number} answer */
const nameOf = (answer) => (answer === NONE ? "none" : DATA.classes[answer]);

/**
 * What a network answers: the class of its largest output, or “none” if it was taught to doubt and all are low.
 * @param {{ none: boolean }} network
 * @param {number} largest
 * @param {number} height
 */
const decided = ({ none }, largest, height) => (none && height < DOUBT ? NONE : largest);

/**
 * Whether a network is sure of its answer, as claims about noise count it.
 * @param {Answer} answer
 */
const isSure = ({ height }) => height > DATA.sure;

/**
 * Activations of all layers, from the pixels on, and the answer; of several largest outputs, the first one counts.
 * @param {Network} network
 * @param {Layer[]} net its weights
 * @param {ArrayLike<number>} pixels 0 … 255
 * @returns {Answer}
 */
function forward(network, net, pixels) {
  const a = [Float64Array.from(pixels, (pixel) => pixel / 255)];
  /** @type {Float64Array[]} */
  const z = [];
  net.forEach((layer, index) => {
    z.push(sums(layer, a[index]));
    a.push(activated(z[index], index === net.length - 1 ? network.output : network.activation));
  });
  const outputs = a[a.length - 1];
  let largest = 0;
  for (let at = 1; at < outputs.length; at++) if (outputs[at] > outputs[largest]) largest = at;
  const height = outputs[largest];
  return { a, z, largest, height, answer: decided(network, largest, height) };
}

/**
 * z = a · W + b of one layer. Inputs of 0, such as dark pixels, change nothing.
 * @param {Layer} layer
 * @param {Float64Array} inputs
 */
function sums({ units, W, b }, inputs) {
  const z = Float64Array.from(b);
  for (let input = 0; input < inputs.length; input++) {
    const value = inputs[input];
    if (value !== 0) for (let unit = 0, at = input * units; unit < units; unit++, at++) z[unit] += value * W[at];
  }
  return z;
}

/**
 * a = σ(z)
 * @param {Float64Array} z
 * @param {string} name
 */
function activated(z, name) {
  if (name === "softmax") {
    const largest = Math.max(...z);
    const e = z.map((value) => Math.exp(value - largest));
    const sum = e.reduce((total, value) => total + value, 0);
    return e.map((value) => value / sum);
  }
  const functions = /** @type {Record<string, (value: number) => number>} */ ({
    sigmoid: (value) => 1 / (1 + Math.exp(-value)),
    tanh: Math.tanh,
    relu: (value) => Math.max(value, 0),
    leaky_relu: (value) => (value > 0 ? value : 0.01 * value),
    step: (value) => (value > 0 ? 1 : 0),
    linear: (value) => value,
  });
  return z.map(functions[name]);
}

/**
 * The answer of one seed of a network to some pixels.
 * @param {number} network index
 * @param {number} place of the seed
 * @param {ArrayLike<number>} pixels
 */
function answerOf(network, place, pixels) {
  return forward(DATA.networks[network], layers(network, place), pixels);
}

/**
 * The answers of every seed of a network.
 * @param {number} network index
 * @param {ArrayLike<number>} pixels
 */
function answersOf(network, pixels) {
  return DATA.networks[network].seeds.map((_, place) => answerOf(network, place, pixels));
}

/**
 * Wilson's interval at 95 % for a share.
 * @param {number} count
 * @param {number} n
 * @returns {[number, number]}
 */
function wilson(count, n) {
  const z = 1.959963984540054, share = count / n, factor = 1 + z * z / n;
  const middle = (share + z * z / (2 * n)) / factor;
  const half = (z / factor) * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

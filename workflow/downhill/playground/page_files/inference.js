// What a network computes, by hand: z = a · W + b and a = σ(z), layer by layer.

/** @typedef {{ a: Float64Array[], z: Float64Array[], answer: number, height: number }} Answer */

/**
 * Activations of all layers, from the pixels on, and the answer: the largest output, or the first of several.
 * @param {Layer[]} net
 * @param {ArrayLike<number>} pixels 0 … 255
 * @param {string} activation of the hidden units
 * @param {string} output activation of the outputs
 * @returns {Answer}
 */
function forward(net, pixels, activation, output) {
  const a = [Float64Array.from(pixels, (pixel) => pixel / 255)];
  /** @type {Float64Array[]} */
  const z = [];
  net.forEach((layer, index) => {
    z.push(sums(layer, a[index]));
    a.push(activated(z[index], index === net.length - 1 ? output : activation));
  });
  const outputs = a[a.length - 1];
  let answer = 0;
  for (let at = 1; at < outputs.length; at++) if (outputs[at] > outputs[answer]) answer = at;
  return { a, z, answer, height: outputs[answer] };
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
  const { activation, output } = DATA.networks[network];
  return forward(layers(network, place), pixels, activation, output);
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

// Hidden units that recur: units of two networks paired by the correlation of their first-layer weights.

/** @param {number} pixel its place in an image that is mirrored left to right */
const mirrored = (pixel) => pixel + DATA.width - 1 - 2 * (pixel % DATA.width);

/** Pixels that are lit in at least one test image in twenty: the weights of others say little. */
const litPixels = (() => {
  const counts = new Uint32Array(PIXELS);
  testPixels.forEach((value, at) => { if (value > 0) counts[at % PIXELS]++; });
  return [...counts.keys()].filter((pixel) => counts[pixel] >= DATA.images.count / 20);
})();

/**
 * The weights of each unit of the first layer from the lit pixels, with mean 0 and length 1.
 * @param {Layer} layer
 * @param {boolean} mirror the maps left to right
 */
function standardised({ units, W }, mirror = false) {
  return Array.from({ length: units }, (_, unit) => {
    const values = Float64Array.from(litPixels, (pixel) => W[(mirror ? mirrored(pixel) : pixel) * units + unit]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0)) || 1;
    return values.map((value) => (value - mean) / length);
  });
}

/**
 * Correlations between all units of two first layers.
 * @param {Layer} one
 * @param {Layer} other
 * @param {boolean} mirror the maps of the other one
 */
function correlations(one, other, mirror) {
  const first = standardised(one), second = standardised(other, mirror);
  return first.map((a) => second.map((b) => a.reduce((sum, value, at) => sum + value * b[at], 0)));
}

/**
 * The assignment of columns to rows with the largest sum (Hungarian algorithm with potentials, O(n³)).
 * @param {number[][]} gain square
 * @returns {number[]} the column of each row
 */
function assigned(gain) {
  const n = gain.length, u = new Float64Array(n + 1), v = new Float64Array(n + 1);
  const rowOf = new Int32Array(n + 1), way = new Int32Array(n + 1);
  for (let row = 1; row <= n; row++) {
    const least = new Float64Array(n + 1).fill(Infinity), used = new Uint8Array(n + 1);
    let column = 0;
    rowOf[0] = row;
    do {
      used[column] = 1;
      let next = 0, delta = Infinity;
      for (let j = 1; j <= n; j++) {
        if (used[j]) continue;
        const reduced = -gain[rowOf[column] - 1][j - 1] - u[rowOf[column]] - v[j];
        if (reduced < least[j]) [least[j], way[j]] = [reduced, column];
        if (least[j] < delta) [delta, next] = [least[j], j];
      }
      for (let j = 0; j <= n; j++) {
        if (used[j]) { u[rowOf[j]] += delta; v[j] -= delta; } else least[j] -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    for (; column; column = way[column]) rowOf[column] = rowOf[way[column]];
  }
  const found = new Array(n).fill(0);
  for (let j = 1; j <= n; j++) found[rowOf[j] - 1] = j - 1;
  return found;
}

/**
 * For one seed of a network, the best match of each of its units in every other seed.
 * @param {number} which network
 * @param {number} place of the seed
 * @param {boolean} mirror the maps of the other seeds left to right, as a control for chance
 * @returns {{ place: number, unit: number[], alike: number[] }[]} by seed: the unit matched, and the correlation
 */
function matches(which, place, mirror = false) {
  const [own] = layers(which, place);
  return DATA.networks[which].seeds.map((_, other) => other).filter((other) => other !== place).map((other) => {
    const found = correlations(own, layers(which, other)[0], mirror), unit = assigned(found);
    return { place: other, unit, alike: unit.map((column, row) => found[row][column]) };
  });
}

/** @param {number[]} values */
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// One hidden unit up close: its weights as an image, and the sum w · a + b in numbers.

const picked = { layer: 1, unit: 0 };
const layerChoice = part("unit-layer", HTMLSelectElement), unitChoice = part("unit", HTMLInputElement);
const MOST_TERMS = 6;

/** How many hidden layers the network has. */
const hiddenLayers = () => network().layer_sizes.length - 2;

/**
 * @param {number} layer 1 for the first hidden one
 * @param {number} unit
 */
function pick(layer, unit) {
  Object.assign(picked, { layer, unit });
  sweepStart = 0;
  paintNetwork();
  paintUnit();
}

/** Keeps the choice within the network, and the controls in step with it. */
function fitChoice() {
  picked.layer = Math.min(Math.max(picked.layer, 1), Math.max(hiddenLayers(), 1));
  picked.unit = Math.min(picked.unit, network().layer_sizes[picked.layer] - 1);
  if (layerChoice.options.length !== hiddenLayers()) {
    layerChoice.replaceChildren(...Array.from({ length: hiddenLayers() }, (_, at) => new Option(`hidden layer ${at + 1}`, String(at + 1))));
  }
  layerChoice.value = String(picked.layer);
  unitChoice.max = String(network().layer_sizes[picked.layer]);
  unitChoice.value = String(picked.unit + 1);
}

function paintUnit() {
  fitChoice();
  box("unit-card").hidden = hiddenLayers() < 1;
  if (hiddenLayers() < 1) return;
  const layer = shown.layers[picked.layer - 1], weights = weightsOf(layer, picked.unit);
  const common = part("scale-common", HTMLInputElement).checked;
  const largest = largestOf(common ? layer.W : weights);
  const canvas = part("unit-map", HTMLCanvasElement), size = canvas.clientWidth || 224;
  const columns = picked.layer === 1 ? DATA.width : Math.ceil(Math.sqrt(weights.length));
  const context = sharp(canvas, size, size);
  context.clearRect(0, 0, size, size);
  const rows = Math.ceil(weights.length / columns);
  drawWeights(context, weights, columns, largest, [0, 0, size, size * rows / columns]);
  const what = picked.layer === 1 ? "one square for each pixel" : `one square for each unit of layer ${picked.layer - 1}, row by row`;
  canvas.setAttribute("aria-label", `Weights of unit ${picked.unit + 1} of hidden layer ${picked.layer}: ${what}`);
  box("unit-what").textContent = `${what}; from −${largest.toFixed(2)} (dark blue) through 0 (grey) to ${largest.toFixed(2)} (yellow)`;
  paintLegend();
  paintSum(layer, weights);
}

function paintLegend() {
  const canvas = part("unit-legend", HTMLCanvasElement), width = canvas.clientWidth || 224;
  drawGrid(sharp(canvas, width, 12), STOPS, STOPS, (at) => colourOf(2 * at / (STOPS - 1) - 1), [0, 0, width, 12]);
}

/**
 * @param {Layer} layer
 * @param {Float64Array} weights of the unit
 */
function paintSum(layer, weights) {
  const inputs = shown.answer.a[picked.layer - 1], products = weights.map((w, at) => w * inputs[at]);
  const total = (/** @type {number} */ sign) => products.reduce((sum, one) => sum + (sign * one > 0 ? one : 0), 0);
  const z = shown.answer.z[picked.layer - 1][picked.unit], a = shown.answer.a[picked.layer][picked.unit];
  const rows = /** @type {[string, string][]} */ ([
    ["positive products w · a", signed(total(1))],
    ["negative products w · a", signed(total(-1))],
    ["bias b", signed(layer.b[picked.unit])],
    ["sum z", signed(z)],
    [`activation, ${network().activation} of z`, signed(a, 3)],
  ]);
  box("unit-sum").replaceChildren(...rows.flatMap(([name, value]) => [made("dt", "", name), made("dd", "", value)]));
  const order = [...products.keys()].filter((at) => products[at] !== 0)
    .sort((one, other) => Math.abs(products[other]) - Math.abs(products[one])).slice(0, MOST_TERMS);
  box("unit-terms").replaceChildren(...order.map((at) => {
    const row = made("tr"), name = made("th", "", picked.layer === 1
      ? `row ${Math.floor(at / DATA.width) + 1}, column ${at % DATA.width + 1}` : `unit ${at + 1}`);
    name.scope = "row";
    row.append(name, ...[inputs[at], weights[at], products[at]].map((value) => made("td", "", signed(value))));
    return row;
  }));
  box("unit-input").textContent = picked.layer === 1 ? "pixel" : "input";
}

function setUpUnits() {
  layerChoice.addEventListener("change", () => pick(Number(layerChoice.value), 0));
  unitChoice.addEventListener("input", () => {
    const unit = Math.round(Number(unitChoice.value)) - 1;
    if (unit >= 0 && unit < network().layer_sizes[picked.layer]) pick(picked.layer, unit);
  });
  for (const id of ["scale-own", "scale-common"]) box(id).addEventListener("change", paintUnit);
  views.push((drawing) => { if (!drawing) paintUnit(); });
}

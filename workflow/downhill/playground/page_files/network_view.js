// The picture of the network: input, units as lamps, the strongest connections, outputs.

const view = part("view", HTMLCanvasElement);
const MOST_LINES = 140, MOST_WHILE_DRAWING = 60; // between two layers
const HEAD = 54; // pixels above the network, for what its parts are
const STAGE = { ground: "#10151c", dark: [34, 43, 54], lit: [255, 226, 140], ring: "#66788c", text: "#e8edf2", soft: "#b9c4d0",
  positive: "110, 190, 255", negative: "255, 140, 100" };
const still = matchMedia("(prefers-reduced-motion: reduce)");
let frame = 0; // the one that is requested next while the light travels; 0 for none
let sweepStart = 0; // when the light began to travel through the layers; 0 for everything lit

/** @typedef {{ x: number, y: number, radius: number }} Place */
/** @typedef {{ from: number, to: number, value: number }} Line with its value as a share of the largest */

/**
 * Where everything is: the input as a square, then one list of places for each layer.
 * @param {number} width
 * @param {number} height
 * @param {number[]} sizes
 * @returns {{ square: [number, number, number, number], units: Place[][] }}
 */
function placesIn(width, height, sizes) {
  const side = Math.min(width * 0.3, (height - HEAD) * 0.62, 260), left = 14, right = width - 24;
  const start = left + side, step = (right - start) / (sizes.length - 1);
  const units = sizes.slice(1).map((count, layer) => {
    const isOutput = layer === sizes.length - 2;
    const columns = isOutput || count <= 20 ? 1 : Math.ceil(count / 16), rows = Math.ceil(count / columns);
    const down = (height - HEAD - 8) / rows, across = columns > 1 ? Math.min(down, step * 0.75 / columns) : step;
    const radius = Math.min(down * 0.4, across * 0.4, isOutput ? 13 : 11), x = start + step * (layer + 1);
    return Array.from({ length: count }, (_, unit) => ({
      x: x + (unit % columns - (columns - 1) / 2) * across,
      y: HEAD + down * (Math.floor(unit / columns) + 0.5),
      radius,
    }));
  });
  return { square: [left, HEAD + (height - HEAD - 8 - side) / 2, side, side], units };
}

/**
 * The connections that contribute most, activation times weight, in any order.
 * @param {Layer} layer
 * @param {Float64Array} a activations of its inputs
 * @param {number} most
 * @returns {Line[]}
 */
function strongest({ inputs, units, W }, a, most) {
  let largest = 0;
  for (let from = 0; from < inputs; from++) {
    if (a[from] !== 0) for (let to = 0; to < units; to++) largest = Math.max(largest, Math.abs(a[from] * W[from * units + to]));
  }
  if (!largest) return [];
  const bins = 128, counts = new Uint32Array(bins + 1);
  /** @param {number} value */
  const bin = (value) => Math.floor(Math.abs(value) / largest * bins);
  for (let from = 0; from < inputs; from++) {
    if (a[from] !== 0) for (let to = 0; to < units; to++) counts[bin(a[from] * W[from * units + to])]++;
  }
  let lowest = bins + 1;
  for (let count = 0; lowest > 1 && count + counts[lowest - 1] <= most; lowest--) count += counts[lowest - 1];
  const found = [];
  for (let from = 0; from < inputs; from++) {
    if (a[from] === 0) continue;
    for (let to = 0; to < units; to++) {
      const value = a[from] * W[from * units + to];
      if (bin(value) >= lowest) found.push({ from, to, value: value / largest });
    }
  }
  return found;
}

/**
 * How bright each unit of a layer is, from 0 to 1: its activation, or its share of the largest where there is no limit.
 * @param {Float64Array} a
 * @param {string} name of the activation function
 */
function brightness(a, name) {
  const largest = ["sigmoid", "softmax", "step"].includes(name) ? 1 : largestOf(a) || 1;
  return a.map((value) => Math.abs(value) / largest);
}

/** Draws the network as it is now; while the light travels, also the next frame. */
function paintNetwork() {
  const width = view.clientWidth || 600, height = view.clientHeight || 440;
  const context = sharp(view, width, height), { layer_sizes, activation, output } = network();
  const { square, units } = placesIn(width, height, layer_sizes), { answer } = shown;
  const sweep = sweepStart ? (performance.now() - sweepStart) / 160 : Infinity;
  context.fillStyle = STAGE.ground;
  context.fillRect(0, 0, width, height);
  drawInk(context, shown.pixels, square);
  context.strokeStyle = STAGE.ring;
  context.lineWidth = 1;
  context.strokeRect(...square);
  units.forEach((places, layer) => {
    context.globalAlpha = Math.min(Math.max(sweep - layer, 0.12), 1);
    const ends = (/** @type {Line} */ { from, to }) => [layer ? units[layer - 1][from] : pixelPlace(square, from), places[to]];
    if (!shown.blank) drawLines(context, strongest(shown.layers[layer], answer.a[layer], stroke ? MOST_WHILE_DRAWING : MOST_LINES), ends);
  });
  context.globalAlpha = 1;
  drawHeadings(context, square, units, width);
  units.forEach((places, layer) => {
    const isOutput = layer === units.length - 1;
    const lit = brightness(answer.a[layer + 1], isOutput ? output : activation), seen = Math.min(Math.max(sweep - layer - 0.5, 0.15), 1);
    places.forEach((place, index) => drawUnit(context, place, (shown.blank ? 0 : lit[index]) * seen, isOutput ? index : -1));
  });
  if (picked.layer < units.length) {
    const { x, y, radius } = units[picked.layer - 1][picked.unit];
    context.strokeStyle = STAGE.text;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, radius + 3, 0, 2 * Math.PI);
    context.stroke();
  }
  cancelAnimationFrame(frame);
  frame = 0;
  if (sweep < units.length + 1.5) frame = requestAnimationFrame(paintNetwork);
  else sweepStart = 0;
}

/**
 * Draws connections, those of about the same strength and sign at once, which is much faster than one by one.
 * @param {CanvasRenderingContext2D} context
 * @param {Line[]} lines
 * @param {(line: Line) => { x: number, y: number }[]} ends of a line
 */
function drawLines(context, lines, ends) {
  const levels = 6;
  for (let level = 0; level < 2 * levels; level++) {
    const positive = level % 2 === 1, strength = (Math.floor(level / 2) + 0.7) / levels;
    context.strokeStyle = `rgba(${positive ? STAGE.positive : STAGE.negative}, ${0.06 + 0.75 * strength ** 1.5})`;
    context.lineWidth = 0.5 + 1.6 * strength;
    context.beginPath();
    for (const line of lines) {
      if (line.value > 0 !== positive || Math.min(Math.floor(Math.abs(line.value) * levels), levels - 1) !== Math.floor(level / 2)) continue;
      const [start, end] = ends(line);
      context.moveTo(start.x, start.y);
      context.lineTo(end.x, end.y);
    }
    context.stroke();
  }
}

/**
 * Writes above each layer how many units it has.
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number, number, number]} square
 * @param {Place[][]} units
 * @param {number} width
 */
function drawHeadings(context, [left, , side], units, width) {
  const middles = units.map((places) => places.reduce((sum, place) => sum + place.x, 0) / places.length);
  const narrow = width < 480 || middles.some((x, layer) => layer > 0 && x - middles[layer - 1] < 120); // no room for words
  context.fillStyle = STAGE.soft;
  context.font = `${narrow ? 11 : 13}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(`${DATA.width} × ${DATA.height}${narrow ? "" : " pixels"}`, left + side / 2, HEAD / 2);
  units.slice(0, -1).forEach(({ length }, layer) => {
    context.fillText(narrow ? String(length) : counted(length, "hidden unit"), middles[layer], HEAD / 2);
  });
}

/**
 * @param {[number, number, number, number]} square
 * @param {number} pixel
 */
function pixelPlace([x, y, side], pixel) {
  const size = side / DATA.width;
  return { x: x + (pixel % DATA.width + 0.5) * size, y: y + (Math.floor(pixel / DATA.width) + 0.5) * size };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {number} lit 0 … 1
 * @param {number} output index of the output; -1 for a hidden unit
 */
function drawUnit(context, { x, y, radius }, lit, output) {
  const colour = STAGE.dark.map((dark, at) => Math.round(dark + lit * (STAGE.lit[at] - dark)));
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = `rgb(${colour.join(",")})`;
  context.fill();
  context.strokeStyle = STAGE.ring;
  context.lineWidth = 1;
  context.stroke();
  if (output < 0 || radius < 7) return;
  context.fillStyle = lit > 0.45 ? STAGE.ground : STAGE.text;
  context.font = `600 ${Math.round(radius)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(DATA.classes[output].slice(0, 2), x, y + 0.5);
}

function setUpNetworkView() {
  view.addEventListener("click", (event) => {
    const { units } = placesIn(view.clientWidth, view.clientHeight, network().layer_sizes);
    let nearest = Infinity, found = { layer: 0, unit: 0 };
    units.slice(0, -1).forEach((places, layer) => places.forEach((place, unit) => {
      const away = Math.hypot(event.offsetX - place.x, event.offsetY - place.y);
      if (away < nearest) [nearest, found] = [away, { layer: layer + 1, unit }];
    }));
    if (nearest < 24) pick(found.layer, found.unit);
  });
  views.push((drawing) => {
    if (!drawing && !still.matches && !shown.blank && !playing()) {
      sweepStart = performance.now();
      frame = frame || requestAnimationFrame(paintNetwork);
    } else {
      sweepStart = 0;
      paintNetwork();
    }
  });
  new ResizeObserver(() => { if (shown) { paintPad(); paintNetwork(); } }).observe(view);
}

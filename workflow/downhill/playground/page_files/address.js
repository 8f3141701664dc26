// The state of the page in its address, so that one can link to it.

const GRID = 1295; // points are whole numbers from 0 to this, two digits in base 36

/**
 * A point on the grid of the address, so that a link holds exactly what was drawn.
 * @param {number} value 0 … 1
 */
const onGrid = (value) => Math.round(Math.min(Math.max(value, 0), 1) * GRID) / GRID;

/** @param {Point[][]} strokes */
function strokesAsText(strokes) {
  const two = (/** @type {number} */ value) => Math.round(value * GRID).toString(36).padStart(2, "0");
  return strokes.map((stroke) => stroke.map(([x, y]) => two(x) + two(y)).join("")).join(".");
}

/**
 * @param {string} text
 * @returns {Point[][]}
 */
function strokesFromText(text) {
  return text.split(".").filter((stroke) => /^([0-9a-z]{4})+$/.test(stroke)).map((stroke) => {
    return Array.from({ length: stroke.length / 4 }, (_, at) => {
      const [x, y] = [0, 2].map((place) => parseInt(stroke.slice(4 * at + place, 4 * at + place + 2), 36) / GRID);
      return /** @type {Point} */ ([x, y]);
    });
  });
}

/** The state as the fragment of an address. */
function fragment() {
  /** @type {Record<string, string>} */
  const parts = { network: network().name, seed: String(network().seeds[state.place]) };
  const { replay } = network();
  if (state.step >= 0 && replay) parts.epoch = String(replay.epochs[state.step]);
  if (!state.fit) parts.preprocessing = "off";
  if (state.source === "draw" && state.strokes.length) parts.draw = strokesAsText(state.strokes);
  if (state.source === "cells") parts.cells = state.cells.join("");
  if (state.source === "image") parts.image = String(DATA.images.numbers[state.image]);
  if (state.source === "noise") parts.noise = String(state.noise);
  if (state.source === "twin") parts.twin = String(state.twin);
  return `#${Object.entries(parts).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

/**
 * Chooses what a fragment says; what it does not say, or what does not exist, is as it is at first.
 * @param {string} text
 */
function readFragment(text) {
  const parts = new URLSearchParams(text.replace(/^#/, ""));
  const number = (/** @type {string} */ name) => /^\d{1,9}$/.test(parts.get(name) || "") ? Number(parts.get(name)) : -1;
  state.network = Math.max(DATA.networks.findIndex((one) => one.name === parts.get("network")), 0);
  state.place = Math.max(network().seeds.indexOf(number("seed")), 0);
  const { replay } = network();
  state.step = replay ? replay.epochs.indexOf(number("epoch")) : -1;
  if (replay && state.step >= 0) state.place = placeOf(network(), replay.seed);
  state.fit = parts.get("preprocessing") !== "off";
  const image = DATA.images.numbers.indexOf(number("image")), cells = parts.get("cells") || "";
  stroke = null;
  state.strokes = strokesFromText(parts.get("draw") || "");
  state.source = "draw";
  if (image >= 0) Object.assign(state, { source: "image", image });
  else if (number("noise") >= 0) Object.assign(state, { source: "noise", noise: number("noise") });
  else if (DATA.twins && number("twin") >= 0 && number("twin") < DATA.twins.count) {
    Object.assign(state, { source: "twin", twin: number("twin") });
  } else if (new RegExp(`^[01]{${CELLS * CELLS}}$`).test(cells)) {
    Object.assign(state, { source: "cells", cells: Uint8Array.from(cells, Number) });
  }
}

/** Writes the state into the address, without a new entry in the browser's history. */
function writeAddress() {
  if (location.hash === fragment() || playing()) return;
  try {
    history.replaceState(null, "", fragment());
  } catch {
    // Some browsers allow only so many changes in half a minute; the next one will hold this one, too.
  }
}

// A walk on the straight line between the weights of two seeds, as they were trained and with their units matched.

const walkCard = part("walk", HTMLDetailsElement), walkTo = part("walk-to", HTMLSelectElement);
const walkAt = part("walk-at", HTMLInputElement);
const LEAST_GAIN = 1e-12; // relative; smaller ones are rounding errors

/**
 * The units of a network in the order that brings its weights closest to those of another one: weight matching
 * (Git Re-Basin, algorithm 1). Layers are visited from the input on until no other order of a single layer is better.
 * @param {Layer[]} target
 * @param {Layer[]} other
 * @returns {Layer[]} the same function as `other`
 */
function reordered(target, other) {
  const orders = other.slice(0, -1).map(({ units }) => [...Array(units).keys()]);
  for (let improved = true; improved;) {
    improved = false;
    orders.forEach((order, layer) => {
      const gain = similarities(target, other, orders, layer), best = assigned(gain);
      const sum = (/** @type {number[]} */ columns) => columns.reduce((total, column, row) => total + gain[row][column], 0);
      const scale = gain.reduce((total, row) => row.reduce((all, value) => all + Math.abs(value), total), 0);
      if (!(sum(best) - sum(order) > LEAST_GAIN * scale)) return;
      orders[layer] = best;
      improved = true;
    });
  }
  return other.map(({ inputs, units, W, b }, layer) => {
    const before = layer ? orders[layer - 1] : null, after = layer < orders.length ? orders[layer] : null;
    const from = (/** @type {number} */ input) => (before ? before[input] : input), to = (/** @type {number} */ unit) => (after ? after[unit] : unit);
    return { inputs, units, b: b.map((_, unit) => b[to(unit)]),
      W: W.map((_, at) => W[from(Math.floor(at / units)) * units + to(at % units)]) };
  });
}

/**
 * Inner products of the weights into and out of the units of a hidden layer: row i and column j are for unit j of the
 * other network in place i of the target.
 * @param {Layer[]} target
 * @param {Layer[]} other
 * @param {number[][]} orders of the units of the other network
 * @param {number} layer
 */
function similarities(target, other, orders, layer) {
  const [one, out] = target.slice(layer, layer + 2), [two, after] = other.slice(layer, layer + 2), { inputs, units } = one;
  const found = Array.from({ length: units }, (_, i) => Array.from({ length: units }, (__, j) => one.b[i] * two.b[j]));
  for (let input = 0; input < inputs; input++) {
    const row = input * units, other = (layer ? orders[layer - 1][input] : input) * units;
    for (let i = 0; i < units; i++) for (let j = 0; j < units; j++) found[i][j] += one.W[row + i] * two.W[other + j];
  }
  for (let unit = 0; unit < out.units; unit++) {
    const place = layer + 1 < orders.length ? orders[layer + 1][unit] : unit;
    for (let i = 0; i < units; i++) for (let j = 0; j < units; j++) found[i][j] += out.W[i * out.units + unit] * after.W[j * out.units + place];
  }
  return found;
}

/**
 * Weights a share of the way from one network to another.
 * @param {Layer[]} first
 * @param {Layer[]} second
 * @param {number} share
 * @returns {Layer[]}
 */
function between(first, second, share) {
  const mixed = (/** @type {Float32Array} */ one, /** @type {Float32Array} */ other) => one.map((value, at) => (1 - share) * value + share * other[at]);
  return first.map(({ inputs, units, W, b }, layer) => ({ inputs, units, W: mixed(W, second[layer].W), b: mixed(b, second[layer].b) }));
}

/** @typedef {{ trained: Layer[][], matched: Layer[][] }} Lines the network at each point of both lines */
/** @type {{ key: string, lines: Lines }} */
let walked = { key: "", lines: { trained: [], matched: [] } };

/**
 * Both lines between two seeds of the chosen network.
 * @param {number} from place of the seed
 * @param {number} to
 */
function linesBetween(from, to) {
  const key = `${state.network} ${from} ${to}`;
  if (walked.key !== key) {
    const first = layers(state.network, from), second = layers(state.network, to);
    const points = (/** @type {Layer[]} */ end) => Array.from({ length: walkSteps() + 1 }, (_, step) => between(first, end, step / walkSteps()));
    walked = { key, lines: { trained: points(second), matched: points(reordered(first, second)) } };
  }
  return walked.lines;
}

/** How many steps there are: as many as in the study. */
const walkSteps = () => (DATA.lines[network().name]?.pairs[0].trained.length ?? 25) - 1;

/** The places of the two seeds, the lower one first. */
const ends = () => [state.place, Number(walkTo.value)].sort((one, other) => one - other);

/** The seeds that one can walk to; at first, the one that the study walked to. */
function fillWalk() {
  const { seeds } = network(), before = walkTo.value, others = [...seeds.keys()].filter((place) => place !== state.place);
  walkTo.replaceChildren(...others.map((place) => new Option(`seed ${seeds[place]}`, String(place))));
  const partner = others.find((place) => costsBetween(Math.min(place, state.place), Math.max(place, state.place)));
  walkTo.value = walkFor.startsWith(`${state.network} `) && others.includes(Number(before)) ? before : String(partner ?? others[0]);
}

/**
 * What the study measured on the line between two seeds, if it did.
 * @param {number} from place of the seed
 * @param {number} to
 */
function costsBetween(from, to) {
  const about = DATA.lines[network().name], { seeds } = network();
  return about && about.pairs.find((one) => one.seeds[0] === seeds[from] && one.seeds[1] === seeds[to]);
}

let walkFor = "";

function paintWalk() {
  walkCard.hidden = network().seeds.length < 2;
  if (walkCard.hidden || !walkCard.open) return;
  const key = `${state.network} ${state.place}`;
  if (key !== walkFor) fillWalk();
  if (walkAt.max !== String(walkSteps())) {
    walkAt.max = String(walkSteps());
    walkAt.value = String(Math.round(walkSteps() / 2));
  }
  walkFor = key;
  const [from, to] = ends(), lines = linesBetween(from, to), step = Number(walkAt.value);
  const answers = { trained: answersAlong(lines.trained), matched: answersAlong(lines.matched) };
  paintAlong("walk-trained", answers.trained, step);
  paintAlong("walk-matched", answers.matched, step);
  const { seeds } = network(), where = `Step ${step} of ${walkSteps()} from seed ${seeds[from]} to seed ${seeds[to]}`;
  const when = afterTraining() && ", after training";
  const said = (/** @type {Answer} */ { answer, height }) => `${nameOf(answer)}, with ${answer === NONE ? "a largest" : "an"} output of ${signed(height)}`;
  walkAt.setAttribute("aria-valuetext", where);
  box("walk-text").textContent = shown.blank ? `${where}. Nothing drawn.`
    : `${where}${when}: as trained, the answer is ${said(answers.trained[step])}; with units matched, ${said(answers.matched[step])}.`;
  paintCosts(from, to, step);
}

/** @param {Layer[][]} line */
const answersAlong = (line) => line.map((net) => forward(network(), net, shown.pixels));

/**
 * The answer at each point, and its height.
 * @param {string} id
 * @param {Answer[]} answers
 * @param {number} step that is marked
 */
function paintAlong(id, answers, step) {
  box(id).classList.toggle("along", hasDigits && !network().none); // names of one letter fit in one line
  box(id).replaceChildren(...answers.map(({ answer, height }, at) => {
    const item = made("li", at === step ? "best" : ""), bar = made("i"), track = made("span", "tall");
    bar.style.height = `${shown.blank ? 0 : 100 * Math.min(Math.max(height, 0.02), 1)}%`;
    track.append(bar);
    item.append(track, made("b", "", shown.blank ? "–" : nameOf(answer)), made("span", "heard", shown.blank ? "" : `, output ${signed(height)}`));
    return item;
  }));
}

/**
 * The cost along both lines, if the study measured it.
 * @param {number} from place of the seed
 * @param {number} to
 * @param {number} step
 */
function paintCosts(from, to, step) {
  const costs = costsBetween(from, to), about = DATA.lines[network().name];
  part("walk-costs", SVGElement).toggleAttribute("hidden", !costs);
  if (!costs) {
    box("walk-cost").textContent = about ? "The study measured the cost between other pairs of seeds." : "";
    return;
  }
  const largest = Math.max(...costs.trained, ...costs.matched);
  for (const kind of /** @type {("trained" | "matched")[]} */ (["trained", "matched"])) {
    const points = costs[kind].map((cost, at) => `${(100 * at / walkSteps()).toFixed(2)},${(40 - 40 * cost / largest).toFixed(2)}`);
    part(`walk-cost-${kind}`, SVGElement).setAttribute("points", points.join(" "));
  }
  for (const end of ["x1", "x2"]) part("walk-here", SVGElement).setAttribute(end, (100 * step / walkSteps()).toFixed(2));
  const [trained, matched] = costs.barriers.map((height) => (height === null ? "infinite" : `${(100 * height).toFixed(0)} %`));
  box("walk-cost").textContent = `The cost on ${about.images.toLocaleString("en")} training images at this step: ${costs.trained[step].toFixed(3)} as trained (solid), ${costs.matched[step].toFixed(3)} with units matched (dashed). The barrier, how far the cost rises above the straight line between its ends, relative to their mean: ${trained} as trained, ${matched} with units matched (claim ${about.claim}).`;
}

function setUpWalk() {
  for (const control of [walkAt, walkTo]) control.addEventListener("input", paintWalk);
  walkCard.addEventListener("toggle", paintWalk);
  views.push((drawing) => { if (!drawing) paintWalk(); });
}

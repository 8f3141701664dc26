// Parliament: every seed of a row votes, and the units that they have in common.

const parliament = part("parliament", HTMLDetailsElement);
const recurring = part("recurring", HTMLDetailsElement);
const MOST_UNITS = 8, MOST_SEEDS = 6;

/** Votes of all seeds of the chosen row for what is shown, by class. */
function votes() {
  const counts = DATA.classes.map(() => 0);
  for (const { answer } of answersOf(state.network, shown.pixels)) counts[answer]++;
  return counts;
}

function paintVotes() {
  box("votes-about").textContent = network().trained
    ? "The same network was trained again and again, each time from other random weights. All of these siblings look at your digit."
    : "The same network with other random weights, again and again, before any training. All of these siblings look at your digit.";
  const counts = votes(), n = network().seeds.length, winner = counts.indexOf(Math.max(...counts));
  box("votes").replaceChildren(...counts.map((count, at) => {
    const item = made("li", !shown.blank && at === winner ? "best" : ""), bar = made("i"), track = made("span");
    bar.style.height = `${shown.blank ? 0 : 100 * count / n}%`;
    track.append(bar);
    item.append(made("span", "count", shown.blank ? "" : String(count)), track, made("b", "", DATA.classes[at]));
    return item;
  }));
  const [lower, upper] = wilson(counts[winner], n);
  box("votes-text").textContent = shown.blank ? "Nothing drawn: draw a digit, or press for static, and all seeds vote."
    : n === 1 ? `This row has a single seed in this page, which answers ${DATA.classes[winner]}.`
    : `${counts[winner]} of ${n} seeds answer ${DATA.classes[winner]}. For the share among all seeds that one could train, the 95 % interval (Wilson) is ${percent(lower)} to ${percent(upper)}.`;
}

/** The untrained network with as many units in the first hidden layer, for comparison; -1 if there is none. */
function control() {
  const width = network().layer_sizes[1];
  return DATA.networks.findIndex((one) => !one.trained && one.seeds.length > 1 && one.layer_sizes[1] === width);
}

/**
 * Mean correlation of matched units over some seeds.
 * @param {ReturnType<typeof matches>} found
 */
const meanAlike = (found) => meanOf(found.flatMap((one) => one.alike));

let drawnFor = "";

function paintRecurring() {
  const key = `${state.network} ${state.place}`;
  const canCompare = network().seeds.length > 1 && hiddenLayers() > 0;
  recurring.hidden = !canCompare;
  if (!recurring.open || !canCompare || key === drawnFor) return;
  drawnFor = key;
  const found = matches(state.network, state.place), other = control();
  const order = [...Array(network().layer_sizes[1]).keys()].map((unit) => ({ unit, alike: meanOf(found.map((one) => one.alike[unit])) }))
    .sort((one, two) => two.alike - one.alike).slice(0, MOST_UNITS);
  const seeds = found.slice(0, MOST_SEEDS);
  const head = made("tr");
  head.append(...[`seed ${network().seeds[state.place]}`, ...seeds.map((one) => `seed ${network().seeds[one.place]}`), `mean of ${found.length}`].map((text) => {
    const cell = made("th", "", text);
    cell.scope = "col";
    return cell;
  }));
  box("recurring-head").replaceChildren(head);
  box("recurring-units").replaceChildren(...order.map(({ unit, alike }) => {
    const row = made("tr"), name = made("th");
    name.scope = "row";
    name.append(mapOf(state.place, unit), made("span", "", `unit ${unit + 1}`));
    row.append(name, ...seeds.map((one) => {
      const cell = made("td");
      cell.append(mapOf(one.place, one.unit[unit]), made("span", "", signed(one.alike[unit])));
      return cell;
    }), made("td", "", signed(alike)));
    return row;
  }));
  const compared = other < 0 || other === state.network ? "" : ` Matched in the same way, units of networks that were not trained reach ${signed(meanAlike(matches(other, 0)))}. That is a weak comparison: their weights are noise, and smooth maps, such as those of trained units, are more alike by chance.`;
  box("recurring-text").textContent = `Each unit is paired with the unit of another seed whose weights are most like its own, all pairs together as well as possible. The mean correlation of pairs is ${signed(meanAlike(found))}.${compared} The ${order.length} units that recur best:`;
}

/**
 * The weights of a unit of the first layer as a small picture.
 * @param {number} place of the seed
 * @param {number} unit
 */
function mapOf(place, unit) {
  const canvas = made("canvas"), weights = weightsOf(layers(state.network, place)[0], unit);
  drawWeights(sharp(canvas, 56, 56), weights, DATA.width, largestOf(weights), [0, 0, 56, 56]);
  return canvas;
}

function setUpParliament() {
  parliament.addEventListener("toggle", () => { paintVotes(); paintRecurring(); });
  recurring.addEventListener("toggle", paintRecurring);
  views.push((drawing) => {
    if (drawing || !parliament.open) return;
    paintVotes();
    paintRecurring();
  });
}

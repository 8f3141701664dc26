// Parliament: every seed of a network votes, and the units that they have in common.

const parliament = part("parliament", HTMLDetailsElement);
const recurring = part("recurring", HTMLDetailsElement);
const MOST_UNITS = 8, MOST_SEEDS = 6;

/** Votes of all seeds of the chosen network for what is shown, by answer; “none” comes last where it can be an answer. */
function votes() {
  const counts = [...DATA.classes, ...(network().none ? ["none"] : [])].map(() => 0);
  for (const { answer } of answersOf(state.network, shown.pixels)) counts[answer]++;
  return counts;
}

/**
 * One answer as a bar, with its votes.
 * @param {number} answer
 * @param {number} count
 * @param {boolean} isBest
 */
function voteBar(answer, count, isBest) {
  const item = made("li", !shown.blank && isBest ? "best" : ""), bar = made("i"), track = made("span", "tall");
  bar.style.height = `${shown.blank ? 0 : 100 * count / network().seeds.length}%`;
  track.append(bar);
  const seen = [made("span", "count", shown.blank ? "" : String(count)), track, made("b", "", nameOf(answer))];
  for (const one of seen) one.setAttribute("aria-hidden", "true");
  item.append(...seen, made("span", "heard", `${nameOf(answer)}: ${shown.blank ? "no votes yet" : counted(count, "vote")}`));
  return item;
}

/**
 * The result of a vote in words.
 * @param {number[]} counts
 * @param {number[]} best the answers with most votes
 */
function votesInWords(counts, best) {
  const n = network().seeds.length, most = counts[best[0]], names = listed(best.map(nameOf));
  if (shown.blank) return "Nothing drawn: draw a digit, or press Static, and all seeds vote.";
  if (n === 1) return `${afterTraining()}this network has a single seed on this page, which answers ${names}.`;
  const [lower, upper] = wilson(most, n).map(percent), tie = best.length > 1;
  return `${afterTraining()}most votes: ${names}, with ${most} of ${n}${tie ? " each" : ""}. If you had named ${tie ? "one of these answers" : "this answer"} before the vote, this would suggest that ${lower} to ${upper} of all possible seeds give it (Wilson’s 95 % interval). An answer that is chosen because it won tends to look better than it is.`;
}

function paintVotes() {
  const seed = network().trained ? "one training of this network, from random weights of its own" : "one choice of this network’s random weights, without any training";
  box("votes-about").textContent = `A seed is ${seed}. All seeds are shown the same image.`;
  const counts = votes(), most = Math.max(...counts), best = [...counts.keys()].filter((answer) => counts[answer] === most);
  box("votes").replaceChildren(...counts.map((count, answer) => voteBar(answer, count, count === most)));
  box("votes-text").textContent = capital(votesInWords(counts, best));
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

/**
 * How alike matched units are, beside the control.
 * @param {ReturnType<typeof matches>} found
 * @param {number} other network that was not trained; -1 for none
 */
function recurringInWords(found, other) {
  const chance = other < 0 || other === state.network ? "" : ` (Units of networks that were not trained reach ${signed(meanAlike(matches(other, 0)))}, but their maps are noise, and smooth maps are more alike by chance.)`;
  return `Each unit is paired with the unit of another seed whose weights are most like its own, all pairs together as well as possible. The mean correlation of pairs is ${signed(meanAlike(found))}. Part of it is chance: with the maps of the other seeds mirrored left to right, which are as smooth but mean something else, pairs made in the same way reach ${signed(meanAlike(matches(state.network, state.place, true)))}. Only what goes beyond that shows that units come back.${chance}`;
}

let drawnFor = "";

function paintRecurring() {
  const key = `${state.network} ${state.place} ${afterTraining()}`;
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
  box("recurring-text").textContent = capital(`${afterTraining()}${recurringInWords(found, other)} The ${order.length} units that recur best:`);
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

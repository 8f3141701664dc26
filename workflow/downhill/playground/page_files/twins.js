// Twins: the same training image, moved by a pixel, for a network with true labels and one with shuffled labels.

const MOVES = /** @type {[number, number][]} */ ([[-1, -1], [0, -1], [1, -1], [-1, 0], [0, 0], [1, 0], [-1, 1], [0, 1], [1, 1]]);

/**
 * An image moved by whole pixels; what leaves it is lost, and what comes in is dark.
 * @param {Uint8Array} image
 * @param {[number, number]} move right and down
 */
function moved(image, [right, down]) {
  const found = new Uint8Array(PIXELS), { width, height } = DATA;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = x - right, fromY = y - down;
      if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) found[y * width + x] = image[fromY * width + fromX];
    }
  }
  return found;
}

/** @param {[number, number]} move right and down */
function moveInWords([right, down]) {
  const ways = [["up", "", "down"][down + 1], ["left", "", "right"][right + 1]].filter(Boolean);
  return ways.length ? `moved ${ways.join(" and ")}` : "not moved";
}

/**
 * The answers of a twin to an image and its moves, in the order of MOVES.
 * @param {string} name
 * @param {Uint8Array} image
 */
function answersToMoves(name, image) {
  const which = DATA.networks.findIndex((one) => one.name === name);
  const place = placeOf(DATA.networks[which], /** @type {Twins} */ (DATA.twins).seed);
  return MOVES.map((move) => answerOf(which, place, moved(image, move)).answer);
}

/**
 * How many of the eight moves keep the answer to the image itself.
 * @param {number[]} answers
 */
const kept = (answers) => answers.filter((answer) => answer === answers[4]).length - 1;

/** @type {[number, number] | null} */
let shareKept = null;

/**
 * Share of moves of all images that keep the answer, for both twins.
 * @param {Twins} twins
 * @returns {[number, number]}
 */
function keptOverall(twins) {
  const of = (/** @type {string} */ name) => meanOf(Array.from({ length: twins.count }, (_, at) => kept(answersToMoves(name, imageAt(twinPixels, at))) / 8));
  shareKept = shareKept || [of(twins.a), of(twins.b)];
  return shareKept;
}

/**
 * @param {string} id
 * @param {string} name
 * @param {number} learned label
 * @param {Uint8Array} image
 */
function paintTwin(id, name, learned, image) {
  const answers = answersToMoves(name, image);
  box(`${id}-learned`).textContent = `learned label: ${DATA.classes[learned]}`;
  box(id).replaceChildren(...answers.map((answer, at) => {
    const item = made("li", at === 4 ? "middle" : answer === answers[4] ? "kept" : "fell");
    const end = at === 4 ? "" : answer === answers[4] ? ", kept" : ", changed";
    item.append(inkPicture(moved(image, MOVES[at]), 56), made("span", "heard", `${moveInWords(MOVES[at])}: `));
    item.append(made("b", "", nameOf(answer)), made("span", "heard", end));
    return item;
  }));
  return kept(answers);
}

function paintTwins() {
  const { twins } = DATA;
  if (!twins || !part("twins", HTMLDetailsElement).open) return;
  const image = imageAt(twinPixels, state.twin);
  const one = paintTwin("twin-a", twins.a, twins.labels[state.twin], image);
  const other = paintTwin("twin-b", twins.b, twins.shuffled[state.twin], image);
  box("twin-number").textContent = `image ${state.twin + 1} of ${twins.count}, labelled ${DATA.classes[twins.labels[state.twin]]}`;
  box("twin-text").textContent = `${[twins.a, twins.b].includes(network().name) ? afterTraining() : ""}The twin with true labels keeps its answer in ${one} of 8 moves, the one with shuffled labels in ${other} of 8.`;
  const [first, second] = keptOverall(twins);
  box("twin-known").textContent = `Seed ${twins.seed} with true labels answers ${percent(twins.known[0])} of its training images as it learned them; with shuffled labels, ${percent(twins.known[1])}.`;
  box("twin-all").textContent = `For the ${twins.count} images on this page together, ${percent(first)} of the moves keep the answer with true labels, and ${percent(second)} with shuffled labels.`;
}

function setUpTwins() {
  const { twins } = DATA;
  box("twins").hidden = !twins;
  if (!twins) return;
  const step = (/** @type {number} */ by) => choose({ source: "twin", twin: (state.twin + by + twins.count) % twins.count });
  box("twin-back").addEventListener("click", () => step(-1));
  box("twin-on").addEventListener("click", () => step(1));
  box("twins").addEventListener("toggle", paintTwins);
  views.push((drawing) => { if (!drawing) paintTwins(); });
}

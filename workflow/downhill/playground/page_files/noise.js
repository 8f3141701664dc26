// Honest noise: static that no network has seen, and how sure each seed is of it.

const SURE = 0.9;

/** How many seeds of the chosen row are at least 0.9 sure of what is shown. */
function sureOf() {
  const found = answersOf(state.network, shown.pixels);
  return { sure: found.filter((one) => one.height >= SURE).length, of: found.length, found };
}

function paintNoise() {
  const isNoise = state.source === "noise", { title, name } = network();
  box("noise-now").hidden = !isNoise;
  if (isNoise) {
    const { sure, of, found } = sureOf();
    box("noise-count").textContent = `${sure} of ${of}`;
    box("noise-text").textContent = `${of === 1 ? "network" : "networks"} of the row “${title}” ${sure === 1 ? "is" : "are"} at least ${SURE} sure of this static.`;
    box("noise-seeds").replaceChildren(...found.map((one, place) => seedMark(place, one)));
  }
  const evidence = DATA.evidence[name];
  box("noise-evidence").hidden = !evidence;
  if (!evidence) return;
  const interval = evidence.lower === null || evidence.upper === null || evidence.lower === evidence.upper ? "" : ` (95 % interval ${percent(evidence.lower)} to ${percent(evidence.upper)})`;
  box("noise-study").textContent = `In the study, over ${evidence.n} seeds and many such images (${evidence.kind}), the outputs of this row exceed ${evidence.sure} for ${percent(evidence.value)} of the images on average${interval}; claim ${evidence.claim}. Each mark is a seed:`;
  paintStrip(evidence);
}

/**
 * The answer of one seed, and its height, as a small bar.
 * @param {number} place
 * @param {Answer} answer
 */
function seedMark(place, answer) {
  const item = made("li", answer.height >= SURE ? "sure" : ""), bar = made("i");
  bar.style.height = `${100 * Math.min(Math.max(answer.height, 0.02), 1)}%`;
  const track = made("span");
  track.append(bar);
  item.append(track, made("b", "", DATA.classes[answer.answer]));
  item.append(made("span", "heard", `, output ${signed(answer.height)}, seed ${network().seeds[place]}`));
  return item;
}

/** @param {NoiseEvidence} evidence */
function paintStrip(evidence) {
  const marks = evidence.values.map((value) => {
    const mark = made("i");
    mark.style.left = `${100 * value}%`;
    return mark;
  });
  const mean = made("i", "mean");
  mean.style.left = `${100 * evidence.value}%`;
  const range = made("i", "range");
  if (evidence.lower !== null && evidence.upper !== null) {
    range.style.left = `${100 * Math.max(evidence.lower, 0)}%`;
    range.style.right = `${100 - 100 * Math.min(evidence.upper, 1)}%`;
  }
  box("noise-strip").replaceChildren(range, ...marks, mean);
}

function newNoise() {
  choose({ source: "noise", noise: state.source === "noise" ? (state.noise % 999999) + 1 : state.noise });
}

function setUpNoise() {
  for (const button of document.querySelectorAll("[data-noise]")) button.addEventListener("click", newNoise);
  views.push((drawing) => { if (!drawing) paintNoise(); });
}

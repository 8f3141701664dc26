// Honest noise: static that no network has seen, and how sure each seed is of it.

function paintNoise() {
  const isNoise = state.source === "noise", { title, name, none } = network();
  box("noise-now").hidden = !isNoise;
  if (isNoise) {
    const found = answersOf(state.network, shown.pixels), sure = found.filter(isSure).length, of = found.length;
    const doubting = found.filter(({ answer }) => answer === NONE).length;
    box("noise-when").textContent = afterTraining();
    box("noise-count").textContent = `${sure} of ${of}`;
    box("noise-text").textContent = `${of === 1 ? "seed" : "seeds"} of “${title}” ${sure === 1 || of === 1 ? "has" : "have"} an output above ${DATA.sure} for this static.`
      + (none ? ` ${doubting} of ${of} ${doubting === 1 ? "answers" : "answer"} “none of these”, as they were taught.` : "");
    box("noise-seeds").replaceChildren(...found.map((one, place) => seedMark(place, one)));
  }
  const evidence = DATA.evidence[name];
  box("noise-evidence").hidden = !evidence;
  if (!evidence) return;
  const interval = evidence.lower === null || evidence.upper === null || evidence.lower === evidence.upper ? "" : ` (95 % interval ${percent(evidence.lower)} to ${percent(evidence.upper)})`;
  box("noise-study").textContent = `In the study, over ${evidence.n} seeds and many such images (${evidence.kind}), this network has an output above ${DATA.sure} for ${percent(evidence.value)} of the images on average${interval}; claim ${evidence.claim}. Each mark is a seed:`;
  paintStrip(evidence);
}

/**
 * The answer of one seed, and its height, as a small bar.
 * @param {number} place
 * @param {Answer} answer
 */
function seedMark(place, answer) {
  const item = made("li", isSure(answer) ? "sure" : ""), bar = made("i");
  bar.style.height = `${100 * Math.min(Math.max(answer.height, 0.02), 1)}%`;
  const track = made("span", "tall");
  track.append(bar);
  item.append(track, made("b", "", nameOf(answer.answer)));
  item.append(made("span", "heard", `, largest output ${signed(answer.height)}, seed ${network().seeds[place]}`));
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

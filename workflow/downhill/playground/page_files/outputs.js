// The outputs as labelled meters, and the answer in words.

/** @type {{ row: HTMLElement, bar: HTMLElement, value: HTMLElement }[]} */
const meters = [];

function setUpOutputs() {
  box("outputs").classList.toggle("digits", hasDigits);
  DATA.classes.forEach((name) => {
    const row = made("li"), bar = made("i"), track = made("span", "track"), value = made("span", "value");
    track.setAttribute("role", "meter");
    track.setAttribute("aria-label", `Output for ${name}`);
    track.setAttribute("aria-valuemin", "0");
    track.setAttribute("aria-valuemax", "1");
    track.append(bar);
    row.append(made("b", "", name), track, value);
    box("outputs").append(row);
    meters.push({ row, bar, value });
  });
  views.push((drawing) => { paintOutputs(); if (!drawing) sayAnswer(); });
}

function paintOutputs() {
  const { answer, blank } = shown, outputs = answer.a[answer.a.length - 1];
  const largest = network().output === "linear" ? largestOf(outputs) || 1 : 1;
  meters.forEach(({ row, bar, value }, at) => {
    const track = /** @type {HTMLElement} */ (bar.parentElement), share = blank ? 0 : Math.max(outputs[at], 0) / largest;
    bar.style.width = `${100 * share}%`;
    value.textContent = blank ? "–" : signed(outputs[at]);
    track.setAttribute("aria-valuenow", share.toFixed(3));
    track.setAttribute("aria-valuetext", blank ? "nothing drawn" : signed(outputs[at], 3));
    row.classList.toggle("best", !blank && at === answer.answer);
  });
  box("answer").textContent = blank ? "?" : DATA.classes[answer.answer];
  box("height").textContent = blank ? "Nothing drawn" : `output ${signed(answer.height)}`;
  const sum = outputs.reduce((total, one) => total + one, 0);
  box("about-outputs").textContent = areProbabilities()
    ? "The outputs come from a softmax, so they always add up to 1, whatever the network is shown."
    : `Each output is computed on its own: they are not probabilities and need not add up to 1${blank ? "" : ` (here: ${signed(sum)})`}.`;
}

/** Announces the answer, once a stroke is finished. */
function sayAnswer() {
  const { answer, blank } = shown;
  let text = `${inputInWords()}${blank ? ": there is nothing to answer." : `: the network answers ${DATA.classes[answer.answer]}, with an output of ${signed(answer.height)}.`}`;
  const truth = state.source === "image" ? DATA.images.labels[state.image]
    : state.source === "twin" && DATA.twins ? DATA.twins.labels[state.twin] : -1;
  if (truth >= 0) text += truth === answer.answer ? " That is right." : " That is wrong.";
  if (network().none && !blank && answer.height < 0.5) text += " No output is above one half: it was taught to say “none of these” in this way.";
  box("said").textContent = text;
}

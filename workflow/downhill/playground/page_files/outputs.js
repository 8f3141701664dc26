// The outputs as labelled meters, and the answer in words.

/** @type {{ row: HTMLElement, track: HTMLElement, bar: HTMLElement, value: HTMLElement }[]} */
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
    meters.push({ row, track, bar, value });
  });
  views.push((drawing) => {
    paintOutputs();
    if (!drawing) sayOutputs();
    if (!drawing && !playing()) sayAnswer(); // a replay would interrupt itself several times a second
  });
}

/**
 * Sets a text only if it is another one, so that the browser has nothing to lay out again.
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The bars and numbers; during a stroke, this is done for every frame. */
function paintOutputs() {
  const { answer, blank } = shown, outputs = answer.a[answer.a.length - 1];
  meters.forEach(({ row, bar, value }, at) => {
    bar.style.transform = `scaleX(${blank ? 0 : shareOf(outputs, at).toFixed(4)})`;
    write(value, blank ? "–" : signed(outputs[at]));
    row.classList.toggle("best", !blank && at === answer.answer);
  });
  const name = blank ? "?" : nameOf(answer.answer);
  write(box("answer"), name);
  box("answer").style.fontSize = name.length > 2 ? "1.5rem" : ""; // a word has to fit above the outputs
  write(box("height"), blank ? "Nothing drawn" : `output ${signed(answer.height)}`);
}

/**
 * How much of its bar an output fills.
 * @param {Float64Array} outputs
 * @param {number} at
 */
function shareOf(outputs, at) {
  const largest = network().output === "linear" ? largestOf(outputs) || 1 : 1;
  return Math.max(outputs[at], 0) / largest;
}

/** The bars in words for assistive technology, and what the outputs are. */
function sayOutputs() {
  const { answer, blank } = shown, outputs = answer.a[answer.a.length - 1];
  meters.forEach(({ track }, at) => {
    track.setAttribute("aria-valuenow", blank ? "0" : shareOf(outputs, at).toFixed(3));
    track.setAttribute("aria-valuetext", blank ? "nothing drawn" : signed(outputs[at], 3));
  });
  const sum = outputs.reduce((total, one) => total + one, 0);
  box("about-outputs").textContent = areProbabilities()
    ? "The outputs come from a softmax, so they always add up to 1, whatever the network is shown."
    : `The outputs are computed independently of each other: they are not probabilities and need not add up to 1${blank ? "" : ` (here: ${signed(sum)})`}.`;
}

/** Announces the answer, once a stroke is finished. */
function sayAnswer() {
  const { answer, blank } = shown;
  let text = `${inputInWords()}: `;
  if (blank) text += "there is nothing to answer.";
  else if (answer.answer === NONE) text += `the network answers “none of these”, as it was taught: its largest output, ${signed(answer.height)} for ${DATA.classes[answer.largest]}, is below one half.`;
  else text += `the network answers ${nameOf(answer.answer)}, with an output of ${signed(answer.height)}.`;
  const truth = state.source === "image" ? DATA.images.labels[state.image]
    : state.source === "twin" && DATA.twins ? DATA.twins.labels[state.twin] : -1;
  if (truth >= 0 && answer.answer !== NONE) text += truth === answer.answer ? " That is right." : " That is wrong.";
  if (truth >= 0 && answer.answer === NONE) text += ` The study counts only the largest output, which is ${truth === answer.largest ? "right" : "wrong"}.`;
  box("said").textContent = text;
}

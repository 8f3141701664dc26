// A recorded training, from random weights to the trained network.

const epochChoice = part("epoch", HTMLInputElement), playButton = part("play", HTMLButtonElement);
const PACE = 350; // milliseconds for each step
let timer = 0;

/** Whether the training is being replayed. */
const playing = () => timer !== 0;

/** The step that is shown: the last one is the trained network. */
const stepShown = () => (state.step < 0 ? lastStep() : state.step);

function lastStep() {
  const { replay } = network();
  return replay ? replay.epochs.length - 1 : 0;
}

/** What precedes results of the trained weights while weights of an earlier epoch are shown. */
const afterTraining = () => (stepShown() < lastStep() ? "After training: " : "");

/** @param {number} step */
function showStep(step) {
  const { replay } = network();
  if (!replay) return;
  choose({ step: Math.min(Math.max(step, 0), lastStep()), place: placeOf(network(), replay.seed) });
}

function stop() {
  clearInterval(timer);
  timer = 0;
}

function play() {
  if (playing()) {
    stop();
    refresh();
    return;
  }
  timer = window.setInterval(() => {
    if (stepShown() >= lastStep()) {
      stop();
      refresh();
    } else showStep(stepShown() + 1);
  }, PACE);
  showStep(stepShown() >= lastStep() ? 0 : stepShown());
}

/** @param {Replay} replay */
function epochInWords({ seed, epochs, cost, accuracy }) {
  const at = stepShown();
  const when = epochs[at] === 0 ? "before training" : `epoch ${epochs[at]} of ${epochs[epochs.length - 1]}`;
  return `Seed ${seed}, ${when}: cost ${cost[at].toFixed(3)}, ${percent(accuracy[at])} of test images right`;
}

function paintReplay() {
  const { replay } = network();
  box("replay").hidden = !replay;
  if (!replay) {
    stop();
    return;
  }
  epochChoice.max = String(lastStep());
  epochChoice.value = String(stepShown());
  epochChoice.setAttribute("aria-valuetext", epochInWords(replay));
  box("epoch-text").textContent = epochInWords(replay);
  playButton.textContent = playing() ? "Pause" : "Play the training";
  allow("step-on", stepShown() < lastStep());
  allow("step-back", stepShown() > 0);
  const line = replay.accuracy.map((share, at) => `${(100 * at / Math.max(lastStep(), 1)).toFixed(2)},${(40 - 40 * share).toFixed(2)}`);
  part("curve", SVGElement).setAttribute("points", line.join(" "));
  const dot = part("curve-dot", SVGElement);
  dot.setAttribute("cx", (100 * stepShown() / Math.max(lastStep(), 1)).toFixed(2));
  dot.setAttribute("cy", (40 - 40 * replay.accuracy[stepShown()]).toFixed(2));
}

function setUpReplay() {
  playButton.addEventListener("click", play);
  onPress("step-on", () => { stop(); showStep(stepShown() + 1); });
  onPress("step-back", () => { stop(); showStep(stepShown() - 1); });
  epochChoice.addEventListener("input", () => { stop(); showStep(Number(epochChoice.value)); });
  views.push((drawing) => { if (!drawing) paintReplay(); });
}

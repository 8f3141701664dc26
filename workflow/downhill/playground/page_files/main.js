// Puts everything together, and begins with what the address says.

const networkChoice = part("network", HTMLSelectElement), seedChoice = part("seed", HTMLSelectElement);

function fillSeeds() {
  const { seeds, accuracy } = network();
  seedChoice.replaceChildren(...seeds.map((seed, place) => new Option(`seed ${seed} (${percent(accuracy[place])})`, String(place))));
  seedChoice.disabled = seeds.length < 2;
}

function paintChoice() {
  if (networkChoice.value !== String(state.network) || !seedChoice.options.length) {
    networkChoice.value = String(state.network);
    fillSeeds();
  }
  seedChoice.value = String(state.place);
  const { about, recipe, layer_sizes, accuracy } = network();
  box("about-network").textContent = about;
  box("about-recipe").textContent = `This network: ${layer_sizes.join("-")} units, ${recipe}; seed ${network().seeds[state.place]} gets ${percent(accuracy[state.place])} of test images right${network().replay ? " after its training" : ""}. ${network().trained ? "Each seed is one training, from random weights of its own." : "Each seed has random weights of its own."}`;
  const drawn = DATA.drawn[network().name];
  const measured = !drawn ? "" : `Of ${drawn.n} generated drawings, this network recognises ${percent(drawn.with)}, and ${percent(drawn.without)} without this preparation${drawn.test === null ? "" : `; of test images, ${percent(drawn.test)}`} (means over seeds; claim ${drawn.claim}). Generated drawings are tidy. `;
  box("harder").textContent = !network().trained ? `${measured}This network has learned nothing, so the preparation makes no difference.`
    : drawn && drawn.with < 2 / DATA.classes.length ? `${measured}That is hardly more than guessing.`
    : `${measured}Expect more mistakes with drawings of your own: the digits that it learned were scanned handwriting, centred and of one size, and none of them was shifted or distorted.`;
}

function setUpChoice() {
  networkChoice.replaceChildren(...DATA.networks.map((one, index) => new Option(one.title, String(index))));
  networkChoice.addEventListener("change", () => {
    stop();
    state.network = Number(networkChoice.value);
    fillSeeds();
    choose({ place: 0, step: -1 });
  });
  seedChoice.addEventListener("change", () => { stop(); choose({ place: Number(seedChoice.value), step: -1 }); });
  views.push((drawing) => { if (!drawing) paintChoice(); });
}

function fromAddress() {
  stop();
  readFragment(location.hash);
  fillSeeds();
  refresh();
}

function start() {
  if (!DATA.networks.length) return; // what one reads without scripts is all that there is
  document.documentElement.classList.add("scripted");
  if (DATA.twins) state.twin = Math.max(DATA.twins.labels.findIndex((label, at) => label !== DATA.twins?.shuffled[at]), 0);
  readFragment(location.hash);
  for (const setUp of [setUpChoice, setUpDrawing, setUpSteps, setUpGrid, setUpUnits, setUpNetworkView, setUpOutputs,
    setUpReplay, setUpImages, setUpNoise, setUpParliament, setUpTwins, setUpWalk]) setUp();
  views.push((drawing) => { if (!drawing) writeAddress(); });
  addEventListener("hashchange", () => { if (location.hash !== fragment()) fromAddress(); });
  refresh();
}

start();

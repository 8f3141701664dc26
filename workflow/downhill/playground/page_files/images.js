// Test images, mistakes, and mistakes that all seeds share.

const imageSet = part("image-set", HTMLSelectElement);
const THUMBS = 24; // on one page
let firstThumb = 0;

/** The images of the chosen set, as indices. */
function imagesOfSet() {
  if (imageSet.value === "mistakes") return network().mistakes[state.place];
  if (imageSet.value === "shared") return DATA.images.missed_by_all;
  return Array.from({ length: DATA.images.count }, (_, index) => index);
}

function paintThumbs() {
  const found = imagesOfSet();
  firstThumb = Math.min(firstThumb, Math.max(found.length - 1, 0));
  firstThumb -= firstThumb % THUMBS;
  const some = found.slice(firstThumb, firstThumb + THUMBS), wrong = new Set(network().mistakes[state.place]);
  box("thumbs").replaceChildren(...some.map((index) => {
    const button = made("button", wrong.has(index) ? "thumb wrong" : "thumb");
    button.type = "button";
    button.dataset.image = String(index);
    const label = DATA.classes[DATA.images.labels[index]];
    button.setAttribute("aria-label", `Test image ${DATA.images.numbers[index]}, labelled ${label}${wrong.has(index) ? `; this network${network().replay ? ", after its training," : ""} gets it wrong` : ""}`);
    button.append(inkPicture(imageAt(testPixels, index), 44));
    button.addEventListener("click", () => choose({ source: "image", image: index }));
    return button;
  }));
  markThumb();
  allow("thumbs-back", firstThumb > 0);
  allow("thumbs-on", firstThumb + THUMBS < found.length);
  sayThumbs(found.length);
}

/**
 * Says which images of the chosen set can be seen.
 * @param {number} count of the images of the set
 */
function sayThumbs(count) {
  const all = `the ${DATA.images.count} test images on this page`;
  const what = { all: `of ${all}`, mistakes: `of ${count} mistakes among ${all}`, shared: `of ${count} that all seeds miss, among ${all}` }[imageSet.value];
  const when = imageSet.value === "mistakes" ? afterTraining() : "";
  write(box("thumbs-text"), count ? `${when}${firstThumb + 1} to ${Math.min(firstThumb + THUMBS, count)} ${what}` : capital(`${when}there are none among ${all}`));
}

/** Marks the image that the network is shown. */
function markThumb() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (box("thumbs").querySelectorAll("button"))) {
    button.setAttribute("aria-pressed", String(state.source === "image" && Number(button.dataset.image) === state.image));
  }
}

/** @param {number} pages */
function turn(pages) {
  const first = firstThumb + pages * THUMBS;
  if (first < 0 || first >= imagesOfSet().length) return;
  firstThumb = first;
  paintThumbs();
}

function setUpImages() {
  imageSet.addEventListener("change", () => { firstThumb = 0; paintThumbs(); });
  onPress("thumbs-back", () => turn(-1));
  onPress("thumbs-on", () => turn(1));
  box("image-shared").textContent = `missed by all seeds of “${DATA.networks[0].title}”`;
  let before = "";
  views.push((drawing) => {
    if (drawing) return;
    const now = `${state.network} ${state.place}`;
    if (now !== before) paintThumbs();
    else markThumb();
    sayThumbs(imagesOfSet().length);
    before = now;
  });
}

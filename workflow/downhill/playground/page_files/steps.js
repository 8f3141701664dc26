// What becomes of a drawing before the network is given it, step by step.

/**
 * @param {string} id
 * @param {ArrayLike<number> | null} values
 */
function paintStep(id, values) {
  const canvas = part(id, HTMLCanvasElement), size = canvas.clientWidth || 120;
  const context = sharp(canvas, size, size);
  context.fillStyle = INK_COLOURS[0];
  context.fillRect(0, 0, size, size);
  if (values) drawInk(context, values, [0, 0, size, size]);
}

/** @param {boolean} drawing */
function paintSteps(drawing) {
  const { raw, fitted, image, shift } = shown.steps;
  paintStep("step-fitted", fitted && fitted.values);
  paintStep("step-image", image);
  if (drawing) return; // the finest picture takes the most time
  paintStep("step-raw", raw.values);
  const drawn = state.source === "draw" || state.source === "cells";
  box("steps-text").textContent = shown.blank ? "Nothing drawn."
    : !drawn ? "This image is given to the network as it is."
    : fitted ? `Cropped to the ink, made 20 pixels wide or high, and placed ${shift[0]} pixels from the left and ${shift[1]} from the top, so that its centre of mass is in the middle.`
    : "Given to the network at the place and in the size in which it was drawn. Draw in a corner, or very small, and see how the answer changes.";
}

function setUpSteps() {
  const fit = part("fit", HTMLInputElement);
  fit.addEventListener("change", () => choose({ fit: fit.checked }));
  views.push((drawing) => {
    fit.checked = state.fit;
    paintSteps(drawing);
  });
}

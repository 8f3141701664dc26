// The pad: strokes by mouse, pen or finger, kept as lines.

const pad = part("pad", HTMLCanvasElement);
const NEAREST = 1 / 250; // points of a stroke that are closer than this add nothing
let pointer = 0; // the one that draws; other fingers do nothing
let waiting = false;

/**
 * Where a pointer is on the pad, from 0 to 1.
 * @param {PointerEvent} event
 * @returns {Point}
 */
function pointOf(event) {
  const area = pad.getBoundingClientRect();
  return [onGrid((event.clientX - area.left) / area.width), onGrid((event.clientY - area.top) / area.height)];
}

/**
 * Adds a point to the stroke unless it is where the last one is.
 * @param {Point[]} line
 * @param {Point} point
 */
function extend(line, point) {
  const last = line[line.length - 1];
  if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= NEAREST) line.push(point);
}

/** Paints once before the next frame, however many points have come since the last one. */
function soon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    refresh(stroke !== null);
  });
}

/** @param {PointerEvent} event */
function begin(event) {
  if (event.button !== 0 || stroke) return;
  event.preventDefault();
  pointer = event.pointerId;
  pad.setPointerCapture(pointer);
  if (state.source !== "draw") state.strokes = [];
  state.source = "draw";
  stroke = [pointOf(event)];
  state.strokes.push(stroke);
  soon();
}

/** @param {PointerEvent} event */
function follow(event) {
  if (!stroke || event.pointerId !== pointer) return;
  const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
  for (const one of events.length ? events : [event]) extend(stroke, pointOf(one));
  soon();
}

/** @param {PointerEvent} event */
function end(event) {
  if (!stroke || event.pointerId !== pointer) return;
  stroke = null;
  soon();
}

function undo() {
  if (state.source === "draw") state.strokes = state.strokes.slice(0, -1);
  choose({ source: "draw" });
}

function clear() {
  state.cells.fill(0);
  choose({ source: "draw", strokes: [] });
}

/** Draws the pad: strokes as lines, anything else as its pixels. */
function paintPad() {
  const size = pad.clientWidth || 280;
  const context = sharp(pad, size, size);
  context.fillStyle = INK_COLOURS[0];
  context.fillRect(0, 0, size, size);
  if (state.source !== "draw") {
    drawInk(context, shown.steps.raw.values, [0, 0, size, size]);
    return;
  }
  context.strokeStyle = context.fillStyle = INK_COLOURS[1];
  context.lineWidth = size * PEN_AS_DRAWN / SIDE;
  context.lineCap = context.lineJoin = "round";
  for (const line of state.strokes) {
    context.beginPath();
    context.moveTo(line[0][0] * size, line[0][1] * size);
    for (const [x, y] of line.length > 1 ? line.slice(1) : line) context.lineTo(x * size, y * size);
    context.stroke();
  }
}

function setUpDrawing() {
  pad.addEventListener("pointerdown", begin);
  pad.addEventListener("pointermove", follow);
  pad.addEventListener("pointerup", end);
  pad.addEventListener("pointercancel", end);
  pad.addEventListener("lostpointercapture", end);
  onPress("undo", undo);
  box("clear").addEventListener("click", clear);
  addEventListener("keydown", (event) => {
    const inField = event.target instanceof HTMLInputElement && event.target.type === "number"; // which has its own undo
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && !inField) {
      event.preventDefault();
      undo();
    }
  });
  box("samples").hidden = !hasDigits;
  if (hasDigits) {
    SAMPLES.forEach((strokes, digit) => {
      const button = made("button", "", String(digit));
      button.type = "button";
      button.setAttribute("aria-label", `Sample ${digit}`);
      button.addEventListener("click", () => choose({
        source: "draw",
        strokes: strokes.map((line) => line.map(([x, y]) => /** @type {Point} */ ([onGrid(x), onGrid(y)]))),
      }));
      box("samples").append(button);
    });
  }
  views.push((drawing) => {
    paintPad();
    if (box("hint").hidden === (shown.blank && !drawing)) box("hint").hidden = !box("hint").hidden;
    allow("undo", state.source !== "draw" || state.strokes.length > 0);
  });
}

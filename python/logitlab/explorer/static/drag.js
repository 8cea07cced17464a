// Where a picture is a control: press anywhere in it, drag, let go.

/** `marker` takes the focus; `move(event, done)` is called for every place, with `done` at the last one. */
export function draggable(field, marker, move) {
  field.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    field.setPointerCapture(event.pointerId);
    marker.focus({ preventScroll: true });
    move(event, false);
    event.preventDefault();
  });
  field.addEventListener("pointermove", (event) => field.hasPointerCapture(event.pointerId) && move(event, false));
  field.addEventListener("lostpointercapture", (event) => move(event, true));
}

// Labels that have a place of their own on an axis or a picture: where two would touch, one is left out or moved.

const GAP = 3; // px between two labels

const touch = (a, b) =>
  a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom + GAP && b.top < a.bottom + GAP;

/** Leaves out each label that would touch one before it; the two ends of the axis come first. */
function thin(axis) {
  const labels = [...axis.children];
  if (!axis.offsetWidth) return; // not on the screen
  const boxes = labels.map((label) => label.getBoundingClientRect());
  const kept = [];
  for (const i of new Set([0, labels.length - 1, ...labels.keys()])) {
    const fits = !kept.some((box) => touch(boxes[i], box));
    if (fits) kept.push(boxes[i]);
    labels[i].classList.toggle("ll-left-out", !fits);
  }
}

/** Keeps the labels in `axis` apart, however much room it gets. Call the function that is returned for other labels. */
export function keepApart(axis) {
  new ResizeObserver(() => thin(axis)).observe(axis);
  return () => thin(axis);
}

const boxAt = ([x, y], { width, height }) => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - height / 2,
  bottom: y + height / 2,
});

/**
 * The place of each label on its line that touches no label before it, nor `taken`, and lies in the field, or null.
 * `labels` have their size and the places that would do, the best first; everything in pixels.
 */
export function placed(labels, field, taken) {
  const boxes = [taken];
  return labels.map((label) => {
    const fits = (place) => {
      const box = boxAt(place, label);
      return (
        box.left >= 0 &&
        box.top >= 0 &&
        box.right <= field.width &&
        box.bottom <= field.height &&
        !boxes.some((other) => touch(box, other))
      );
    };
    const place = label.places.find(fits) ?? null;
    if (place) boxes.push(boxAt(place, label));
    return place;
  });
}

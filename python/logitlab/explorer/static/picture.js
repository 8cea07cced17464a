// The picture that stands beside a widget for readers where none comes alive (explorer/twice.py): here one has.

/** Hides the picture of the model as long as a view of it is there. Gives the function that ends it. */
export function hidePicture(model) {
  const name = model.get("_picture");
  if (!/^\w+$/.test(name)) return () => {};
  const style = document.createElement("style");
  const picture = `.ll-picture-${name}`;
  style.textContent = `${picture}, .jp-OutputArea-child:has(${picture}) { display: none; }`;
  document.head.append(style);
  return () => style.remove();
}

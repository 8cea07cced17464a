// A few lines instead of a framework. Text is only ever set as text.

/** An element: h("td", { class: "n", onclick: f, "aria-label": "..." }, "text", child, ...). */
export function h(tag, properties = {}, ...children) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) {
      node.addEventListener(name.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Changes what differs, so that a screen reader and a selection are not disturbed. */
export function setText(node, text) {
  const { firstChild: only } = node;
  if (only?.nodeType === Node.TEXT_NODE && only === node.lastChild && text !== "") {
    if (only.data !== text) only.data = text; // the node stays
  } else if (node.textContent !== text) {
    node.textContent = text;
  }
}

export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) {
      node.removeAttribute(name);
    } else if (node.getAttribute(name) !== String(value === true ? "" : value)) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
}

const own = Math.random().toString(36).slice(2, 10); // every widget of a notebook has its own copy of this module
let count = 0;
/** An id for label and aria-describedby, a name for radio buttons; a page may hold many widgets and views. */
export const freshId = (name) => `ll-${name}-${own}-${++count}`;

/** A part of the widget with a title. Not a heading: nobody knows what level the notebook around it is at. */
export function panel(name, title, ...children) {
  const id = freshId("title");
  const head = h("p", { class: "ll-title", id }, ...[title].flat());
  return h("div", { class: `ll-panel ll-${name}`, role: "group", "aria-labelledby": id }, head, ...children);
}

/** A token's text, isolated from the direction of the text around it. */
export const tokenNode = (text, properties = {}) => h("bdi", { class: "ll-token", ...properties }, text);

// What the notebook calls: unpacks the script, the stylesheet and the kernels, which travel and are saved compressed,
// and hands the view over to explorer.js. Nothing is fetched: the script becomes a blob of this page.

async function inflate(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** The bytes that tools/pack_explorer.py wrote as text: their number, a space, 13 bits in every two of 91 letters. */
function bytesOf(text) {
  const bytes = new Uint8Array(parseInt(text, 10));
  const digit = (c) => c - 33 - (c > 34) - (c > 60) - (c > 92);
  let value = 0,
    bits = 0,
    at = 0;
  for (let i = text.indexOf(" ") + 1; i < text.length; i += 2) {
    value = ((value & 255) << 13) | (digit(text.charCodeAt(i)) * 91 + digit(text.charCodeAt(i + 1)));
    for (bits += 13; bits >= 8; bits -= 8) bytes[at++] = value >> (bits - 8);
  }
  return bytes;
}

/** The lengths of the script and of the stylesheet, these two, and the kernels. */
async function load(model) {
  const buffer = await inflate(bytesOf(model.get("_pack")));
  const [script, style] = new Uint32Array(buffer, 0, 2);
  const css = new TextDecoder().decode(new Uint8Array(buffer, 8 + script, style));
  const url = URL.createObjectURL(new Blob([new Uint8Array(buffer, 8, script)], { type: "text/javascript" }));
  const { default: widget } = await import(/* @vite-ignore */ url);
  URL.revokeObjectURL(url);
  return { widget, css, wasm: buffer.slice(8 + script + style) };
}

const loading = {}; // by the row's dtype: some front ends share this module between widgets
async function render({ model, el, signal }) {
  const { widget, css, wasm } = await (loading[model.get("_double")] ??= load(model));
  const style = document.createElement("style");
  style.textContent = css;
  const root = document.createElement("div");
  el.append(style, root);
  return widget.render({ model, el: root, signal, wasm, inflate });
}

export default { render };

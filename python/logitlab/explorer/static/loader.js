// What the notebook calls: unpacks the modules, the stylesheet and the kernels, which travel and are saved compressed,
// and hands the view over to explorer.js. Nothing is fetched: modules become blobs of this page.

/** [name, text or bytes] of each packed file: a length, a table of names and lengths as JSON, the files. */
async function unpack(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const text = (from, to) => new TextDecoder().decode(bytes.subarray(from, to));
  let at = 4 + new DataView(bytes.buffer).getUint32(0, true);
  return JSON.parse(text(4, at)).map(([name, length]) => {
    const from = at;
    at += length;
    return [name, name.endsWith(".wasm") ? bytes.slice(from, at) : text(from, at)];
  });
}

/** Imports modules that import each other by "./name": they come in an order in which each finds what it needs. */
async function importAll(files) {
  const urls = {};
  let last;
  for (const [name, source] of files.filter(([file]) => file.endsWith(".js"))) {
    const linked = source.replace(/from "\.\/([\w-]+\.js)"/g, (_, other) => `from "${urls[other]}"`);
    urls[name] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
    last = await import(/* @vite-ignore */ urls[name]);
  }
  Object.values(urls).forEach((url) => URL.revokeObjectURL(url));
  return last.default;
}

let loading;
async function load(model) {
  const files = await unpack(model.get("_pack"));
  const [, css] = files.find(([name]) => name.endsWith(".css"));
  const [, wasm] = files.find(([name]) => name.endsWith(".wasm"));
  return { widget: await importAll(files), css, wasm };
}

async function render({ model, el, signal }) {
  const { widget, css, wasm } = await (loading ??= load(model));
  const style = document.createElement("style");
  style.textContent = css;
  const root = document.createElement("div");
  el.append(style, root);
  return widget.render({ model, el: root, signal, wasm });
}

export default { render };

// A saved notebook shows the explorer again without being run, because its state is saved with it. JupyterLab does that
// only when a setting says so, which is off at first: here the widget sees to it itself, when the notebook is saved.

const MIME = "application/vnd.jupyter.widget-state+json";

/** Takes a long row out of what is saved; the page then shows what is still. */
function withoutRow(saved) {
  const { _row: left, ...state } = saved.state;
  return { ...saved, state, buffers: (saved.buffers ?? []).filter(({ path }) => path[0] !== "_row") };
}

/** Saves the state of the notebook's widgets with the notebook; gives the function that ends it. */
export function saveWith(model) {
  const manager = model.widget_manager;
  const signal = manager?.context?.saveState;
  if (!signal?.connect || !manager.get_state_sync) {
    return () => {};
  }
  const save = (_, what) => {
    if (what !== "started") return;
    const all = manager.get_state_sync({ drop_defaults: true });
    for (const [id, saved] of Object.entries(all.state)) {
      if (saved.state._save === false && saved.state._pack) all.state[id] = withoutRow(saved);
    }
    manager.context.model.setMetadata("widgets", { [MIME]: all });
  };
  signal.connect(save);
  return () => signal.disconnect(save);
}

// A saved notebook shows the explorer again without being run, because its state is saved with it. JupyterLab does that
// only when a setting says so, which is off at first: here the widget sees to it itself, when the notebook is saved.

const MIME = "application/vnd.jupyter.widget-state+json";

/** Saves the state of the notebook's widgets with the notebook; gives the function that ends it. */
export function saveWith(model) {
  const manager = model.widget_manager;
  const signal = manager?.context?.saveState;
  if (!signal?.connect || !manager.get_state_sync) {
    return () => {};
  }
  const save = (_, what) => {
    if (what !== "started") return;
    const saved = manager.get_state_sync({ drop_defaults: true });
    const states = Object.values(saved.state).map(({ state }) => state);
    states.forEach((state) => "_stage" in state && Object.assign(state, { _stage: null })); // no notebook opens in it
    manager.context.model.setMetadata("widgets", { [MIME]: saved });
  };
  signal.connect(save);
  return () => signal.disconnect(save);
}

/** Calls `lost` when the notebook's kernel ends or begins anew; gives the function that ends it. */
export function watchKernel(model, lost) {
  const signal = model.widget_manager?.context?.sessionContext?.statusChanged;
  if (!signal?.connect) return () => {};
  const changed = (_, status) => /restarting|terminating|dead/.test(status) && lost();
  signal.connect(changed);
  return () => signal.disconnect(changed);
}

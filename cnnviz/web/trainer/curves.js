// The curves of a run as the charts paint them: step by step, epoch by epoch, gradient norms by layer.

const CURVE_DASH = [5, 4];

/** Whether a run was looked at with test images. */
export function isTested({ curves }) {
  return (curves?.tests?.steps.values.length ?? 0) > 0;
}

/** What the curves of a run are called, in the legend and where a point is read. */
export function curveNames(run, texts, isByEpoch) {
  const name = (text) => [run.letter, text].filter(Boolean).join(" ");
  return {
    training: name(isByEpoch ? texts.epoch_training : texts.training),
    validation: name(isByEpoch ? texts.epoch_validation : texts.validation),
    test: name(texts.test),
  };
}

/** The colours of a run's curves. */
export function coloursOf(run, { series, dark }) {
  return series[dark ? "dark" : "light"][run.isKept ? "kept" : "run"];
}

/** Each step's batch, the samples of the validation images, the first test images. */
export function stepCurves(run, name, scene) {
  const { curves } = run;
  if (!curves) return [];
  const [colours, names] = [coloursOf(run, scene), curveNames(run, scene.texts, false)];
  const thick = { width: 2.2, dash: run.isKept ? CURVE_DASH : [], dots: !run.isKept };
  const curve = (of, kind, more) => ({
    xs: of.steps.values,
    ys: of[name].values,
    colour: colours[kind],
    name: names[kind],
    ...more,
  });
  return [
    curve(curves, "training", { width: 1 }),
    curve(curves.checks, "validation", thick),
    curve(curves.tests, "test", thick),
  ];
}

/** Both parts, epoch by epoch. */
export function epochCurves(run, name, scene) {
  const epochs = run.curves?.epochs;
  if (!epochs) return [];
  const [colours, names] = [coloursOf(run, scene), curveNames(run, scene.texts, true)];
  const shared = { xs: epochs.numbers.values, dash: run.isKept ? CURVE_DASH : [], dots: true };
  const training = { ys: epochs[`training_${name}`].values, colour: colours.training, name: names.training };
  const validation = { ys: epochs[name].values, colour: colours.validation, name: names.validation };
  return [
    { ...shared, ...training, width: 1.6 },
    { ...shared, ...validation, width: 2.2 },
  ];
}

/** The length of the gradient, layer by layer. */
export function normCurves(run, { dark }) {
  const { curves } = run;
  if (!curves?.norms) return [];
  const [count, layers] = curves.norms.shape;
  return Array.from({ length: layers }, (_, layer) => ({
    xs: curves.norm_steps.values,
    ys: Float32Array.from({ length: count }, (_v, at) => curves.norms.values[at * layers + layer]),
    colour: layerColour(layer, layers, dark),
    name: [run.letter, curves.layers[layer]].filter(Boolean).join(" "),
    width: 1.3,
    dash: run.isKept ? CURVE_DASH : [],
  }));
}

/** From the first layer to the last: from blue over violet to red. */
export function layerColour(at, count, dark) {
  return `hsl(${210 + (count > 1 ? (150 * at) / (count - 1) : 0)}, 65%, ${dark ? 66 : 45}%)`;
}

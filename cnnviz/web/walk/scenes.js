// Which scene shows the arithmetic of which kind of layer.

import { readsOf } from "../network/reads.js";
import { ActivationScene, PoolingScene } from "./cellscenes.js";
import { ConvolutionScene } from "./convolution.js";
import { DenseScene, FlattenScene } from "./dense.js";
import { FormulaScene } from "./formula.js";
import {
  AdditionScene,
  MovedScene,
  MultiplicationScene,
  PoolingNdScene,
  ReductionScene,
  SoftmaxAlongScene,
  UpsamplingScene,
} from "./graphscenes.js";
import { SoftmaxScene } from "./softmax.js";
import { TermsScene } from "./termsscene.js";

const SCENES = {
  convolution: ConvolutionScene,
  activation: ActivationScene,
  "max pooling": PoolingScene,
  "average pooling": PoolingScene,
  normalisation: FormulaScene,
  dropout: FormulaScene,
  flatten: FlattenScene,
  "fully connected": DenseScene,
  addition: AdditionScene,
  multiplication: MultiplicationScene,
  concatenation: MovedScene,
  rearrangement: MovedScene,
  padding: MovedScene,
  reduction: ReductionScene,
  upsampling: UpsamplingScene,
  softmax: SoftmaxAlongScene,
  "max pooling of 1 or 3 axes": PoolingNdScene,
  "average pooling of 1 or 3 axes": PoolingNdScene,
};

/**
 * The scene of an open layer; the probabilities at the end have their own.
 * @param {import("./model.js").Model} model
 */
export function sceneOf({ layer, kind }) {
  if (!layer.is_walked) return undefined;
  if (layer.form === "bars") return SoftmaxScene;
  if (kind === "flatten" && readsOf(layer).cells !== "unrolled") return MovedScene;
  return layer.weights_by ? TermsScene : SCENES[kind];
}

"""Random parts and blueprints, sound and unsound, for properties."""

from hypothesis import strategies as st

from cnnviz.models.builder import Activation, LayerConfig, LayerKind, NetworkSpec, Pooling

_small = st.integers(1, 5)
_inputs = st.sampled_from([0, 0, 0, 2, 3, 16])
_kinds = st.sampled_from(LayerKind)


@st.composite
def parts(draw: st.DrawFn) -> LayerConfig:
    kind = draw(_kinds)
    fields: dict[LayerKind, dict[str, st.SearchStrategy]] = {
        LayerKind.CONV: {"outputs": _small, "inputs": _inputs, "kernel": _small, "stride": st.integers(1, 3),
                        "padding": st.integers(0, 2)},
        LayerKind.POOL: {"pooling": st.sampled_from(Pooling), "kernel": _small, "stride": st.integers(1, 3),
                        "padding": st.integers(0, 2)},
        LayerKind.ACTIVATION: {"function": st.sampled_from(Activation)},
        LayerKind.DROPOUT: {"share": st.sampled_from([0.0, 0.25, 0.1 + 0.2, 0.0001])},
        LayerKind.DROPOUT2D: {"share": st.sampled_from([0.0, 0.4])},
        LayerKind.BATCH_NORM: {"inputs": _inputs},
        LayerKind.LINEAR: {"outputs": st.sampled_from([0, 2, 3, 7]), "inputs": _inputs},
        LayerKind.RESIDUAL: {"inputs": _inputs, "kernel": _small, "function": st.sampled_from(Activation),
                            "is_normalised": st.booleans()},
    }  # fmt: skip
    return LayerConfig(kind, **{name: draw(values) for name, values in fields.get(kind, {}).items()})


@st.composite
def blueprints(draw: st.DrawFn) -> NetworkSpec:
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    return NetworkSpec(
        "Any", shape, ("a", "b", "c")[: draw(st.integers(2, 3))], tuple(draw(st.lists(parts(), max_size=7)))
    )


@st.composite
def nearly_sound(draw: st.DrawFn) -> NetworkSpec:
    """Parts on maps, a flatten, a head: most of these can be built."""
    drawn = draw(blueprints())
    on_maps = tuple(part for part in drawn.parts if part.kind not in (LayerKind.FLATTEN, LayerKind.LINEAR))
    tail = (LayerConfig(LayerKind.FLATTEN), LayerConfig(LayerKind.LINEAR))
    return NetworkSpec(drawn.title, drawn.input_shape, drawn.classes, on_maps + tail)

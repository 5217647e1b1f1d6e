"""What does each layer of a network cost, and what does it see? Table, growth of the fields, two units' fields."""

import streamlit as st

from cnnviz.figures.receptive_fields import field_picture, growth_chart
from cnnviz.i18n import _
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import current_palette, headline, page_style, section
from cnnviz.ui.layers import tables as table

PLAIN = {"displayModeBar": False}  # its tools would lie over the legend


@show_errors
def network() -> None:
    """Pick a network, see its table, pick a layer, see two of its units."""
    name = st.selectbox(_("Pick a network"), table.NETWORKS, key="net", bind="query-params", width=300)
    drawn = table.network_graph(name)
    totals(drawn)
    st.dataframe(
        table.table_rows(drawn.summary), column_config=table.table_formats(), hide_index=True, width="stretch",
        height=330,
        placeholder="",
    )  # fmt: skip
    st.caption(
        _(
            "In pixels, by the formula. Receptive field: rows × columns, before the border cuts any off; "
            "≤ means that it is smaller for some units. Jump: from one unit to the next. "
            "Start: where the first unit's receptive field begins, below 0 in the padding."
        )
    )
    section(_("Receptive field, layer by layer"))
    figure = growth_chart(table.growing_layers(drawn.summary), drawn.summary.input_shape[1], current_palette())
    st.plotly_chart(figure, key=f"growth {name}", config=PLAIN)
    st.caption(_("Branches are shown one after the other: the line goes back to where the next branch starts."))
    units(name, drawn)


def totals(drawn: table.NetworkGraph) -> None:
    """The two sums, and the input that they are for."""
    made = drawn.summary
    cells = st.columns(3)
    cells[0].metric(_("Input"), "×".join(map(str, made.input_shape)))
    cells[1].metric(_("Parameters in total"), f"{made.parameters:,}")
    cells[2].metric(_("Multiply-adds for one image"), f"{made.macs:,}")


def units(name: str, drawn: table.NetworkGraph) -> None:
    """Two units of one layer, on the image."""
    section(_("Receptive field of one unit"))
    layers = table.layers_with_maps(drawn.graph)
    layer = st.selectbox(_("Pick a layer"), layers, key=table.open_layer(name, layers), width=300)
    table.keep_layer(name, layers, layer)
    st.caption(_("Filled: the pixels that it reads. Dashed: what the formula gives, beyond the border too."))
    for column, shown in zip(st.columns(2), table.unit_fields(drawn.graph, layer), strict=True):
        with column:
            st.markdown(f"**{shown.title}**  \n{shown.field.sentence}")
            if shown.field.exact is not None:
                picture = field_picture(shown.field.exact, shown.outline, current_palette())
                st.plotly_chart(picture, width="content", key=f"field {name} {layer} {shown.title}", config=PLAIN)


page_style()
headline(_("What does each layer cost, and how large is its receptive field?"))
network()

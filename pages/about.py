"""About: how well the network reads, how we know, where the data come from, what leaves this machine (nothing)."""

import streamlit as st

from cnnviz.figures.confusion import confusion_matrix
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.models import checkpoints
from cnnviz.ui.about import manifest_figures
from cnnviz.ui.about.checkpoint_facts import show_checkpoint_facts
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import current_palette, headline, page_style, section


@show_errors
def published() -> None:
    """Both numbers, side by side, and what lies behind them."""
    network = trained_network("mnist")
    for column, figure in zip(st.columns(3), manifest_figures.headline_figures(network.manifest), strict=True):
        column.metric(figure.name, format_percent(figure.share, 2), help=figure.note, border=True)
    section(_("Two networks for digits"))
    st.markdown(
        _("All other figures here are of the plain network. The second one on “Draw a digit” has residual blocks:")
    )
    names = network.recipe.subject.words.networks
    beside = {name: checkpoints.read_manifest(key) for key, name in names.items()}
    st.dataframe(manifest_figures.networks_beside(beside), hide_index=True, width="content")
    section(_("Accuracy on harder drawings"))
    for column, table in zip(st.columns(4), manifest_figures.robustness(network.manifest), strict=True):
        column.caption(table.title)
        column.dataframe(table.rows, hide_index=True, width="stretch")
    section(_("Confusion matrix: which digit is taken for which"))
    chosen = st.segmented_control(
        _("Test set"),
        list(manifest_figures.SETS),
        format_func=manifest_figures.set_name,
        default="pen_held_out",
        required=True,
    )
    counts = network.manifest.figures[chosen]["confusion"]
    palette = current_palette()
    st.plotly_chart(confusion_matrix(counts, network.recipe.classes, palette), width="content", key="confusion")
    section(_("Ink that is not a digit"))
    st.markdown(manifest_figures.no_digit(beside))
    st.dataframe(manifest_figures.rejected_text(network.manifest), hide_index=True, width="content")
    section(_("How they were made"))
    for tab, manifest in zip(st.tabs(list(beside)), beside.values(), strict=True):
        with tab:
            show_checkpoint_facts(manifest)


page_style()
headline(_("How accurate is it, and how do we know?"))
published()
st.markdown(manifest_figures.closing_text())

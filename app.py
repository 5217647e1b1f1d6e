"""Pages, page settings, language: nothing else. Start with `streamlit run app.py`.

The server imports this file for `app` (the pages, and what is served beside them); a visit runs it as a script.
"""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app import server
from cnnviz.ui.app.buttons import answering
from cnnviz.ui.app.caches import configure_process
from cnnviz.ui.app.footer import show_footer
from cnnviz.ui.app.language import speak, tell_browser
from cnnviz.ui.app.turning_pages import go_on_turning

LINKS_OF_THEIR_OWN = ("train",)  # pages whose button says what their link cannot carry


def visit() -> None:
    """One run for one visitor."""
    language = speak()
    st.set_page_config(page_icon="🔎", layout="wide")  # first: else the icon of a page would be fetched from a network
    offered = pages()
    page = st.navigation(offered, position="top")
    st.set_page_config(page_title=f"{page.title} · cnnviz")
    go_on_turning(page, [one for menu in offered.values() for one in menu])
    with answering():
        page.run()
        show_footer(has_link=page.url_path not in LINKS_OF_THEIR_OWN)
    tell_browser(language)
    configure_process(page.url_path)


def pages() -> dict[str, list[st.Page]]:
    """The pages by the menu in which they stand; those without a menu stand in the bar for everyone to see."""
    return {
        "": [
            st.Page("pages/draw.py", title=_("Draw a digit"), icon=":material/draw:", default=True),
            st.Page("pages/x_or_o.py", title=_("First lesson"), icon=":material/school:"),
            st.Page("pages/laboratory.py", title=_("Laboratory"), icon=":material/science:"),
            st.Page("pages/train.py", title=_("Train live"), icon=":material/model_training:"),
            st.Page("pages/your_network.py", title=_("Your network"), icon=":material/deployed_code:"),
        ],
        _("X and O"): [
            st.Page("pages/draw_xo.py", title=_("Draw an X or an O"), icon=":material/close:"),
            st.Page("pages/train_xo.py", title=_("Teach it yourself"), icon=":material/front_hand:"),
        ],
        _("How it learns"): [
            st.Page("pages/one_step.py", title=_("One training step"), icon=":material/footprint:"),
            st.Page("pages/experiments.py", title=_("Experiments"), icon=":material/labs:"),
        ],
        _("Look up"): [
            st.Page("pages/small_examples.py", title=_("Small examples"), icon=":material/calculate:"),
            st.Page("pages/network.py", title=_("Layer by layer"), icon=":material/table_rows:"),
            st.Page("pages/glossary.py", title=_("Glossary"), icon=":material/menu_book:"),
            st.Page("pages/about.py", title=_("About"), icon=":material/info:"),
        ],
    }


if __name__ == "__main__":
    visit()
else:
    server.prepare_process()
    app = st.App(__file__, routes=server.routes(), middleware=server.middleware())

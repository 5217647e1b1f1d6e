"""Look into a network of one's own: taught, trained or loaded, with every number, as into the shipped ones."""

from cnnviz.i18n import _
from cnnviz.ui.app.browser_store import restore_stored, store_state
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.draw.page import show_draw_page
from cnnviz.ui.your_network import your_network, your_network_page


@show_errors
def page() -> None:
    """The network that lies open, or how to come by one."""
    restore_stored(your_network.KEEPSAKE)
    key = your_network.current()
    if key is None:
        your_network_page.choose(None)
        your_network_page.say_how()
    else:
        bench = your_network.bench(key)
        bench.open()
        your_network_page.choose(key)
        show_draw_page(bench, your_network_page.facts_of(key), your_network.title_of(key))
    store_state(your_network.KEEPSAKE)


page_style()
headline(_("Your network: see every number inside it"))
page()

"""Look into a network of one's own: taught, trained or loaded, with every number, as into the shipped ones."""

from cnnviz.i18n import _
from cnnviz.ui import your_network, your_network_page
from cnnviz.ui.draw_table import show_table
from cnnviz.ui.keeping import bring_back, keep
from cnnviz.ui.kindness import kindly
from cnnviz.ui.style import headline, page_style


@kindly
def page() -> None:
    """The network that lies open, or how to come by one."""
    bring_back(your_network.KEEPSAKE)
    key = your_network.current()
    your_network_page.choose(key)
    if key is None:
        your_network_page.say_how()
    else:
        bench = your_network.bench(key)
        bench.open()
        show_table(bench)
    keep(your_network.KEEPSAKE)


page_style()
headline(_("Your network: see every number inside it"))
page()

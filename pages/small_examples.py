"""Small examples: one question each, with inputs to change, PyTorch's numbers, and the code that was run."""

from cnnviz.i18n import _
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.small_examples.example_page import choose_example, show_example

page_style()
headline(_("Small examples: change the numbers, and see what comes out"))
show_errors(show_example)(choose_example())

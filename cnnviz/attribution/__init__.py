"""Why this answer? Attribution of a score to the image and to maps, with checks that can catch a wrong map.

Captum computes the maps. Refuses to know: pages, files.
"""

from cnnviz.attribution.attribute_image import attribute, attribute_graph, check_attribution, method_names
from cnnviz.attribution.contributions import Contributions, contributions_of
from cnnviz.attribution.describe import describe_doubt, describe_method, describe_trust
from cnnviz.attribution.methods import methods
from cnnviz.attribution.records import Attribution, AttributionError, Curves, Doubt, Question, Settings, Shuffled, Trust

__all__ = [
    "Attribution",
    "AttributionError",
    "Contributions",
    "Curves",
    "Doubt",
    "Question",
    "Settings",
    "Shuffled",
    "Trust",
    "attribute",
    "attribute_graph",
    "check_attribution",
    "contributions_of",
    "describe_doubt",
    "describe_method",
    "describe_trust",
    "method_names",
    "methods",
]

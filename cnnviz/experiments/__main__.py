"""One experiment as a process: `python -m cnnviz.experiments '{"lesson": "xor"}'` prints a JSON line for each record.

With --attached it is the app's: it ends with its standard input, or when nobody has written to that for long.
Refuses to know: what an experiment does (`registry`), who reads.
"""

from __future__ import annotations

import json
import logging
import sys

import torch

from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.experiments.registry import ExperimentSettings, run_experiment
from cnnviz.i18n import _, use_language
from cnnviz.machine.arguments import ArgumentParser
from cnnviz.processes import Watchdog, make_room, threads_to_use

_LOG = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Run one experiment; its last line is a sentence where it could not be done."""
    parser = ArgumentParser("python -m cnnviz.experiments")
    parser.add_argument("wish", help='a JSON object, such as {"lesson": "xor", "seed": 3}')
    parser.add_argument("--language", default="en")
    parser.add_argument("--attached", action="store_true", help="end with the input")
    parser.add_argument("--patience", type=float, default=20.0, help="seconds without a byte on the input")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(threads_to_use())
    use_language(chosen.language)
    if chosen.attached:
        make_room()
        Watchdog(chosen.patience).start()
    return _tell(chosen.wish)


def _tell(wish: str) -> int:
    try:
        for record in run_experiment(ExperimentSettings.from_record(json.loads(wish))):
            print(json.dumps(record, allow_nan=False), flush=True)
    except (ValueError, DataMissing, DataBroken) as error:
        print(json.dumps({"sentence": str(error)}), flush=True)
        return 1
    except Exception:
        _LOG.exception("an experiment failed")
        print(json.dumps({"sentence": _("The experiment could not go on: run it again.")}), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

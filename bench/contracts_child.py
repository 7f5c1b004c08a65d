"""Runs schemathesis once for each address: `python -m bench.contracts_child FILE`, where FILE has lists of arguments.

In one process, because its start takes longer than a short run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from schemathesis.cli import schemathesis as program


def run(arguments: list[list[str]]) -> None:
    for one in arguments:
        try:
            program.main(one, standalone_mode=False)
        except SystemExit as end:
            # 1: failures were found; they are in the report.
            if end.code not in (0, 1, None):
                raise


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_text()))

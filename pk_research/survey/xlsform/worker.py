"""Compiling one spreadsheet in a process of its own: `python -m ...worker FILE FOLDER`.

Prints one line of JSON: the XForm and the warnings, or every fault that keeps it from being one.
FOLDER holds the files the form names. With `--faults` faults are looked for even where it compiles.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import asdict
from pathlib import Path

from pk_research.survey.xlsform.compiler import compile_file


def examine_file(path: Path, beside: Path, *, wants_faults: bool = False) -> dict[str, object]:
    """Compile a spreadsheet; say everything that is wrong with it where it does not compile."""
    answer = compile_file(path)
    if "complaint" not in answer and not wants_faults:
        return {**answer}
    from pk_research.survey.xlsform.gathering import gather_faults

    faults = gather_faults(path, str(answer.get("complaint", "")), beside)
    return {"faults": [asdict(fault) for fault in faults]}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    told = examine_file(Path(sys.argv[1]), Path(sys.argv[2]), wants_faults="--faults" in sys.argv)
    sys.stdout.write(json.dumps(told) + "\n")

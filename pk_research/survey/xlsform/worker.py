"""Compiling one spreadsheet in a process of its own: `python -m pk_research.survey.xlsform.worker FILE`.

Prints one line of JSON: the XForm and the warnings, or what the compiler complained of.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path


def compile_file(path: Path) -> dict[str, object]:
    """Compile a spreadsheet with pyxform, whatever the file is called."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    found: list[str] = []
    try:
        result = convert(path, validate=False, pretty_print=False, warnings=found)
    except PyXFormError as error:
        return {"complaint": str(error)}
    except Exception as error:  # noqa: BLE001
        # pyxform meets unexpected cells with whatever exception they cause
        return {"complaint": f"The form cannot be read ({type(error).__name__}: {error})"}
    return {"xml": result.xform, "warnings": found}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.write(json.dumps(compile_file(Path(sys.argv[1]))) + "\n")

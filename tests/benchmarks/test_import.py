"""How long it takes to import the package, beside importing pandas.

Each round is a new interpreter; its own start is measured too, to be taken off.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

WHAT = {
    "the interpreter alone": "pass",
    "pk_research": "import pk_research",
    "pk_research, light chapters": "from pk_research import codebook, errors, language, register",
    "pandas": "import pandas",
}


@pytest.mark.benchmark(group="import")
@pytest.mark.parametrize("what", WHAT)
def test_import(benchmark, what):
    benchmark.pedantic(
        subprocess.check_call, args=([sys.executable, "-c", WHAT[what]],), rounds=10, warmup_rounds=2
    )

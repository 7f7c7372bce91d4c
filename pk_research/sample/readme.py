"""The README that stands beside the made survey."""

from __future__ import annotations

import pandas as pd

from pk_research.sample.questionnaire import CODEBOOK

_KINDS = {
    "category spelling": "an answer in another spelling: `TIdak ada`, `tidak ada`, `Tidak<TAB>ada`",
    "conflicting duplicate": "a village visited twice, with other answers",
    "contradiction": "a value that contradicts others of the same row",
    "exact duplicate": "a row entered twice",
    "heaping": "a number given in round multiples",
    "name spelling": "a village or kecamatan in another spelling",
    "no answer": "-99 (does not know), -88 (refused) or an empty cell; not at random",
    "not visited": "a village without a row in that year",
    "old code": "the code a village had while it was a desa; right for its year",
    "out of range": "a value that cannot be",
    "unit slip": "an income in thousands of rupiah",
    "wrong code": "a village code with two digits swapped",
}


def readme_text(planted: pd.DataFrame, *, n_rows: int, seed: int) -> str:
    """Write the README, its numbers taken from the survey itself."""
    counts = planted.groupby("kind")["n"].sum()
    rows = [f"| {kind} | {meaning} | {counts[kind]} |" for kind, meaning in _KINDS.items()]
    return "\n".join(
        [*_OPENING.format(n_rows=n_rows, n_variables=len(CODEBOOK), seed=seed).splitlines(), *rows, ""]
    )


_OPENING = """\
# A made village survey

**Data buatan, bukan hasil survei.** Nama dan kode desa/kelurahan nyata; semua jawaban dibuat oleh program
dan tidak menggambarkan desa mana pun.

**Made, not collected.** The villages are real; every answer was drawn by `pk_research.sample` (seed {seed})
and says nothing about the village whose name it stands beside. It exists so that every step of the workbench
runs without anybody's data.

| File | What |
|---|---|
| `village_survey_made.csv` | {n_rows} rows, {n_variables} variables, 187 villages, as it "came back" |
| `village_survey_made.datapackage.json` | title, provenance, schema (Data Package) |
| `village_survey_made.codebook.csv` | the codebook, for people |
| `planted_errors.csv` | every gap and error in it, beside the truth |

Published, and met exactly: in 2022, 180 desa, by IDM status 59 Berkembang, 69 Maju and 52 Mandiri, and 155
of them with a BUMDes. Setia Asih was then the desa 3216012007; since the end of 2022 it is the kelurahan
3216011007, leaving 179 desa and 8 kelurahan. Everything else is made, the numbers of 2023 and 2024 included.

Regenerate with `python -c "from pk_research import sample; sample.write_sample(sample.sample_folder())"`: the
same bytes. Terms: BSD 3-Clause, as the code; names and codes of villages from idn-area-data, Open Database
License 1.0 (see `../reference/`).

## What was planted

`planted_errors.csv` has a row for each error, those of a kind that repeats counted together:

| Column | What |
|---|---|
| `kind` | what is wrong, as below |
| `village_code`, `year` | the true code of the village, and the year; empty where it is all over |
| `variable` | the column; empty where it is the whole row |
| `collected`, `truth` | what stands in the survey, and what was drawn; empty where there is no single value |
| `n` | how many cells or rows |

| Kind | What | Cells or rows |
|---|---|---|
"""

"""The made survey: what is true, and what came back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pandas as pd

from pk_research.language import Message
from pk_research.register import Register
from pk_research.sample.district import Chance, make_truth
from pk_research.sample.fieldwork import collect
from pk_research.sample.questionnaire import CODEBOOK
from pk_research.sources.dataset import Dataset, Provenance

NAME = "village_survey_made"
FILE_NAME = f"{NAME}.csv"
TITLE = "Village survey of Kabupaten Bekasi 2022-2024 (MADE, not collected)"
LICENCE = "BSD-3-Clause; names and codes of villages: idn-area-data, ODbL-1.0"
NOTICE = Message(
    "Made data: the villages are real, every answer was drawn by a program and tells nothing about them."
)
"""What every view of the sample shows beside it."""
SEED = 3216
KEY = ("village_code", "year")


@dataclass(frozen=True)
class Sample:
    """The made survey.

    Attributes
    ----------
    truth
        The true answers: 187 villages in three years, typed. In 2022 Setia Asih goes by the code
        of the desa it then was.
    collected
        What the field sent back, every column still text: missing codes, spellings and slips as
        they came. Written to a file and loaded, it takes its types.
    planted
        Every gap and error in ``collected`` beside the truth: ``kind``, ``village_code`` and
        ``year`` (the true ones), ``variable``, ``collected``, ``truth``, ``n``. The kinds in
        `COUNTED_KINDS` are counted by variable and year; all others stand one by one.
    seed
        The seed it was drawn with.
    """

    truth: Dataset
    collected: Dataset
    planted: pd.DataFrame
    seed: int


def make_sample(register: Register, *, seed: int = SEED) -> Sample:
    """Make the survey.

    Villages lie in town, factory belt, rice plain, coast or hills, in parts; land, work, income,
    services, products and IDM follow from that, from a prosperity and a governance of each village,
    and from chance. For 2022 the numbers of desa by IDM status (59 Berkembang, 69 Maju, 52 Mandiri)
    and with a BUMDes (155) are the published ones. Nothing else is: no value says anything about
    the village whose name it stands beside.

    Parameters
    ----------
    register
        The 187 villages of Kabupaten Bekasi.
    seed
        Of every draw; the same seed gives the same survey.

    Raises
    ------
    BadInput
        When the register holds other villages.

    Examples
    --------
    >>> from pk_research.register import load_register
    >>> sample = make_sample(load_register())
    >>> len(sample.truth.frame), sample.truth.provenance.made
    (561, True)
    """
    chance = Chance(seed)
    truth = make_truth(register, chance=chance)
    returned = collect(truth, chance)
    return Sample(
        truth=Dataset(
            f"{NAME}_truth", truth, CODEBOOK, _provenance(f"{TITLE}: the true answers", "", truth, seed), KEY
        ),
        collected=Dataset(
            NAME, returned.frame, CODEBOOK, _provenance(TITLE, FILE_NAME, returned.frame, seed), KEY
        ),
        planted=returned.planted,
        seed=seed,
    )


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a frame as CSV, the same bytes everywhere."""
    return str(frame.to_csv(index=False, lineterminator="\n")).encode()


def _provenance(title: str, file_name: str, frame: pd.DataFrame, seed: int) -> Provenance:
    return Provenance(
        title=title,
        file_name=file_name,
        sha256=hashlib.sha256(csv_bytes(frame)).hexdigest(),
        layout="table",
        source=f"made by pk_research.sample, seed {seed}",
        licence=LICENCE,
        made=True,
        n_rows_read=len(frame),
    )

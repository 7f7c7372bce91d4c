"""The made survey as it would be without gaps and errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.register import Village
from pk_research.sample.district.bumdes import bumdes
from pk_research.sample.district.chance import Chance
from pk_research.sample.district.development import development
from pk_research.sample.district.economy import economy
from pk_research.sample.district.facilities import facilities
from pk_research.sample.district.ground import (
    LAST_YEAR_AS_DESA,
    OLD_CODES,
    YEARS,
    Answers,
    Ground,
    make_ground,
)
from pk_research.sample.district.people import people
from pk_research.sample.district.product import product
from pk_research.sample.questionnaire import CODEBOOK

N_VILLAGES = 187
N_DESA_2022 = 180
REGENCY_CODE = "3216"
N_ENUMERATORS = 12
_FIRST_DAYS = {2022: "2022-07-04", 2023: "2023-07-03", 2024: "2024-07-01"}
_DAYS = 45


def make_truth(villages: Iterable[Village], *, chance: Chance) -> pd.DataFrame:
    """Make the true answers: one row a village and year, typed by the codebook.

    Raises
    ------
    BadInput
        When the villages are not the 187 of Kabupaten Bekasi.
    """
    ordered = sorted(villages, key=lambda village: village.code)
    _check(ordered)
    ground = make_ground(ordered, chance)
    answers = people(ground)
    answers |= economy(ground, answers)
    answers |= product(ground, answers)
    answers |= bumdes(ground, answers)
    answers |= facilities(ground, answers)
    answers |= development(ground, answers)
    columns = {**_identity(ground), **_visits(ground), **answers}
    by_year = {name: pd.Series(values.ravel(order="F")) for name, values in columns.items()}
    return CODEBOOK.cast(pd.DataFrame(by_year), where="the made survey")


def _check(villages: Sequence[Village]) -> None:
    n_here = sum(village.regency_code == REGENCY_CODE for village in villages)
    n_desa = sum(village.kind == "desa" or village.code in OLD_CODES for village in villages)
    if (len(villages), n_here, n_desa) != (N_VILLAGES, N_VILLAGES, N_DESA_2022):
        raise BadInput(
            Problem(
                "register",
                f"the sample is made for the {N_VILLAGES} villages of Kabupaten Bekasi, {N_DESA_2022} of "
                f"them desa in 2022; this register holds {len(villages)}, {n_here} of them in the regency",
                "Use the register that comes with the project: register.load_register().",
            )
        )


def _identity(ground: Ground) -> Answers:
    villages, n_years = ground.villages, len(YEARS)
    codes = [
        [OLD_CODES[v.code] if year <= LAST_YEAR_AS_DESA.get(v.code, 0) else v.code for year in YEARS]
        for v in villages
    ]
    return {
        "village_code": np.array(codes, dtype=object),
        "year": np.tile(YEARS, (len(villages), 1)),
        "kecamatan": np.array([[v.kecamatan] * n_years for v in villages], dtype=object),
        "village": np.array([[v.name] * n_years for v in villages], dtype=object),
        "village_kind": np.where(ground.is_desa, "desa", "kelurahan").astype(object),
    }


def _visits(ground: Ground) -> Answers:
    kecamatan = sorted({village.kecamatan_code for village in ground.villages})
    teams = np.array([kecamatan.index(v.kecamatan_code) for v in ground.villages]) % (N_ENUMERATORS // 2)
    member = ground.chance.uniform("enumerator", ground.shape) < 0.5
    enumerator = 1 + 2 * teams[:, None] + member
    days = np.floor(_DAYS * ground.chance.uniform("day", ground.shape)).astype(int)
    first = np.array([_FIRST_DAYS[year] for year in YEARS], dtype="datetime64[D]")
    respondent = ground.choices(
        "respondent",
        np.tile([4.0, 5.0, 2.0], (len(ground.villages), 1)),
        ("Kepala desa/lurah", "Sekretaris desa", "Perangkat desa"),
        change=0.6,
    )
    return {
        "interview_date": np.busday_offset(np.tile(first, (len(ground.villages), 1)), days, roll="forward"),
        "enumerator": np.vectorize("P{:02}".format, otypes=[object])(enumerator),
        "respondent": respondent,
    }

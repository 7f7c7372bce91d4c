"""A made survey of households with members: every kind of column a twin has to deal with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pk_research.codebook import Codebook, Label, Variable
from pk_research.register import load_register
from pk_research.sources import Dataset, Provenance

CODES = (Label("-99", "Tidak tahu", "Don't know"), Label("-88", "Menolak", "Refused"))
YES_NO = (Label("yes", "Ya", "Yes"), Label("no", "Tidak", "No"))
CROPS = ("rice", "melon", "fish", "none")
RICHEST = 987654321
BOOK = Codebook(
    (
        Variable("key", kind="code"),
        Variable("village_code", kind="code"),
        Variable("kecamatan"),
        Variable("village_kind"),
        Variable("interview_date", kind="date"),
        Variable("respondent_phone"),
        Variable("head_sex", kind="category", categories=(Label("f", "", ""), Label("m", "", ""))),
        Variable("head_age", kind="integer", minimum=15, maximum=100, missing=CODES),
        Variable("religion", kind="category", categories=tuple(Label(one, "", "") for one in "abcd")),
        Variable("land_ha", kind="number", unit="ha", minimum=0, missing=CODES),
        Variable("income_idr", kind="integer", unit="IDR/month", minimum=0, missing=CODES),
        Variable("has_loan", kind="category", categories=YES_NO, missing=CODES),
        Variable("debt_idr", kind="integer", universe="has_loan = 'yes'", minimum=0, missing=CODES),
        Variable("lender", kind="category", universe="households with a loan", categories=YES_NO),
        Variable("crops", missing=CODES),
        *(Variable(f"crops__{one}", kind="boolean") for one in CROPS),
        Variable("crops_other", universe="selected(crops, 'fish')"),
        Variable("members", kind="integer", minimum=0, maximum=9),
        Variable("remarks"),
        Variable("latitude", kind="number"),
        Variable("longitude", kind="number"),
    )
)
MEMBERS = Codebook(
    (
        Variable("key", kind="code"),
        Variable("parent_key", kind="code"),
        Variable("age", kind="integer", minimum=0, maximum=100),
        Variable("works", kind="category", universe="age >= 15", categories=YES_NO),
    )
)


def households(n=400, seed=1):
    """Return households as they come in a file: text, with codes for missing answers."""
    rng = np.random.default_rng(seed)
    villages = [village for village in load_register() if village.kecamatan in ("Babelan", "Tambelang")]
    of = [villages[at] for at in rng.integers(len(villages), size=n)]
    land = np.round(rng.exponential(0.8, n), 2)
    income = (rng.integers(5, 60, n) * 100_000 + land * 1e6 // 1e5 * 1e5).astype(int)
    income[7] = RICHEST
    loan = np.where(land + rng.normal(size=n) > 1, "yes", "no")
    crops = [
        "none" if size < 0.3 else " ".join(one for one in CROPS[:3] if rng.random() < 0.5) or "rice"
        for size in land
    ]
    members = rng.integers(0, 5, n)
    frame = pd.DataFrame(
        {
            "key": [f"uuid:{at:08}-0000-4000-8000-000000000000" for at in range(n)],
            "village_code": [village.code for village in of],
            "kecamatan": [village.kecamatan for village in of],
            "village_kind": [village.kind for village in of],
            "interview_date": (np.datetime64("2026-03-01") + rng.integers(40, size=n)).astype(str),
            "respondent_phone": [f"0812{at:08}" for at in range(n)],
            "head_sex": rng.choice(["f", "m"], n, p=[0.2, 0.8]),
            "head_age": rng.integers(20, 80, n).astype(str),
            "religion": ["d"] * 2 + list(rng.choice(list("abc"), n - 2, p=[0.8, 0.15, 0.05])),
            "land_ha": land.astype(str),
            "income_idr": income.astype(str),
            "has_loan": loan,
            "debt_idr": np.where(loan == "yes", (income * 0.7).astype(int).astype(str), ""),
            "lender": np.where(loan == "yes", rng.choice(["yes", "no"], n), ""),
            "crops": crops,
            **{f"crops__{one}": [str(one in text.split()) for text in crops] for one in CROPS},
            "crops_other": ["a secret pond" if "fish" in text else "" for text in crops],
            "members": members.astype(str),
            "remarks": [f"house {at} by the well" for at in range(n)],
            "latitude": (-6.2 + rng.normal(0, 0.01, n)).astype(str),
            "longitude": (107.0 + rng.normal(0, 0.01, n)).astype(str),
        }
    )
    for name, code, share in (("head_age", "-99", 0.1), ("income_idr", "-88", 0.1), ("land_ha", "", 0.05)):
        frame.loc[(rng.random(n) < share) & (frame["income_idr"] != str(RICHEST)), name] = code
    gone = rng.random(n) < 0.08
    frame.loc[gone, "crops"], frame.loc[gone, "crops_other"] = "-99", ""
    frame.loc[gone, [f"crops__{one}" for one in CROPS]] = ""
    return Dataset("households", frame, BOOK, Provenance("Households", "h.csv", "0" * 64, "table"), ("key",))


def with_members(n=400, seed=1):
    """Return households, and their members as a table of repeats."""
    root = households(n, seed)
    rng = np.random.default_rng(seed + 1)
    rows = []
    for key, size in zip(root.frame["key"], root.frame["members"].astype(int), strict=True):
        for number in range(1, size + 1):
            age = int(rng.integers(0, 90))
            works = "" if age < 15 else str(rng.choice(["yes", "no"]))
            rows.append((f"{key}/home/member[{number}]", key, str(age), works))
    frame = pd.DataFrame(rows, columns=list(MEMBERS.names))
    members = Dataset("members", frame, MEMBERS, Provenance("Members", "", "1" * 64, "table"), ("key",))
    return root, members

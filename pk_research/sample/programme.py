"""A made coordination log of the programme: who does what for which village by when."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pandas as pd

from pk_research.register import load_register

AS_OF = date(2026, 11, 26)
N_ACTIONS = 46
SEED = 2026
# What is done, by kind: the office whose work it is, the sentence, the decision, and its evidence.
WORK: tuple[tuple[str, str, str, str, str], ...] = (
    ("permit", "health_office", "Pelatihan kebersihan pangan bagi 20 usaha",
     "Izin pangan didahulukan di desa yang pembelinya meminta sertifikat", "policy"),
    ("packaging", "trade_office", "Contoh kemasan baru dicoba 10 usaha",
     "Kemasan diperbaiki sebelum promosi diperluas", "11-did-it-work.c07.1.png"),
    ("equipment", "farm_office", "Alat pengering bersama dipasang",
     "Satu alat pengering dipakai beberapa desa yang berdekatan", "09-who-should-share-a-plant"),
    ("market", "tourism_office", "Daftar pemasok diserahkan kepada lima hotel",
     "Desa yang sanggup mengirim tiap pekan ditawarkan lebih dahulu", "products"),
    ("product", "dpmd", "Produk unggulan disahkan lewat musyawarah desa",
     "Setiap desa memilih satu produk unggulan", "08-what-should-each-village-make"),
    ("data", "balitbangda", "Kuesioner potensi desa dilengkapi",
     "Desa tanpa data didatangi kembali sebelum anggaran disusun", "findings"),
    ("capital", "bank", "Pengajuan modal kelompok usaha diperiksa",
     "Modal ditambah bila pembukuan kelompok sudah rapi", ""),
    ("training", "bumdes", "Pelatihan pembukuan BUMDes", "Pembukuan dirapikan sebelum modal ditambah",
     "catatan rapat"),
    ("road", "kecamatan", "Akses menuju tempat pengolahan diperiksa", "", ""),
)  # fmt: skip


def made_log(*, seed: int = SEED, n: int = N_ACTIONS) -> pd.DataFrame:
    """Draw a coordination log with all its versions; every entry is **made**, the villages are real.

    Some entries are wrong on purpose, as real logs are: an unknown village or office, closed before it
    was opened; some have no due date; one may not be shown.

    Parameters
    ----------
    seed
        Of every draw.
    n
        How many actions.

    Returns
    -------
    pandas.DataFrame
        One row each time an action was written down, as `pk_research.policy.programme.read_actions`
        takes them; a missing date is None.

    Examples
    --------
    >>> log = made_log()
    >>> int(log["action"].nunique()), log["state"].unique().tolist()
    (46, ['planned', 'running', 'done', 'stopped'])
    """
    draw = random.Random(f"programme {seed}")  # noqa: S311 - for made entries, not for secrets
    villages = list(load_register())
    chosen = [draw.choice(villages) for _ in range(max(1, n // 3))]
    rows: list[dict[str, Any]] = []
    for number in range(1, n + 1):
        kind, office, text, decision, evidence = WORK[draw.randrange(len(WORK))]
        village = draw.choice(chosen)
        start = AS_OF - timedelta(days=draw.randint(20, 260))
        due = start + timedelta(days=draw.choice((45, 60, 90, 120, 180, 240)))
        first: dict[str, Any] = {
            "action": f"A-{number:03}", "recorded_on": start - timedelta(days=draw.randint(0, 9)),
            "recorded_by": "enumerator", "office": office, "scope": "village",
            "kecamatan_code": village.kecamatan_code, "village_code": village.code, "kind": kind,
            "start_date": start, "due_date": None if draw.random() < 0.12 else due, "state": "planned",
            "closed_date": None, "action_text": text, "decision": decision, "evidence": evidence,
            "withheld_for": "",
        }  # fmt: skip
        if draw.random() < 0.12:
            first |= {"scope": "kecamatan", "village_code": ""}
        rows.append(first)
        rows += _later(first, draw)
    wrong: tuple[dict[str, Any], ...] = (
        {"village_code": "3216999999", "scope": "village"},
        {"office": "dinas_lama"},
        {"state": "done", "closed_date": date(2025, 1, 15)},
        {"withheld_for": "consent"},
    )
    for number, change in enumerate(wrong[: max(0, n - 10)], 4):
        for row in rows:
            if row["action"] == f"A-{number:03}":
                row.update(change)
    return pd.DataFrame(rows)


def _later(first: dict[str, Any], draw: random.Random) -> list[dict[str, Any]]:
    """Return how an action was written down again: begun, its date moved, closed."""
    rows, row = [], first
    at = first["start_date"] + timedelta(days=draw.randint(3, 15))
    if draw.random() < 0.8 and at < AS_OF:
        row = row | {"recorded_on": at, "recorded_by": "supervisor", "state": "running"}
        rows.append(row)
        at += timedelta(days=draw.randint(15, 70))
        if row["due_date"] is not None and draw.random() < 0.3 and at < AS_OF:
            row = row | {"recorded_on": at, "due_date": row["due_date"] + timedelta(days=45)}
            rows.append(row)
            at += timedelta(days=draw.randint(10, 40))
        if draw.random() < 0.5 and at < AS_OF:
            state = "done" if draw.random() < 0.85 else "stopped"
            rows.append(row | {"recorded_on": at, "state": state, "closed_date": at})
    return rows

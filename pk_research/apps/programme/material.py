"""What the board is about: the log, what its codes mean, and which evidence is known here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.codebook import Codebook, read_codebook
from pk_research.disclosure import reviewed
from pk_research.language import Bilingual, Language
from pk_research.policy.programme import Actions, read_actions
from pk_research.register import load_register
from pk_research.register.village import KECAMATAN_LENGTH
from pk_research.sample import made_log
from pk_research.sample.programme import AS_OF
from pk_research.settings import project_folder

if TYPE_CHECKING:
    from pathlib import Path

    from pk_research.apps.programme.evidence import Evidence
    from pk_research.store import Store

BOOK = "coordination_log.action.codebook.csv"


@dataclass(frozen=True, eq=False)
class Material:
    """The board, read.

    Attributes
    ----------
    actions
        The log; texts that may not be shown are empty, and so is evidence in words that may not.
    as_of
        The day on which it is looked at.
    made
        True for made data.
    n_texts_withheld
        Texts that nobody approved, or that look personal.
    evidence
        What was written as evidence -> what it is, where it is known here.
    """

    actions: Actions
    as_of: date
    made: bool
    n_texts_withheld: int
    evidence: Mapping[str, Evidence]
    book: Codebook
    villages: Mapping[str, str]
    kecamatan: Mapping[str, str]

    def name(self, column: str, code: str, language: Language) -> str:
        """Return what a code of the form means; the code itself where it means nothing."""
        labels: dict[str, Bilingual] = {label.value: label for label in self.book[column].categories}
        return labels[code].text(language) if code in labels else code

    def place(self, row: Mapping[str, object]) -> str:
        """Return the name of the village or kecamatan of an action; empty for the whole regency."""
        village, kecamatan = str(row["village_code"]), str(row["kecamatan_code"])
        if village:
            name, around = (
                self.villages.get(village, village),
                self.kecamatan.get(village[:KECAMATAN_LENGTH], ""),
            )
            return f"{name} ({around})" if around else name  # several villages have the same name
        return f"Kecamatan {self.kecamatan.get(kecamatan, kecamatan)}" if kecamatan else ""


def material_of(store: Store, *, today: date, runs: Sequence[Path] = ()) -> Material:
    """Gather what the board shows: the log of the store; where it is empty, a made one.

    Parameters
    ----------
    store
        The open store.
    today
        The day on which a real log is looked at; a made one is looked at on its own.
    runs
        Whose exhibits may be named as evidence, as `pk_research.publish.runs_in` returns them.
    """
    from pk_research.apps.programme.log import log_of

    log = log_of(store)
    made = log.empty
    if made:
        log = made_log().assign(approved=True)
    return material_from(log, as_of=AS_OF if made else today, made=made, runs=runs)


def material_from(log: pd.DataFrame, *, as_of: date, made: bool, runs: Sequence[Path] = ()) -> Material:
    """Read a log for the board; ``approved`` says whose texts a person has read and allows."""
    from pk_research.apps.programme.evidence import evidence_in

    project = project_folder()
    book = read_codebook(project / "data" / "questionnaires" / BOOK)
    offices = [label.value for label in book["action_organisation"].categories]
    register = load_register()
    actions = read_actions(log, offices=offices, register=register)
    known = evidence_in(log["evidence"], project, runs)
    allowed = log[log["approved"].astype(bool)]
    n_withheld = 0
    tables = {"frame": actions.frame, "versions": actions.versions}
    for column in ("action_text", "decision", "evidence"):
        approved = {*allowed[column], *(known if column == "evidence" else ())}
        for name, table in tables.items():
            kept, n = reviewed(table[column].where(table[column] != ""), approved)
            tables[name] = table.assign(**{column: kept.fillna("").astype(str)})
            n_withheld += n if name == "frame" else 0
    return Material(
        replace(actions, **tables), as_of, made, n_withheld, known, book,
        {village.code: village.name for village in register}, register.kecamatan(),
    )  # fmt: skip

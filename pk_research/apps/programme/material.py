"""What the board is about: the log, what its codes mean, and which evidence is known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.codebook import Codebook, read_codebook
from pk_research.disclosure import found_in, reviewed
from pk_research.errors import NotFound
from pk_research.language import Bilingual, Language
from pk_research.policy.programme import Actions, read_actions
from pk_research.register import load_register
from pk_research.sample import made_log
from pk_research.sample.programme import AS_OF
from pk_research.settings import project_folder

if TYPE_CHECKING:
    from pk_research.store import Store

BOOK = "coordination_log.action.codebook.csv"
APPS = ("findings", "policy", "products")
APP, NOTEBOOK, EXHIBIT, WORDS, NONE = "app", "notebook", "exhibit", "words", "none"


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
        Evidence that is known here -> its kind (`APP`, `NOTEBOOK`, `EXHIBIT`) and its title.
    """

    actions: Actions
    as_of: date
    made: bool
    n_texts_withheld: int
    evidence: Mapping[str, tuple[str, str]]
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
            name, around = self.villages.get(village, village), self.kecamatan.get(village[:6], "")
            return f"{name} ({around})" if around else name  # several villages have the same name
        return f"Kecamatan {self.kecamatan.get(kecamatan, kecamatan)}" if kecamatan else ""

    def kind_of_evidence(self, evidence: str) -> str:
        """Return what kind of evidence was named."""
        return self.evidence[evidence][0] if evidence in self.evidence else WORDS if evidence else NONE


def material_of(store: Store, *, today: date) -> Material:
    """Gather what the board shows: the log of the store; where it is empty, a made one.

    Parameters
    ----------
    store
        The open store.
    today
        The day on which a real log is looked at; a made one is looked at on its own.
    """
    from pk_research.apps.programme.log import log_of

    log = log_of(store)
    made = log.empty
    if made:
        log = made_log().assign(approved=True)
    return material_from(log, as_of=AS_OF if made else today, made=made)


def material_from(log: pd.DataFrame, *, as_of: date, made: bool) -> Material:
    """Read a log for the board; ``approved`` says whose texts a person has read and allows."""
    book = read_codebook(project_folder() / "data" / "questionnaires" / BOOK)
    offices = [label.value for label in book["action_organisation"].categories]
    register, known = load_register(), known_evidence()
    actions = read_actions(log, offices=offices, register=register)
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


def known_evidence() -> Mapping[str, tuple[str, str]]:
    """List the evidence that can be named: apps, notebooks, and the exhibits of the last reproduction."""
    from pk_research.publish.exhibits import read_exhibits

    project = project_folder()
    known = {name: (APP, name) for name in APPS}
    known |= {path.stem: (NOTEBOOK, path.stem) for path in sorted((project / "notebooks").glob("*.ipynb"))}
    try:
        exhibits = read_exhibits(project / "workspace" / "reproduction" / "exhibits")
    except NotFound:
        return known
    return known | {
        file: (EXHIBIT, one.title or file) for file, one in exhibits.items() if not found_in(file)
    }

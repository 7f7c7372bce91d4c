"""Villages named as the register names their codes; codes that it does not know stay, with a note."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pk_research.codebook import Codebook
from pk_research.indicators.composite.inputs import PLACE_NAMES, Inputs
from pk_research.language import Message
from pk_research.register import Register, Resolution, resolve_all
from pk_research.register.village import REGENCY_LENGTH
from pk_research.sources import vocabulary
from pk_research.sources.dataset import Step

CODE, VILLAGE, KECAMATAN = (
    variable.name for variable in (vocabulary.VILLAGE_CODE, vocabulary.VILLAGE, vocabulary.KECAMATAN)
)
NOTE = "code_note"
NAMES = {VILLAGE: "name", KECAMATAN: "kecamatan", vocabulary.REGENCY.name: "regency"}
OLD_CODE = Message("This code is no longer in use; the names are those of its village today.")


def named(inputs: Inputs, register: Register) -> Inputs:
    """Name the villages by their codes, and note the codes that name none.

    A code of the register brings its names. The names of the data stay where the register does
    not know the code, or knows it under another name. Codes of regencies that the register does
    not hold are not looked up. No row is dropped, and no code is changed.

    Parameters
    ----------
    inputs
        From `read_inputs`; those not keyed by ``village_code`` come back as they are.
    register
        The villages.

    Returns
    -------
    Inputs
        Whose ``units`` and ``left_out`` also have ``code_note``: a `Message` where the code is in
        doubt or no longer in use, else None.
    """
    if inputs.units.columns[0] != CODE:
        return inputs
    n_units = len(inputs.units)
    rows = pd.concat([inputs.units, inputs.left_out], ignore_index=True)
    answers = _answers(rows, register)
    rows = rows.assign(**_names(rows, answers), **{NOTE: _notes(rows, answers)})
    variables = (getattr(vocabulary, name.upper()) for name in NAMES if name in rows)
    known = {variable.name: variable for variable in (*inputs.codebook, *variables)}
    order = [*inputs.units.columns[:1], *(name for name in PLACE_NAMES if name in rows)]
    order += [name for name in inputs.units if name not in order]
    return replace(
        inputs,
        units=rows.iloc[:n_units][[*order, NOTE]],
        left_out=rows.iloc[n_units:][[*order, "reason", NOTE]].reset_index(drop=True),
        codebook=Codebook(tuple(known[name] for name in order)),
        steps=(*inputs.steps, *_steps(answers, len(rows))),
    )


def _answers(rows: pd.DataFrame, register: Register) -> dict[int, Resolution]:
    """Return what the register says, by row; nothing for a regency it does not hold."""
    codes = rows[CODE].astype("string")
    looked_up = rows[codes.str[:REGENCY_LENGTH].map(register.has_regency, na_action="ignore").eq(other=True)]
    written = {
        name: looked_up[name].astype(object).where(looked_up[name].notna(), None).tolist()
        for name in (VILLAGE, KECAMATAN)
        if name in rows
    }
    found = resolve_all(
        looked_up[CODE].astype(str).tolist(),
        register,
        names=written.get(VILLAGE),
        kecamatan=written.get(KECAMATAN),
    )
    return dict(zip(looked_up.index.tolist(), found, strict=True))


def _names(rows: pd.DataFrame, answers: dict[int, Resolution]) -> dict[str, pd.Series]:
    villages = {row: answer.village for row, answer in answers.items() if answer.village}
    columns = {}
    for name, attribute in NAMES.items():
        official = {row: getattr(village, attribute) for row, village in villages.items()}
        written = rows[name] if name in rows else pd.Series(pd.NA, index=rows.index)
        if official:
            columns[name] = (
                pd.Series(official, dtype="string").reindex(rows.index).fillna(written.astype("string"))
            )
    return columns


def _notes(rows: pd.DataFrame, answers: dict[int, Resolution]) -> pd.Series:
    notes = {row: OLD_CODE if answer.how == "old code" else answer.doubt for row, answer in answers.items()}
    return pd.Series([notes.get(row) for row in rows.index], index=rows.index, dtype=object)


def _steps(answers: dict[int, Resolution], n_rows: int) -> tuple[Step, ...]:
    doubtful = sum(answer.doubt is not None for answer in answers.values())
    old = sum(answer.how == "old code" for answer in answers.values())
    counted = (
        (
            Message("Codes are in doubt by the register: their rows stay, with a note"),
            doubtful,
        ),
        (Message("Codes are no longer in use: their villages are named as today, with a note"), old),
        (Message("Codes lie outside the register and were not looked up"), n_rows - len(answers)),
    )
    return tuple(Step(what, n) for what, n in counted if n)

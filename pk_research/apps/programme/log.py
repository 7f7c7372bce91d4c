"""The coordination log out of the store: every version of every submission, without personal answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.store.actors import HOUSE, Role

if TYPE_CHECKING:
    from pk_research.store import Store

FORM, ACTIONS = "coordination_log", "/data/actions/action"
# Whoever filled an earlier version agreed to less than a board that everybody may open.
OPEN_SINCE = "2026112601"
NAMES = {
    "action_organisation": "office", "action_scope": "scope", "kecamatan_code": "kecamatan_code",
    "village_code": "village_code", "action_kind": "kind", "start_date": "start_date",
    "due_date": "due_date", "action_status": "state", "closed_date": "closed_date",
    "action_text": "action_text", "decision_text": "decision", "evidence_ref": "evidence",
}  # fmt: skip
CONSENT, REJECTED = "consent", "rejected"
MARK = "#"


def log_of(store: Store) -> pd.DataFrame:
    """Return the log as `programme.read_actions` takes it, with ``approved``: whether a supervisor did.

    Returns
    -------
    pandas.DataFrame
        One row an action and version of its submission; no row where nothing was sent. Names of
        persons are not in it; ``recorded_by`` is a role.
    """
    from pk_research.survey.exchange import from_filled

    columns = ["action", *NAMES.values(), "recorded_on", "recorded_by", "withheld_for", "approved"]
    versions = [store.forms.open(version) for version in store.forms.versions(FORM)]
    if not versions:
        return pd.DataFrame(columns=columns)
    by = HOUSE[Role.RESEARCHER]
    roles = {one.identifier: one.role.value for one in store.access.accounts(by=HOUSE[Role.ADMIN])}
    roles |= {actor.identifier: role.value for role, actor in HOUSE.items()}
    fillings, told = [], {}
    for filled in store.submissions.list(FORM, by=by):
        for entry in store.submissions.history(filled.instance_id, by=by):
            key = f"{filled.instance_id}{MARK}{entry.number}"
            one = store.submissions.read(filled.instance_id, by=by, number=entry.number)
            fillings.append(replace(one, instance_id=key))
            told[key] = (
                entry.at,
                roles.get(entry.by, Role.RESPONDENT.value),
                _withheld_for(entry.form_version, filled.review_state),
                filled.review_state == "approved",
            )
    if not fillings:
        return pd.DataFrame(columns=columns)
    rows = []
    for row in from_filled(versions, fillings, personal="leave out").rows.get(ACTIONS, ()):
        key = row.filled.instance_id
        at, role, withheld, approved = told[key]
        given = {name.rpartition("/")[2]: answer for name, answer in row.answers.items()}
        rows.append(
            {"action": f"{key.partition(MARK)[0]}/{row.steps[-1][1]}"}
            | {name: given.get(asked, "") for asked, name in NAMES.items()}
            | {"recorded_on": at.replace(tzinfo=None), "recorded_by": role,
               "withheld_for": withheld, "approved": approved}
        )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _withheld_for(form_version: str, review_state: str) -> str:
    if form_version < OPEN_SINCE:
        return CONSENT
    return REJECTED if review_state == "rejected" else ""

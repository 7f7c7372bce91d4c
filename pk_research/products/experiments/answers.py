"""From fillings of an experiment's form back to a long table of choices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.products.experiments.data import ChoiceData, choice_data
from pk_research.products.experiments.design import ChoiceDesign
from pk_research.products.experiments.questionnaire import design_mark, set_name
from pk_research.products.words import told
from pk_research.survey.filled import Filled
from pk_research.survey.markup import read_xml
from pk_research.survey.tree import Element


@dataclass(frozen=True, eq=False)
class Choices:
    """What people chose, and what they left open.

    Attributes
    ----------
    frame
        One row an alternative of a set that was answered: ``respondent``, ``block``, ``set``,
        ``alternative``, ``chosen`` (1 or 0), the attributes, then one column a coefficient.
    unanswered
        One row a set shown and not answered: ``respondent``, ``block``, ``set``.
    declined
        Respondents who did not agree to take part.
    design
        What they chose from.
    n_submissions
        Submissions read.
    made
        Whether they are made, not observed.
    sha256
        Hash of the answers.
    """

    frame: pd.DataFrame
    unanswered: pd.DataFrame
    declined: tuple[str, ...]
    design: ChoiceDesign
    n_submissions: int
    made: bool
    sha256: str

    @property
    def n_choices(self) -> int:
        """Sets that were answered."""
        return int(self.frame["chosen"].sum())

    @property
    def n_respondents(self) -> int:
        """People who answered at least one set."""
        return int(self.frame["respondent"].nunique())

    def data(self) -> ChoiceData:
        """Return the choices as the estimators take them."""
        design = self.design
        units = {one.name: one.unit for one in design.attributes if one.coding == "linear"}
        return choice_data(self.frame, design.names, labels=design.labels, units=units, made=self.made)

    def table(self, language: Language) -> pd.DataFrame:
        """Return how often each level was shown and chosen, with headings in a language."""
        rows = []
        sets = self.design.sets.merge(
            self.frame.loc[self.frame["alternative"] != "none", ["set", "alternative", "chosen"]],
            on=["set", "alternative"],
        )
        for attribute in self.design.attributes:
            for level in attribute.levels:
                of_level = sets.loc[sets[attribute.name] == level.value, "chosen"]
                rows.append(
                    {
                        Message("Attribute").text(language): attribute.text(language),
                        Message("Attribute level").text(language): level.text(language),
                        Message("Times shown").text(language): len(of_level),
                        Message("Times chosen").text(language): int(of_level.sum()),
                    }
                )
        return pd.DataFrame(rows)

    def in_words(self, language: Language) -> str:
        """Say how many people answered how many sets, and what was left open."""
        n_none = int(self.frame.loc[self.frame["alternative"] == "none", "chosen"].sum())
        sentences = [
            Message(
                "{people} respondents answered {n} sets.",
                {"people": self.n_respondents, "n": self.n_choices},
            ),
        ]
        if self.design.has_none:
            sentences.append(Message("“None of these” was chosen {n} times.", {"n": n_none}))
        if len(self.unanswered):
            people = int(self.unanswered["respondent"].nunique())
            sentences.append(
                Message(
                    "{n} sets shown to {people} respondents were not answered and are left out.",
                    {"n": len(self.unanswered), "people": people},
                )
            )
        if self.declined:
            sentences.append(Message("{n} people declined to take part.", {"n": len(self.declined)}))
        return told(sentences, language, made=self.made)


def answers_of(fillings: Iterable[Filled | str]) -> pd.DataFrame:
    """Read fillings of an experiment's form into a table.

    Parameters
    ----------
    fillings
        What was sent: as the store keeps it, or the XML alone.

    Returns
    -------
    DataFrame
        One row a filling: ``respondent`` (identifier of the submission) and one column a question,
        as text; missing where it was not answered.

    Examples
    --------
    >>> xml = ('<data><consent>yes</consent><block>1</block><page_01><set_01>a</set_01></page_01>'
    ...        '<meta><instanceID>uuid:1</instanceID></meta></data>')
    >>> answers_of([xml]).to_dict("list")
    {'respondent': ['uuid:1'], 'consent': ['yes'], 'block': ['1'], 'set_01': ['a']}
    """
    rows = []
    for filling in fillings:
        xml = filling.xml if isinstance(filling, Filled) else filling
        found = dict(_leaves(read_xml(xml, where="filling").element))
        instance = found.pop("instanceID", "")
        # an edited filling keeps the identifier of its first version
        who = filling.instance_id if isinstance(filling, Filled) else instance
        rows.append({"respondent": who, **found})
    table = pd.DataFrame(rows, dtype="str")
    return table.mask(table == "")


def _leaves(element: Element) -> Iterable[tuple[str, str]]:
    for child in element.elements():
        if child.elements():
            yield from _leaves(child)
        else:
            yield child.local, child.text


def choices_of(
    answers: pd.DataFrame, design: ChoiceDesign, *, respondent: str = "respondent", made: bool = False
) -> Choices:
    """Turn form answers into a long table of choices.

    Parameters
    ----------
    answers
        One row a submission: the column ``respondent``, then ``consent``, ``block`` and ``set_01``
        and so on, as `answers_of` or `survey.exchange.datasets` gives them. Without ``consent``
        everybody agreed.
    design
        The design the form was made of.
    respondent
        Column that tells people apart.
    made
        Whether the answers are made, not observed.

    Returns
    -------
    Choices
        Sets not answered and people who declined are listed, not dropped in silence.

    Raises
    ------
    BadInput
        When columns are missing, people appear twice, or answers do not belong to this design.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> answers = pd.DataFrame({"respondent": ["r1"], "block": [1], "set_01": ["a"], "set_02": [None]})
    >>> found = choices_of(answers, design)
    >>> found.n_choices, found.unanswered["set"].tolist()
    (1, [2])
    """
    names = {number: set_name(number) for number in range(1, design.n_sets + 1)}
    absent = [name for name in (respondent, "block") if name not in answers]
    # a page nobody was shown leaves no column
    absent += [] if any(name in answers for name in names.values()) else ["set_01"]
    if absent:
        remedy = "Give the answers to the form made of this design."
        raise BadInput(Problem(name, "there is no such column", remedy) for name in absent)
    answers = answers.reindex(columns=list(dict.fromkeys([*answers.columns, *names.values()])))
    agreed = answers["consent"].eq("yes") if "consent" in answers else pd.Series(True, answers.index)
    taken = answers[agreed]
    long = _long(taken, respondent, names)
    problems = _check_answers(taken, long, design, respondent)
    if problems:
        raise BadInput(problems)
    block_of = design.sets.drop_duplicates("set").set_index("set")["block"]
    shown = long[long["block"] == long["set"].map(block_of)]
    given = shown.dropna(subset="answer")
    frame = given.merge(design.alternatives().drop(columns="block"), on="set", how="left")
    frame["chosen"] = (frame["alternative"] == frame.pop("answer")).astype(int)
    first = ["respondent", "block", "set", "alternative", "chosen"]
    text = answers.to_csv(index=False, lineterminator="\n")
    return Choices(
        frame=frame[first + [name for name in frame.columns if name not in first]].reset_index(drop=True),
        unanswered=shown.loc[shown["answer"].isna(), ["respondent", "block", "set"]].reset_index(drop=True),
        declined=tuple(answers.loc[~agreed, respondent].astype(str)),
        design=design,
        n_submissions=len(answers),
        made=made,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _long(taken: pd.DataFrame, respondent: str, names: Mapping[int, str]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "respondent": taken[respondent],
                "block": pd.to_numeric(taken["block"], errors="coerce"),
                "set": number,
                "answer": taken[name].astype(object).where(taken[name].notna() & (taken[name] != "")),
            }
        )
        for number, name in names.items()
    ]
    return pd.concat(parts).sort_values(["respondent", "set"], kind="stable").reset_index(drop=True)


def _check_answers(
    taken: pd.DataFrame, long: pd.DataFrame, design: ChoiceDesign, respondent: str
) -> list[Problem]:
    problems = []
    repeated = taken[respondent][taken[respondent].duplicated() | taken[respondent].isna()]
    if len(repeated):
        what = f"{len(repeated)} rows repeat a respondent or name none, for example {repeated.iloc[0]}"
        problems.append(Problem(respondent, what, "Give one row a respondent."))
    blocks = set(range(1, design.n_blocks + 1))
    strange = taken[~pd.to_numeric(taken["block"], errors="coerce").isin(blocks)]
    if len(strange):
        what = f"{len(strange)} rows have no block of this design, for example {strange['block'].iloc[0]}"
        problems.append(Problem("block", what, f"Blocks are 1 to {design.n_blocks}."))
    if "design_mark" in taken:
        others = taken["design_mark"].dropna().ne(design_mark(design))
        if others.any():
            what = f"{int(others.sum())} rows answer another design"
            problems.append(Problem("design_mark", what, "Give the design whose form was filled."))
    known = {*design.sets["alternative"], *(["none"] if design.has_none else [])}
    wrong = long[long["answer"].notna() & ~long["answer"].isin(known)]
    if len(wrong):
        what = f"{len(wrong)} answers are no alternative, for example {wrong['answer'].iloc[0]!r}"
        problems.append(Problem("sets", what, f"Alternatives are {', '.join(sorted(known))}."))
    block_of = design.sets.drop_duplicates("set").set_index("set")["block"]
    astray = long[long["answer"].notna() & (long["block"] != long["set"].map(block_of))]
    if len(astray):
        what = f"{len(astray)} answers are to sets of another block than the respondent's"
        problems.append(Problem("sets", what, "Check the column block, or the design."))
    return problems

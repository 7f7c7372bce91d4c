"""How the answers of the survey hang together, for `quality` to check."""

from __future__ import annotations

from pk_research.language import Message
from pk_research.quality import Rule, Verdict


def no_more_than(part: str, whole: str, message: Message) -> Rule:
    """Make the rule that a part is no larger than the whole it belongs to.

    Parameters
    ----------
    part, whole
        Columns of counts; a row where either is missing breaks nothing.
    message
        What a broken rule means; may use ``{n}``.

    Examples
    --------
    >>> import pandas as pd
    >>> rule = no_more_than("poor", "all", Message("{n} villages have more poor than households"))
    >>> rule.judge(pd.DataFrame({"poor": [1, 9], "all": [5, 5]})).is_broken.tolist()
    [False, True]
    """
    return Rule(
        name=f"{part}-within-{whole}",
        message=message,
        columns=(part, whole),
        judge=lambda frame: Verdict(frame[part] > frame[whole]),
    )


RULES = (
    no_more_than(
        "poor_households", "households", Message("Villages with more poor households than households: {n}")
    ),
)

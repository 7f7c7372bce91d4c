"""What each app is called and what it is for: said once, for the list of apps, their pages and references."""

from __future__ import annotations

from dataclasses import dataclass

from pk_research.language import Message


@dataclass(frozen=True, slots=True)
class About:
    """What the list of apps says of one.

    Attributes
    ----------
    title
        What people call it.
    purpose
        What it is for, and for whom.
    """

    title: Message
    purpose: Message


ABOUT = {
    "findings": About(
        Message("Which villages are alike?"),
        Message("Types of villages, compared and ranked. For everybody; nobody has to sign in."),
    ),
    "policy": About(
        Message("Which help for villages works, for whom, and what does it cost?"),
        Message("Try help out, spend a budget, and read what was found so far. For everybody."),
    ),
    "products": About(
        Message("What could each village make, with whom, and for whom?"),
        Message("Products, plans, shared plants, buyers and a market to try out. For everybody."),
    ),
    "programme": About(
        Message("Which office does what, for which village, by when?"),
        Message("Agreed actions, what is late, and what was decided on which evidence. For everybody."),
    ),
    "supervise": About(
        Message("Watch over the survey"),
        Message(
            "What has come in, what needs a decision, and files to take away. "
            "For supervisors and researchers, with an account."
        ),
    ),
    "survey": About(
        Message("Fill in a survey"),
        Message(
            "Forms to answer, on a telephone too. For respondents with a link or code, "
            "and for enumerators with an account."
        ),
    ),
}
"""By name of the app."""

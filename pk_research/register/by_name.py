"""From a name and its bounds to a village, or to the villages it may be."""

from __future__ import annotations

from pk_research.language import Message
from pk_research.register.bounds import Bounds
from pk_research.register.gazetteer import Gazetteer
from pk_research.register.matching import SAME, Match, exact_match
from pk_research.register.resolution import Candidate, Resolution, certain, doubtful, place

SAME_LETTERS = Message("bears this name")
SAME_SPELLED = Message("bears this name in another spelling")


def resolve_name(name: str, match: Match | None, bounds: Bounds, gazetteer: Gazetteer) -> Resolution:
    """Decide what a name means.

    Parameters
    ----------
    name
        As written; empty when there is none.
    match
        What the villages within the bounds say to it; None without a name.
    bounds
        Where the village must lie.
    gazetteer
        The names of the register.
    """
    if match is None:
        return doubtful(Message("There is neither a code nor a name."))
    candidates = candidates_of(match)
    if bounds.doubt:
        return doubtful(bounds.doubt, candidates)
    elsewhere = _next_door(name, match, bounds, gazetteer)
    if elsewhere:
        doubt = Message(
            "No village there is called {name}, but {place} is.",
            {"name": name, "place": place(elsewhere[0].village)},
        )
        return doubtful(doubt, elsewhere + candidates)
    if match.is_sure:
        return certain(candidates[0], match.how)
    return doubtful(_why(name, match), candidates)


def candidates_of(match: Match) -> tuple[Candidate, ...]:
    """Return the villages of a match with the reason for each.

    Parameters
    ----------
    match
        What the names said.
    """
    return tuple(Candidate(village, round(score, 1), _reason(score, match)) for village, score in match.hits)


def _reason(score: float, match: Match) -> Message:
    if score == SAME:
        return SAME_LETTERS if match.how == "name" else SAME_SPELLED
    return Message("its name is alike: {score} of 100", {"score": round(score)})


def _next_door(name: str, match: Match, bounds: Bounds, gazetteer: Gazetteer) -> tuple[Candidate, ...]:
    """Return the villages of exactly this name in other kecamatan, when there is none in the one given."""
    if bounds.around is None or (match.hits and match.hits[0][1] == SAME):
        return ()
    found = exact_match(name, gazetteer.scope(bounds.around))
    return candidates_of(found) if found else ()


def _why(name: str, match: Match) -> Message:
    bearers = sum(score == SAME for _, score in match.hits)
    if bearers > 1:
        return Message(
            "{n} villages are called {name}: more must be known to choose.", {"n": bearers, "name": name}
        )
    if not match.hits:
        return Message("No village is called {name}, or anything like it.", {"name": name})
    return Message("No village is called {name}: those most alike are listed.", {"name": name})

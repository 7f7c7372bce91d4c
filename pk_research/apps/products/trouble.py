"""Why something cannot be shown, in a sentence for whoever looks."""

from __future__ import annotations

from pk_research.language import Message

NO_CANDIDATES = Message("No village has named a product yet")
UNREADABLE = Message("The submissions on products cannot be read; the administrator has to look at the log")
ALL_OF_FEW = Message(
    "What villages told of this rests on fewer enterprises than may be shown: no figure of it is told here"
)
NO_BUYERS = Message("No hotel or restaurant has said yet what it needs")
NO_PLAN_YET = Message("No plan was found in the time there is; loosen the limits and try again")
LIMITS_CLASH = Message(
    "At most so many villages for one product is less than at least so many: move one of the two limits"
)
NOBODY_SERVED = Message("Within these limits no village gets a product: loosen one of them")
NO_MAKERS = Message("No village that makes this product has said how much it can make a month")
NO_EXPERIMENT = Message(
    "The choice experiment that was kept cannot be used; the administrator has to look at the log"
)
NO_PLACES = Message(
    "Where the villages lie is not known here, so there is no map and no distance: "
    "the administrator has to set the boundaries of the villages"
)

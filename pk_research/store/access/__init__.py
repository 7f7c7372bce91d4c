"""Who may come in: accounts with passwords, invitation links, sessions.

A person signs in with name and password, or enters by an invitation link; both are given a session
token, and `Access.who` tells for each request who holds it. Nothing in a token or a link says anything
about a person: it is a random identifier, signed with the secret key of the house (`read_secret`).
"""

from pk_research.store.access.accounts import Account
from pk_research.store.access.door import Access
from pk_research.store.access.invitations import Invitation
from pk_research.store.access.passwords import Passwords
from pk_research.store.access.rates import Rate, RateLimiter
from pk_research.store.access.refusals import NotEntered, TooMany, WeakPassword
from pk_research.store.access.secret import read_secret
from pk_research.store.access.sessions import SessionToken

__all__ = [
    "Access",
    "Account",
    "Invitation",
    "NotEntered",
    "Passwords",
    "Rate",
    "RateLimiter",
    "SessionToken",
    "TooMany",
    "WeakPassword",
    "read_secret",
]

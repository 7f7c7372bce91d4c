"""Policies: designed before, judged after, and what would come of them.

Rooms, each imported by name: `design` (a declared study, its power, who is drawn), `effects` (did it
work, and for whom), `specifications` (would other choices say the same), `inference` (how sure),
`welfare` (poverty, inequality and income with the survey's design), `scenarios` (what would come of it),
`costs` (is it worth it), `budget` (where to spend), `options` (which policy), `targets` (are we on the
way), `programme` (who does what by when, and what is late), `replications` (published figures computed
again).
"""

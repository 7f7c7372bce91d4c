"""What codebooks of the tables that twins are tested on do not say."""

from __future__ import annotations

from pk_research.disclosure.synthetic import Hints

OF_HOUSEHOLDS = Hints(asked={"lender": "has_loan = 'yes'"})
# What the codebook of the sample says in prose, and what follows from other columns.
OF_SAMPLE = Hints(
    calculated={
        "idm": "(iks + ike + ikl) div 3",
        "idm_status": "if(idm = '' or idm = 'NaN', '', if(idm <= 0.4907, 'Sangat Tertinggal', if(idm <="
        " 0.5989, 'Tertinggal', if(idm <= 0.7072, 'Berkembang', if(idm <= 0.8155, 'Maju', 'Mandiri')))))",
    },
    holds=("poor_households <= households",),
    harmless=frozenset({"phone_signal"}),
)

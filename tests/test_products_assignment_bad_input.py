"""What cannot be assigned is refused: everything wrong is said at once, each with what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from assignment_tables import CIKARANG, VALUES, soy, stated, table, tiers

from pk_research.errors import BadInput
from pk_research.products import assignment as ovop


def test_everything_wrong_is_said_at_once():
    values = table(VALUES)
    values.loc[0, "village_code"] = "321601"
    values.loc[len(values)] = ["3216022002", "lilin", np.nan]
    values.loc[len(values)] = ["3216022002", "kecap", np.inf]
    with pytest.raises(BadInput) as caught:
        ovop.assignment_problem(
            values,
            decrees={"3299999999": "kecap", "3216022002": "sabun"},
            most_per_kecamatan=0,
            least_villages={"kecap": 1.5, "roti": 2},
            market=pd.concat([tiers("kecap", (5, 3), (4, 1)), tiers("batik", (None, 0), (3, 0))]),
            needs=pd.DataFrame({"product": ["kecap"], "material": "kedelai", "amount_per_village": [-1.0]}),
            supplies=pd.DataFrame({"material": ["kedelai"], "area_code": "99", "amount": np.nan}),
        )
    text = "\n".join(map(str, caught.value.problems))
    for part in (
        "values, village_code: not a village code: 321601",
        "values, value_idr_year: infinite values: 1",
        "products without a value in any village: lilin",
        "values: given more than once: 3216022002 / kecap",
        "decrees, villages: not in the table of values: 3299999999",
        "decrees, products: not in the table of values: sabun",
        "least_villages: not in the table of values: roti",
        "most_per_kecamatan: not a number of villages: 0",
        "least_villages: not a number of villages: kecap 1.5",
        "market, kecap: up_to does not rise",
        "market, kecap: loss_idr falls",
        "market, batik: only the last tier may be without end",
        "needs, amount_per_village: missing, negative or infinite in rows 1",
        "supplies, amount: missing, negative or infinite in rows 1",
        "supplies, area_code: no village of the table lies in: 99",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": pd.DataFrame(columns=["village_code", "product", "value_idr_year"])}, "it has no rows"),
        ({"values": pd.DataFrame({"village_code": ["3216012001"]})}, "it has no column product"),
        ({"values": table("village kecap\n3216012001 -")}, "no pair has a value"),
        ({"needs": soy(1)["needs"]}, "only one of them was given"),
        ({"market": tiers("kecap", (1, 0)), "market_by_volume": True}, "it has no column volume_units_year"),
        ({"market_by_volume": True}, "there is no market"),
        (soy(10, CIKARANG), r"not known for villages that may need it: 3216022001, 3216022002"),
        ({"values": [1]}, "values: it is a list"),
        ({"values": table(VALUES).assign(value_idr_year="much")}, "value_idr_year: not numbers in rows 1, 2"),
        ({"values": table(VALUES).assign(village_code=3216012001)}, "not a village code: 3216012001"),
        ({"values": table(VALUES).assign(product=None)}, "rows without a product: 12"),
        ({"values": pd.concat([table(VALUES)] * 2)}, "values: given more than once: 3216012001 / kecap"),
        (
            {"values": table(VALUES).assign(volume_units_year=[-1.0, np.inf, np.nan, *[1.0] * 9])},
            "values, volume_units_year: missing, negative or infinite for pairs with a value: 3",
        ),
        ({"market": tiers("kecap", (-3, 0))}, "market, kecap: up_to does not rise"),
        ({"market": tiers("kecap", (3, -1))}, "market, loss_idr: missing, negative or infinite in rows 1"),
        ({"market": tiers("lilin", (3, 1))}, "market, product: not in the table of values: lilin"),
        ({"most_per_kecamatan": "two"}, "most_per_kecamatan: not a number of villages: two"),
        ({"least_villages": np.nan}, "least_villages: not a number of villages: nan"),
        ({"least_villages": {"kecap": -2}}, "least_villages: not a number of villages: kecap -2"),
        (soy(np.inf), "supplies, amount: missing, negative or infinite in rows 1"),
        (
            soy(1) | {"needs": soy(1)["needs"].assign(material=None)},
            "needs: rows without product or material: 1",
        ),
        ({"values": table(VALUES, se=-1.0)}, "missing, negative or infinite for pairs with a value: 11"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(change, message):
    with pytest.raises(BadInput, match=message):
        ovop.assignment_problem(**{"values": table(VALUES)} | change)


def test_options_that_make_no_sense_are_refused():
    plan = ovop.assign(stated())
    with pytest.raises(BadInput, match=r"gap: -1 cannot(.|\n)*no column se_idr_year(.|\n)*5 draws say too"):
        ovop.robustness(plan, n_draws=5, gap=-1)
    with pytest.raises(BadInput, match=r"n_draws: 30\.5 is not a whole number"):
        ovop.robustness(plan, n_draws=30.5)
    with pytest.raises(BadInput, match="most: 0 cannot be used"):
        ovop.alternatives(plan, most=0)
    with pytest.raises(BadInput, match=r"time_limit_s: 0 cannot be used(.|\n)*2 is not a share"):
        ovop.alternatives(plan, within_share=2, time_limit_s=0)
    with pytest.raises(BadInput, match=r"gap: nan cannot be used(.|\n)*time_limit_s: nan cannot be used"):
        ovop.assign(plan.problem, gap=np.nan, time_limit_s=np.nan)
    with pytest.raises(BadInput, match=r"single: not a kind of limits: colour(.|\n)*gap: -1 cannot be used"):
        ovop.limit_costs(plan, single=("colour",), gap=-1)

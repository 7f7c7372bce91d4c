"""What people see of welfare: words, tables, pictures; two surveys compared; the bootstrap."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from test_policy_welfare import ALL, clustered, drawn_villages

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.policy.welfare import (
    RelativeLine,
    Rupiah,
    bootstrap,
    change,
    inequality,
    mean,
    poverty,
    quantile,
    survey_design,
    total,
)

LANGUAGES = ["id", "en"]


@pytest.mark.parametrize(
    ("amount", "indonesian", "english"),
    [
        (475_000, "Rp475.000", "IDR 475,000"),
        (999_999.6, "Rp1 juta", "IDR 1 million"),
        (1_250_000, "Rp1,25 juta", "IDR 1.25 million"),
        (2.5e9, "Rp2,5 miliar", "IDR 2.5 billion"),
        (3e12, "Rp3 triliun", "IDR 3 trillion"),
        (-1_500_000, "−Rp1,5 juta", "−IDR 1.5 million"),
        (float("nan"), "–", "–"),
    ],
)
def test_rupiah_as_people_write_it(amount, indonesian, english):
    assert (Rupiah(amount).text("id"), Rupiah(amount).text("en")) == (indonesian, english)


@pytest.fixture(scope="module")
def households():
    return drawn_villages(12)


def test_income_told_in_both_languages(households):
    found = mean(clustered(households, made=True), "income", by="type", unit="idr")
    indonesian, english = (found.in_words(language) for language in LANGUAGES)
    assert english.startswith("Made data (an example), not observed. Mean of income: IDR ")
    assert indonesian.startswith("Data buatan (contoh)")
    assert "strata" in indonesian
    assert "95% interval" in english
    assert "drawn one by one" in english
    assert found.table("id").shape == (4, 9)
    assert (found.table("en")["Note"] == "Made data (an example), not observed").all()
    assert found.table("id").iloc[0, 0] == "Semua"


def test_columns_are_called_as_in_the_codebook(households):
    labels = {"income": Message("Villages")}
    found = mean(clustered(households, labels=labels), "income")
    assert found.in_words("id").startswith("Rata-rata Desa/kelurahan:")


def test_words_say_what_is_missing_few_and_unknown():
    frame = pd.DataFrame({"w": 1, "psu": range(6), "income": [9, 9, 9, 1, 9, np.nan], "type": list("aaabbb")})
    found = poverty(
        survey_design(frame, weights="w", clusters="psu"), "income", 5, by="type", missing="domain"
    )
    told = found.in_words("en")
    for part in (
        "Poverty line: IDR 5.",
        "1 rows without a value are outside",
        "Only 5 degrees of freedom",
        "How sure this is cannot be known for: a.",
        "their order is not sure",
    ):
        assert part in told
    assert "–" in found.table("en").loc[1, "Standard error"]


@pytest.mark.parametrize("single", ["centred", "certainty"])
def test_words_say_what_single_psus_do(single):
    frame = drawn_villages(2)
    design = clustered(frame[(frame["stratum"] != "s0") | (frame["psu"] == "s0-0")], single=single)
    told = mean(design, "income").in_words("en")
    assert {"centred": "compared with the mean", "certainty": "taken to add no doubt"}[single] in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_english_is_left_in_the_indonesian(households, language):
    design = clustered(households)
    found = [
        poverty(design, "income", RelativeLine(), by="type"),
        inequality(design, "income", index="atkinson"),
        quantile(design, "income", 0.25),
        change(mean(design, "income"), mean(design, "income")),
        bootstrap(inequality(design, "income"), n_draws=100, seed=1),
    ]
    for one in found:
        told = one.in_words(language)
        assert (" the " in told) == (language == "en")
        assert "{" not in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width_px", [360, 900])
def test_pictures_name_every_group_and_say_that_data_is_made(households, language, width_px):
    design = clustered(households, made=True)
    found = poverty(design, "income", 8e5, by="type")
    for one in (found, change(found, found), bootstrap(found, n_draws=100, seed=1)):
        figure = one.plot(language, width_px=width_px)
        labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert labels == [{"id": "Semua", "en": "All"}[language], "coast", "farm", "town"]
        assert figure.get_suptitle().count("\n") >= 2
        figure.canvas.draw()


def waves(seed, *, shared=True):
    """Two surveys of the same villages, or of others of the same strata."""
    rng = np.random.default_rng(seed)
    first = drawn_villages(seed)
    second = first.assign(income=first["income"] * rng.lognormal(0.05, 0.1, len(first)))
    return first, second if shared else second.assign(psu="new " + second["psu"])


def test_change_where_the_same_households_are_asked_is_the_total_of_the_differences():
    first, second = waves(3)
    found = change(total(clustered(first), "income"), total(clustered(second), "income")).frame.loc[ALL]
    paired = total(clustered(first.assign(more=second["income"] - first["income"])), "more")
    assert found[["change", "se"]].tolist() == pytest.approx([paired.value, paired.se])
    assert found["correlation"] > 0.5


def test_change_between_independent_surveys_adds_the_variances():
    first, second = waves(3, shared=False)
    before, after = (mean(clustered(frame), "income", by="type") for frame in (first, second))
    found = change(before, after)
    assert found.n_shared == 0
    expected = np.hypot(before.frame["se"], after.frame["se"])
    assert found.frame["se"].to_numpy() == pytest.approx(expected.to_numpy())
    assert "count as independent" in found.in_words("en")


def test_change_where_half_of_the_villages_stayed_lies_between():
    first, second = waves(4)
    gone = second["psu"].str[-1].isin(list("024"))
    rotated = second.assign(psu=second["psu"].where(~gone, "new " + second["psu"]))
    before = mean(clustered(first), "income")
    ses = [
        change(before, mean(clustered(frame), "income")).frame.loc[ALL, "se"]
        for frame in (second, rotated, waves(4, shared=False)[1])
    ]
    assert ses == sorted(ses)


def test_change_of_a_share_is_told_in_points(households):
    later = households.assign(income=0.7 * households["income"])
    pair = [poverty(clustered(frame), "income", 7e5) for frame in (households, later)]
    found = change(*pair)
    assert "points (95% interval" in found.in_words("en")
    assert "larger than chance" in found.in_words("en")
    assert "poin persen" in found.table("id").loc[0, "Perubahan"]


def test_changes_that_are_refused(households):
    design = clustered(households)
    with pytest.raises(BadInput, match="one is Mean of income, the other Mean of heads"):
        change(mean(design, "income"), mean(design, "heads"))
    swapped = households.assign(stratum=households["stratum"].replace({"s0": "s9"}))
    with pytest.raises(BadInput, match="5 PSUs are in another stratum"):
        change(mean(design, "income"), mean(clustered(swapped), "income"))


def test_groups_of_one_survey_only_are_named(households):
    other = households.assign(type=households["type"].replace({"town": "city"}))
    found = change(*(mean(clustered(frame), "income", by="type") for frame in (households, other)))
    assert found.one_sided == ("city", "town")
    assert "left out: city, town" in found.in_words("en")


BYTES = """
import hashlib, sys
import numpy as np, pandas as pd
from pk_research.policy.welfare import bootstrap, inequality, survey_design
frame = pd.DataFrame({"w": 1.0, "x": np.arange(1, 41), "s": list("abcd") * 10, "t": list("pq") * 20})
found = inequality(survey_design(frame, weights="w", strata="s"), "x", by="t")
drawn = bootstrap(found, n_draws=120, seed=4, n_jobs=int(sys.argv[1]))
print(hashlib.sha256(drawn.draws.to_numpy().tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_bootstrap_is_the_same_for_any_workers_and_hash_seed():
    found = {
        subprocess.check_output(
            [sys.executable, "-c", BYTES, jobs], text=True, env={**os.environ, "PYTHONHASHSEED": hash_seed}
        )
        for jobs, hash_seed in (("1", "0"), ("2", "7"))
    }
    assert len(found) == 1


def test_bootstraps_that_are_refused():
    frame = drawn_villages(2)
    design = clustered(frame[(frame["stratum"] != "s0") | (frame["psu"] == "s0-0")], single="centred")
    with pytest.raises(BadInput, match=r"2 problems:(.|\n)*it is 10(.|\n)*a single PSU"):
        bootstrap(mean(design, "income"), n_draws=10, seed=1)


def test_bootstrap_counts_draws_without_a_group(households):
    one_village = np.where(households["psu"] == "s1-0", "rare", "other")
    found = bootstrap(
        mean(clustered(households.assign(kind=one_village)), "income", by="kind"), seed=2, n_draws=200
    )
    assert found.frame.loc["rare", "known"] < 0.9
    assert found.frame.loc[ALL, "known"] == 1

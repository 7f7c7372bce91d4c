"""A plan declared before the data: read strictly, sealed for good, held against what was run."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pk_research.errors import BadInput, NotReady
from pk_research.policy.design import Done, deviations, plan_template, read_plan, seal, verify_register

FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = FIRST + timedelta(days=30)


@pytest.fixture
def plan():
    return read_plan(plan_template())


@pytest.fixture
def as_planned(plan):
    return Done(
        outcome="jobs",
        estimator=plan.estimator,
        covariates=plan.covariates,
        clusters=plan.clusters,
        alpha=0.05,
        exclusions=("population < 100",),
        data_on=date(2026, 3, 1),
    )


def faults(text):
    with pytest.raises(BadInput) as caught:
        read_plan(text)
    return [str(problem) for problem in caught.value.problems]


def test_the_template_reads(plan):
    assert plan.title.text("id") == "Dampak BUM Desa terhadap pendapatan desa"
    assert plan.treatment.timing == "bumdes_since"
    assert [outcome.minimum_effect for outcome in plan.outcomes] == [1e7, None]
    assert [(family.name, family.method) for family in plan.families] == [("economy", "holm")]


def test_a_file_reads_like_its_text(plan, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(plan_template(), encoding="utf-8")
    assert read_plan(path) == plan == read_plan(str(path))


def test_the_hash_sees_the_content_and_nothing_else(plan):
    lines = plan_template().splitlines()
    without_comments = [line.split("  #")[0] for line in lines if not line.strip().startswith("#")]
    unit = next(line for line in without_comments if line.startswith("unit"))
    reordered = [line for line in without_comments if line != unit] + [unit]
    assert read_plan("\n".join(reordered)).hash == plan.hash
    assert read_plan(plan_template().replace("alpha: 0.05", "alpha: 5.0e-2")).hash == plan.hash
    assert read_plan(plan_template().replace("alpha: 0.05", "alpha: 0.10")).hash != plan.hash
    assert read_plan(plan_template().replace("holm", "romano_wolf", 1)).hash == plan.hash, "a comment"


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("estimator:", "estimater:", "Did you mean 'estimator'?"),
        ("unit: village ", "unit: vilage ", "'vilage' is not known here. Did you mean 'village'?"),
        ("unit: village ", "unit: household\nunit: village ", "line 9, `plan.unit`: it is given twice"),
        ("alpha: 0.05", "alpha: 1", "'1' (int) where a number above 0, at most 0.5 belongs"),
        ("alpha: 0.05", "alpha: .nan", "where a number above 0"),
        ("alpha: 0.05", "alpha: true", "'true' (bool) where a number"),
        ("alpha: 0.05", "alpha: !!int many", "'many' is not of its type"),
        ("clusters: village_code", "clusters: no", "'no' (bool) where a text belongs"),
        (
            "covariates: [population, distance_km]",
            "covariates: population",
            "`covariates`: it is 'population'",
        ),
        ("[population, distance_km]", "[population, population]", "'population' stands there twice"),
        ("[population, distance_km]", "[population, jobs]", "'jobs' is an outcome or the treatment"),
        (
            "  economy: holm ",
            "  economi: holm ",
            "'economy' is used and not declared. Did you mean 'economi'?",
        ),
        ("  en: Effect of village-owned enterprises on village revenue", "", "`title`: 'en' is missing"),
        ("  - name: jobs", "  - name: own_revenue_idr_year", "stands there twice"),
        ("minimum_effect: 10000000 ", "minimum_effect: -1 ", "where a number above 0 belongs"),
        ("alpha: 0.05", "alpha: [0.05", "it is not YAML"),
        ("alpha: 0.05", "alpha: !!python/object:os.x 1", "where a number"),
    ],
)
def test_a_fault_is_told_with_its_line_and_remedy(was, becomes, told):
    assert was in plan_template()
    found = faults(plan_template().replace(was, becomes))
    assert any(told in fault for fault in found), found
    assert all("line" in fault for fault in found)


def test_everything_wrong_is_told_at_once():
    text = plan_template().replace("alpha: 0.05", "alpha: many").replace("unit: village ", "unit: town ")
    assert len(faults(text.replace("estimator:", "method:"))) == 4


@pytest.mark.parametrize("text", ["\n", "- a\n- b\n", "a\nb\n", "---\na: 1\n---\nb: 2\n", "[" * 9999 + "\n"])
def test_what_is_no_plan_at_all_is_refused(text):
    assert faults(text)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path):
    assert "it cannot be read" in faults(tmp_path / "none.yaml")[0]
    (tmp_path / "plan.yaml").write_bytes(b"\xff\xfe\x00")
    assert "it is not UTF-8" in faults(tmp_path / "plan.yaml")[0]
    assert "it cannot be read" in faults("a\0b")[0]
    (tmp_path / "plan.yaml").write_bytes(b"#" * 1_000_001)
    assert "it has 1000001 bytes" in faults(tmp_path / "plan.yaml")[0]


def test_sealed_plans_come_back_as_they_were(plan, tmp_path):
    amended = replace(plan, alpha=0.10)
    seals = (seal(plan, tmp_path, FIRST), seal(amended, tmp_path, LATER))
    assert verify_register(tmp_path, published=[seals[0].line_hash]) == seals
    assert seals[1].previous == seals[0].line_hash
    assert [entry.plan for entry in seals] == [plan, amended]
    assert not (tmp_path / "plans.lock").exists()


def test_what_cannot_be_sealed_is_refused_and_nothing_is_written(plan, tmp_path):
    seal(plan, tmp_path, LATER)
    before = (tmp_path / "plans.jsonl").read_bytes()
    with pytest.raises(BadInput, match="this very plan was sealed"):
        seal(plan, tmp_path, LATER)
    with pytest.raises(BadInput, match="the last plan was sealed later"):
        seal(replace(plan, alpha=0.1), tmp_path, FIRST)
    with pytest.raises(BadInput, match="no time zone"):
        seal(replace(plan, alpha=0.1), tmp_path, datetime(2026, 5, 1))  # noqa: DTZ001 - what is tested
    (tmp_path / "plans.lock").touch()
    with pytest.raises(NotReady, match="somebody is sealing"):
        seal(replace(plan, alpha=0.1), tmp_path, LATER)
    assert (tmp_path / "plans.jsonl").read_bytes() == before


def changed(lines, how):
    """Lines of a register after somebody's hand was at it."""
    if how == "a word":
        return [lines[0].replace("callaway_santanna", "two_way"), *lines[1:]]
    if how == "the time of the last":
        return [*lines[:-1], lines[-1].replace("2026-03", "2025-03")]
    if how == "a line out":
        return [lines[0], *lines[2:]]
    if how == "two lines swapped":
        return [lines[1], lines[0], *lines[2:]]
    if how == "spaces":
        return [json.dumps(json.loads(lines[0])), *lines[1:]]
    return [*lines, "{}"]


@pytest.mark.parametrize(
    "how", ["a word", "the time of the last", "a line out", "two lines swapped", "spaces", "a line put in"]
)
def test_a_changed_register_is_seen(plan, tmp_path, how):
    for n, alpha in enumerate([0.05, 0.10, 0.01]):
        seal(replace(plan, alpha=alpha), tmp_path, FIRST + timedelta(days=30 * n))
    path = tmp_path / "plans.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(changed(lines, how)) + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match="the register was changed"):
        verify_register(tmp_path)
    with pytest.raises(BadInput, match="the register was changed"):
        seal(replace(plan, alpha=0.2), tmp_path, LATER + timedelta(days=90))


def test_a_register_without_its_last_line_is_seen_by_what_was_published(plan, tmp_path):
    seal(plan, tmp_path, FIRST)
    last = seal(replace(plan, alpha=0.10), tmp_path, LATER)
    path = tmp_path / "plans.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert len(verify_register(tmp_path)) == 1, "the chain alone cannot tell"
    with pytest.raises(BadInput, match="the published line"):
        verify_register(tmp_path, published=[last.line_hash])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadInput, match="the line is cut off"):
        verify_register(tmp_path)


def test_what_follows_the_plan_says_so(plan, as_planned, tmp_path):
    sealed = seal(plan, tmp_path, FIRST)
    (message,) = deviations(plan, sealed, as_planned)
    assert message.text("en") == f"Follows the plan sealed on January 5, 2026 (hash {plan.hash[:12]}…)."
    assert message.text("id").startswith("Sesuai dengan rencana yang disegel pada 5 Januari 2026")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"outcome": "income"}, "“income” is not in the plan: what is found of it is exploratory."),
        ({"subgroup": "is_poor"}, "The subgroup “is_poor” is not in the plan"),
        ({"estimator": "two_way"}, "in the estimator: planned callaway_santanna, run two_way."),
        ({"clusters": None}, "in the clusters: planned village_code, run none."),
        ({"alpha": 0.1}, "in the level of the test: planned 0.05, run 0.1."),
        ({"covariates": ("population",)}, "in the covariates: left out distance_km."),
        ({"covariates": ("population", "distance_km", "x")}, "in the covariates: added x."),
        ({"exclusions": ()}, "in the rows left out: left out population < 100."),
        ({"comparison": "matched"}, "in the comparison group: planned not_yet_treated, run matched."),
        ({"method": "none"}, "in the allowance for several tests: planned holm, run none."),
        ({"treatment": "has_market"}, "in the treatment: planned has_bumdes, run has_market."),
        ({"data_on": date(2026, 1, 5)}, "The data were at hand on January 5, 2026"),
    ],
)
def test_each_departure_is_told(plan, as_planned, tmp_path, change, told):
    (message,) = deviations(plan, seal(plan, tmp_path, FIRST), replace(as_planned, **change))
    assert told in message.text("en")
    assert message.text("id") != message.text("en")


def test_a_plan_changed_after_its_seal_is_told_and_the_seal_counts(plan, as_planned, tmp_path):
    sealed = seal(plan, tmp_path, FIRST)
    now = replace(plan, estimator="two_way")
    told = [m.text("en") for m in deviations(now, sealed, replace(as_planned, estimator="two_way"))]
    assert "changed since: estimator" in told[0]
    assert "planned callaway_santanna, run two_way" in told[1]


def test_the_order_of_covariates_is_no_departure(plan, as_planned, tmp_path):
    swapped = replace(as_planned, covariates=("distance_km", "population"))
    assert "Follows" in deviations(plan, seal(plan, tmp_path, FIRST), swapped)[0].text("en")

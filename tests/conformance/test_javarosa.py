"""Forms filled at random on our engine and, answer for answer, on JavaRosa.

JavaRosa is the engine of ODK Collect and ODK Validate; its jar comes with pyxform. Every 20 steps and at
the end of a walk each node is compared: whether it is relevant, required, read-only and within its
constraint, and its value. `WRITTEN` lists what is only written otherwise, `DIFFERENCES` what differs, and
why: where implementations differ, ODK Web Forms' answer is ours. The tests fail for what is not listed,
and for what is listed and found no more.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import harvest_form
import pytest
import pyxform
import store_house
import test_quality_fieldwork
import test_survey_check
import test_survey_screen
import test_survey_session
from pyxform.xls2xform import convert
from test_survey_walks import NOW, REFUSED, REPAIRABLE, made_up_list, names, walk

from pk_research.errors import NotFound, Problem
from pk_research.survey import (
    Form,
    Session,
    Surroundings,
    compile_xlsform,
    files_beside,
    parse_form,
    repair_xlsform,
)
from pk_research.survey.definition import Definition
from pk_research.survey.questionnaires import questionnaires

JAR = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
SOURCE = Path(__file__).with_name("JavaRosaReplay.java")
SHORT, LONG = range(1, 4), range(1, 13)
COMPARED_EVERY = 20
TIMEOUT_S = 500

NOT_OPENED = {
    "PMA-2020__ET-CRVS-BERFS-Questionnaire-v6.1-jef.xlsx": "JavaRosa refuses a list without labels",
    "PMA-2020__community_event.xlsx": "JavaRosa refuses a group whose relevance asks what is in it",
    "validmeasures__liberiaCoverageVillageForm.xlsx": "pulldata() is ODK Collect's own, not JavaRosa's",
}

WRITTEN: dict[str, Callable[[str, str], bool]] = {
    "a whole decimal has a point in ODK Web Forms, none in JavaRosa": lambda ours, theirs: (
        ours == f"{theirs}.0"
    ),
    "a point at 0 degrees north and east is no point in JavaRosa": lambda ours, theirs: (
        (ours, theirs) == ("0.0 0.0 0.0 0.0", "")
    ),
    "what is not a number is NaN in ODK Web Forms, empty in JavaRosa": lambda ours, theirs: (
        (ours, theirs) == ("NaN", "")
    ),
    "a date calculated into a text has a time in JavaRosa": lambda ours, theirs: (
        theirs == f"{ours}T00:00:00.000Z"
    ),
    "from ten million on a decimal has an exponent in JavaRosa": lambda ours, theirs: (
        re.fullmatch(r"-?\d\.\d+E\d", theirs) is not None and float(ours) == float(theirs)
    ),
}

KEPT = "JavaRosa keeps a repeat's instances, and what is in them, while its number is empty or lower"
META = "a form without a place for its identifier is given one by ODK Web Forms, not by JavaRosa"
SIBLING = "JavaRosa does not work out again what looks at another instance of the repeat answered"
CLEARED = "JavaRosa does not work out again what depends on a choice no longer on offer"
ITEXT = "a text in no language is empty in ODK Web Forms, '[itext:]' in JavaRosa"
ONCE = "once() keeps the NaN of a number not given yet; in JavaRosa that is empty, and is worked out later"
MOMENT = "JavaRosa leaves the time out when it joins a date and time to a text"

IN_SHORT_WALKS = {
    ("bumdes_profile", "/data/business/unit", "number"): KEPT,
    ("bumdes_profile", "/data/partnership/partner", "number"): KEPT,
    ("hotel_demand", "/data/needs/need", "number"): KEPT,
    ("place", "/data/meta", "number"): META,
    ("product_dossier", "/data/chain/stage", "number"): KEPT,
    ("product_dossier", "/data/chain/stage/stage_details/stage_buy_idr_unit", "value"): SIBLING,
    ("umkm", "/data/catalogue/item", "number"): KEPT,
    ("village_potential", "/data/candidates/candidate", "number"): KEPT,
}

HLUVUKANI = "TerraFirmaMozambique__Hluvukani_A_encontros_sensibilizacao.xlsx"
LEGEND = "TerraFirmaMozambique__LEGEND_F_org_social.xlsx"
SOCIO_ECONOMIC = "getodk__socio-economic-survey-v20240515.xlsx"
LIBERIA = "validmeasures__liberiaCoverage.xlsx"
CHAIN = "/data/chain/chain_totals"
CANDIDATE = "/data/candidates/candidate/candidate_details"

DIFFERENCES = {
    **IN_SHORT_WALKS,
    (HLUVUKANI, "/data/meta/instanceName", "value"): CLEARED,
    (LEGEND, "/data/Povoados", "number"): KEPT,
    (LEGEND, "/data/Vizinhas", "number"): KEPT,
    ("check", "/data/product", "number"): KEPT,
    (SOCIO_ECONOMIC, "/data/headOfHousehold/SEClass", "value"): ITEXT,
    ("petescarth__asmTemplate.xlsx", "/data/meta/instanceName", "value"): MOMENT,
    ("product_dossier", f"{CHAIN}/chain_cost_idr_unit", "value"): SIBLING,
    ("product_dossier", f"{CHAIN}/chain_margin_idr_unit", "value"): SIBLING,
    ("product_dossier", f"{CHAIN}/chain_price_idr_unit", "value"): SIBLING,
    ("product_dossier", f"{CHAIN}/check_chain_price", "relevant"): SIBLING,
    (LIBERIA, "/data/child_repeat", "number"): KEPT,
    (LIBERIA, "/data/meta/instanceName", "value"): CLEARED,
    (LIBERIA, "/data/child", "value"): ONCE,
    (LIBERIA, "/data/c2", "value"): ONCE,
    (LIBERIA, "/data/cage", "value"): ONCE,
    (LIBERIA, "/data/cname", "value"): ONCE,
    (LIBERIA, "/data/csex", "value"): ONCE,
    (LIBERIA, "/data/mnp", "relevant"): ONCE,
    (LIBERIA, "/data/mnp/mnp1", "relevant"): ONCE,
    (LIBERIA, "/data/mnp/mnp2", "relevant"): ONCE,
    ("village_potential", f"{CANDIDATE}/candidate_product", "value"): KEPT,
    ("village_potential", f"{CANDIDATE}/candidate_sales_idr_month", "value"): KEPT,
    ("village_potential", f"{CANDIDATE}/candidate_season_months", "value"): KEPT,
    ("village_potential", f"{CANDIDATE}/candidate_sellers", "value"): KEPT,
}


class Node(NamedTuple):
    """A node as an engine sees it."""

    relevant: bool
    required: bool
    readonly: bool
    constraint: bool
    value: str


Nodes = dict[str, Node]
Difference = tuple[str, str, str]
ABSENT = Node(relevant=False, required=False, readonly=False, constraint=True, value="")


@dataclass(frozen=True)
class Source:
    """A form, for us and for JavaRosa."""

    name: str
    form: Form
    xml: str
    file: Path

    @functools.cached_property
    def drawn(self) -> frozenset[str]:
        """Nodes that hold an identifier just drawn, which no two fillings have in common."""
        return frozenset(
            plain(definition.path) for definition in self.form.definitions() if is_drawn(definition)
        )

    @functools.cached_property
    def counting(self) -> set[str]:
        """Names that say, directly or not, how often something repeats."""
        rules = {one.local: one.rule("value") for one in self.form.definitions()}
        repeats = [one.repeat for one in self.form.definitions() if one.repeat is not None]
        waiting = {name for one in repeats if one.count is not None for name in words(one.count.source)}
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            found.add(name)
            rule = rules.get(name)
            waiting |= set() if rule is None else words(rule.source) - found
        return found


@dataclass
class Walk:
    """What was done on our engine, line by line, and how it stood at each comparison."""

    source: Source
    steps: list[str] = field(default_factory=list)
    states: list[Nodes] = field(default_factory=list)


class Recorded(Session):
    """A session that writes down what is done to it."""

    def __init__(self, form: Form, surroundings: Surroundings, notes: Walk) -> None:
        super().__init__(form, surroundings)
        self.notes = notes
        for definition in form.definitions():
            if (
                definition.bind is not None
                and definition.bind.preload
                and definition.local in notes.source.xml
            ):
                self._note("SET", definition.path, self.value(definition.path))
        self.compare()

    def answer(self, path, value):
        change = super().answer(path, self._small(path, value))
        self._note("SET", path, self.state(path).answer)
        return change

    def _small(self, path: str, value: str) -> str:
        """Keep numbers of repeats small and growing: JavaRosa has no limit, and removes nothing."""
        if path.rpartition("/")[2] not in self.notes.source.counting or not value.isdigit():
            return value
        return str(max(int(value) % 10, int(self.value(path) or 0)))

    def add_repeat(self, path, *, at=None):
        if not any(view.path == path and view.is_relevant for view in self.nodes()):
            raise NotFound(Problem(path, "it is not asked by now", "Answer what it depends on."))
        change = super().add_repeat(path, at=at)
        self._note("ADD", path)
        return change

    def _note(self, *fields: str) -> None:
        self.notes.steps.append("\t".join(fields))
        if len(self.notes.steps) % COMPARED_EVERY == 0:
            self.compare()

    def compare(self) -> None:
        self.notes.steps.append("DUMP")
        self.notes.states.append(
            {
                plain(view.path): Node(
                    view.is_relevant,
                    view.is_required,
                    view.is_readonly,
                    self.state(view.path).is_constrained_well,
                    view.value,
                )
                for view in self.nodes()
                if view.kind != "repeat"
            }
        )


@dataclass
class Recording:
    """A form whose sessions are written down."""

    form: Form
    notes: Walk

    def start(self, surroundings: Surroundings) -> Recorded:
        return Recorded(self.form, replace(surroundings, properties={"deviceid": "found"}), self.notes)


def words(source: str) -> set[str]:
    return set(re.findall(r"[\w.-]+", source))


def plain(path: str) -> str:
    return re.sub(r"\b\w+:", "", path)


def same(value: str) -> str:
    """Write alike what both mean alike: Greenwich, the gap between places."""
    return re.sub(r"(?<=:\d\d\.\d{3})Z$", "+00:00", value).replace("; ", ";")


def is_drawn(definition: Definition) -> bool:
    rule = definition.rule("value")
    return rule is not None and re.search(r"\buuid\(", rule.source) is not None


# --- the forms


def of_the_house(project: Path, folder: Path) -> Iterator[Source]:
    for one in questionnaires(project):
        compiled = one.compile(cache=folder)
        yield source(one.name, compiled.xml, folder, files_beside(one.path.parent))


def of_the_tests(folder: Path) -> Iterator[Source]:
    yield source("harvest", harvest_form.FORM, folder)
    yield source("harvest, second form", harvest_form.SECOND, folder)
    yield source("shop", store_house.FORM, folder)
    yield source("fieldwork", test_quality_fieldwork.FORM, folder)
    yield source("check", test_survey_check.FORM, folder)
    yield source("household", test_survey_session.HOUSEHOLD, folder)
    yield source("place", test_survey_session.CASCADE, folder)
    yield source("screen", convert(xlsform=test_survey_screen.SURVEY, pretty_print=False).xform, folder)


def of_others(shared: Path, folder: Path) -> Iterator[Source]:
    forms = shared / "conformance" / "xlsforms"
    for name in names(forms):
        if name not in REFUSED:
            path = repair_xlsform(forms / name, folder / name).path if name in REPAIRABLE else forms / name
            compiled = compile_xlsform(path, cache=folder)
            yield source(name, compiled.xml, folder, made_up_list)


def source(
    name: str, xml: str, folder: Path, resource: Callable[[str], bytes | None] = made_up_list
) -> Source:
    """Read a form, and lay it and its lists down for JavaRosa; the two have no die in common."""
    xml = xml.replace("random()", "0.03")
    lists = folder / f"{name} for JavaRosa"
    lists.mkdir(exist_ok=True)
    for address in re.findall(r'src="(jr://file[^"]+)"', xml):
        content = resource(address)
        if content is not None:
            (lists / address.rpartition("/")[2]).write_bytes(content)
    (lists / "form.xml").write_text(at_the_moment(xml), encoding="utf-8")
    form = parse_form(xml, resource=resource, missing_lists_are_empty=True)
    return Source(name, form, xml, lists / "form.xml")


def at_the_moment(xml: str) -> str:
    """Write the time into a form: JavaRosa's clock cannot be set, and no satellite tells it a place."""
    xml = xml.replace("today()", f"date('{NOW:%Y-%m-%d}')").replace(
        "now()", f"date-time('{NOW.isoformat()}')"
    )
    return re.sub(r"<odk:setgeopoint [^>]*/>", "", xml)


# --- both engines


@pytest.fixture(scope="module")
def replayer(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that replays walks on JavaRosa."""
    if not (shutil.which("java") and shutil.which("javac")):
        pytest.skip("Java is not installed: `apt-get install default-jdk-headless`")
    if not JAR.is_file():
        pytest.skip("this release of pyxform brings no ODK Validate")
    folder = tmp_path_factory.mktemp("java")
    subprocess.run(["javac", "-cp", JAR, "-d", folder, SOURCE], check=True, timeout=TIMEOUT_S)
    return ["java", "-Duser.timezone=UTC", "-cp", f"{JAR}:{folder}", "JavaRosaReplay"]


def walk_through(source: Source, seed: int) -> Walk:
    notes = Walk(source, [f"FORM\t{source.file}\t{source.file.parent}"])
    walk(Recording(source.form, notes), seed=seed).compare()
    return notes


def replayed(command: list[str], walks: list[Walk]) -> list[tuple[list[Nodes], list[str]]]:
    """Return how each walk stood on JavaRosa at each comparison, and what failed."""
    lines = "\n".join(step for made in walks for step in made.steps) + "\n"
    run = subprocess.run(
        command, input=lines, capture_output=True, encoding="utf-8", timeout=TIMEOUT_S, check=True
    )
    output = iter(run.stdout.splitlines())
    return [states_in(output, len(made.states)) for made in walks]


def states_in(output: Iterator[str], wanted: int) -> tuple[list[Nodes], list[str]]:
    states: list[Nodes] = []
    failed: list[str] = []
    nodes: Nodes = {}
    while len(states) < wanted:
        kind, *fields = next(output).split("\t")
        if kind == "END":
            states.append(nodes)
            nodes = {}
        elif kind == "FAILED":
            failed.append(" ".join(fields))
        else:
            path, *facts, value = fields
            nodes[path] = Node(*(fact == "true" for fact in facts), value)
    return states, failed


# --- how they compare


@dataclass
class Comparison:
    """What was found, each with an example."""

    not_opened: dict[str, str] = field(default_factory=dict)
    written: dict[str, object] = field(default_factory=dict)
    different: dict[Difference, object] = field(default_factory=dict)


def compare(command: list[str], sources: Iterable[Source], seeds: Iterable[int]) -> Comparison:
    walks = [walk_through(source, seed) for source in sources for seed in seeds]
    found = Comparison()
    for made, (states, failed) in zip(walks, replayed(command, walks), strict=True):
        if not any(states):
            found.not_opened[made.source.name] = failed[0]
            continue
        assert failed == [], (made.source.name, failed)
        for ours, theirs in zip(made.states, states, strict=True):
            compare_states(made.source, ours, theirs, found)
    return found


def compare_states(source: Source, ours: Nodes, theirs: Nodes, found: Comparison) -> None:
    for path in ours.keys() | theirs.keys():
        name = re.sub(r"\[\d+\]", "", path)
        one, other = ours.get(path, ABSENT), theirs.get(path, ABSENT)
        for fact in differing(path, ours, theirs):
            if fact == "value" and name in source.drawn:
                continue
            way = way_of_writing(one.value, other.value) if fact == "value" else None
            if way is None:
                found.different.setdefault((source.name, name, fact), (path, one, other))
            else:
                found.written.setdefault(way, (source.name, path, one.value, other.value))


def differing(path: str, ours: Nodes, theirs: Nodes) -> list[str]:
    """Return what differs about a node; rules of what is not asked are of no consequence."""
    one, other = ours.get(path, ABSENT), theirs.get(path, ABSENT)
    if not (one.relevant or other.relevant):
        return []
    if path not in ours or path not in theirs:
        above = path.rpartition("/")[0]
        return ["number"] if above in ours and above in theirs else []
    if not (one.relevant and other.relevant):
        return ["relevant"]
    rules = [
        fact for fact in ("required", "readonly", "constraint") if getattr(one, fact) != getattr(other, fact)
    ]
    return [*rules, "value"] if same(one.value) != same(other.value) else rules


def way_of_writing(ours: str, theirs: str) -> str | None:
    return next((way for way, is_written in WRITTEN.items() if is_written(ours, theirs)), None)


def test_our_own_forms_are_filled_alike(replayer, project, tmp_path):
    found = compare(replayer, ours(project, tmp_path), SHORT)
    assert found.not_opened == {}
    assert unlisted(found, IN_SHORT_WALKS) == {}
    assert IN_SHORT_WALKS.keys() - found.different.keys() == set(), "it is no more: take it off the list"


@pytest.mark.slow
def test_all_forms_are_filled_alike(replayer, project, shared, tmp_path):
    found = compare(replayer, [*ours(project, tmp_path), *of_others(shared, tmp_path)], LONG)
    assert found.not_opened.keys() == NOT_OPENED.keys(), found.not_opened
    assert found.written.keys() == WRITTEN.keys(), "it is no more: take it off the list"
    assert unlisted(found, DIFFERENCES) == {}
    assert DIFFERENCES.keys() - found.different.keys() == set(), "it is no more: take it off the list"


def ours(project: Path, folder: Path) -> list[Source]:
    return [*of_the_house(project, folder), *of_the_tests(folder)]


def unlisted(found: Comparison, listed: Iterable[Difference]) -> dict[Difference, object]:
    return {key: example for key, example in found.different.items() if key not in listed}

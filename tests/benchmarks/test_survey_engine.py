"""How long a form of 300 questions takes: one answer, and everything anew; beside elementpath.

elementpath stands for what a general XPath library costs: the same expressions over the same data,
evaluated all, which is what a library without a dependency graph has to do at every answer.
"""

from __future__ import annotations

import itertools

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from pk_research.survey import Form, Session, parse_form

QUESTIONS = 300
GROUP = 30


def path_of(number: int) -> str:
    return f"/data/g{number // GROUP}/q{number}"


def bind_of(number: int) -> str:
    """Thirds of the questions are answered, calculated from the answer, and conditional on it."""
    first, second = path_of(number - 1), path_of(number - 2)
    rules = {
        0: 'type="int" constraint=". &gt;= 0 and . &lt; 1000" required="true()"',
        1: f'type="decimal" calculate="if({first} &gt; 10, {first} * 2, coalesce({first}, 0) + 1)"',
        2: f"relevant=\"{second} &gt; 5 or selected(/data/g0/q0, '{number}')\"",
    }
    return f'<bind nodeset="{path_of(number)}" {rules[number % 3]}/>'


def big_form() -> str:
    """A form of 300 questions in ten groups, and a total over a third of them."""
    numbers = range(QUESTIONS)
    groups = [list(group) for _, group in itertools.groupby(numbers, key=lambda number: number // GROUP)]
    data = "".join(
        f"<g{index}>{''.join(f'<q{number}/>' for number in group)}</g{index}>"
        for index, group in enumerate(groups)
    )
    total = " + ".join(f"coalesce({path_of(number)}, 0)" for number in numbers if number % 3 == 1)
    binds = (
        "".join(map(bind_of, numbers)) + f'<bind nodeset="/data/total" type="decimal" calculate="{total}"/>'
    )
    body = "".join(f'<input ref="{path_of(number)}"><label>Q{number}</label></input>' for number in numbers)
    return f"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
      <h:head><h:title>Big</h:title><model><instance><data id="big">{data}<total/></data></instance>{binds}
      </model></h:head><h:body>{body}</h:body></h:html>"""


@pytest.fixture(scope="module")
def form() -> Form:
    return parse_form(big_form())


@pytest.fixture
def session(form: Form) -> Session:
    session = form.start()
    for number in range(0, QUESTIONS, 3):
        session.answer(path_of(number), str(number % 25))
    return session


@pytest.mark.benchmark(group="survey: one answer, all dependants")
def test_one_answer(benchmark: BenchmarkFixture, session: Session) -> None:
    count = itertools.count()

    def answer() -> int:
        turn = next(count)
        change = session.answer(path_of(turn * 3 % QUESTIONS), str(3 + (turn + turn // 100) % 20))
        return len(change.paths)

    assert answer() >= 3, "the answer, what is calculated from it, and the total"
    benchmark(answer)


@pytest.mark.benchmark(group="survey: everything anew")
def test_everything_anew(benchmark: BenchmarkFixture, session: Session) -> None:
    benchmark(session.recalculate)


@pytest.mark.benchmark(group="survey: everything anew")
def test_everything_anew_with_elementpath(benchmark: BenchmarkFixture, form: Form, session: Session) -> None:
    elementpath = pytest.importorskip("elementpath")
    etree = pytest.importorskip("lxml.etree")
    parser = elementpath.XPath1Parser()
    root = etree.fromstring(session.to_xml())
    known = {"coalesce", "selected", "if"}  # not XPath 1.0: their arguments are evaluated instead
    tokens = [
        (parser.parse(plain(rule.source, known)), root.find(definition.path.removeprefix("/data/")))
        for definition in form.definitions()
        if definition.bind is not None
        for rule in definition.bind.rules.values()
    ]

    def evaluate_all() -> None:
        for token, element in tokens:
            try:
                token.evaluate(elementpath.XPathContext(root, item=element))
            except (elementpath.ElementPathError, ValueError):
                continue  # an unanswered number is an error here, where a form wants NaN

    benchmark(evaluate_all)
    benchmark.extra_info["expressions"] = len(tokens)


def plain(source: str, functions: set[str]) -> str:
    """Write ODK's own functions as XPath 1.0 ones of about the same work."""
    for name in functions:
        source = source.replace(f"{name}(", "concat(")
    return source


@pytest.mark.benchmark(group="survey: start a filling")
def test_start(benchmark: BenchmarkFixture, form: Form) -> None:
    benchmark(form.start)


LIST = "".join(
    f"<item><name>{number}</name><label>Desa {number}</label><kec>{number % 7200}</kec></item>"
    for number in range(83_000)
)


@pytest.mark.benchmark(group="survey: choices of one kecamatan among 83,000 villages")
def test_filtered_choices(benchmark: BenchmarkFixture) -> None:
    form = parse_form(
        f"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
        <h:head><h:title>Villages</h:title><model><instance><data id="v"><kec/><desa/></data></instance>
        <instance id="desa"><list>{LIST}</list></instance></model></h:head><h:body><input ref="/data/kec"/>
        <select1 ref="/data/desa"><itemset nodeset="instance('desa')/list/item[kec = /data/kec]">
        <value ref="name"/><label ref="label"/></itemset></select1></h:body></h:html>"""
    )
    session = form.start()
    kecamatan = itertools.cycle(range(7200))

    def choose() -> int:
        session.answer("/data/kec", str(next(kecamatan)))
        return len(session.choices("/data/desa"))

    assert benchmark(choose) in (11, 12)

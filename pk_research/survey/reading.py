"""Reading an XForm: XML in, a checked `Form` out, or every fault in one report."""

from __future__ import annotations

from collections.abc import Iterator

from pk_research.errors import BadInput, Problem
from pk_research.survey.body import BodyReader
from pk_research.survey.definition import (
    Action,
    Bind,
    Definition,
    Form,
    Repeat,
    Resource,
    Rule,
    Submission,
    Texts,
    TextValue,
    Translation,
)
from pk_research.survey.faults import Faults
from pk_research.survey.graph import build_graph, find_cycles
from pk_research.survey.markup import read_xml
from pk_research.survey.meta import add_meta, identifier_of
from pk_research.survey.resources import empty_resource, keep_indices, read_resource
from pk_research.survey.templates import (
    drop_templates,
    instances_of,
    is_template,
    template_of,
    unmark,
    without_templates,
)
from pk_research.survey.texts import read_texts
from pk_research.survey.tree import Element
from pk_research.survey.xpath import Expression
from pk_research.survey.xpath.world import NAMESPACES

EVENTS = frozenset(
    ["odk-instance-first-load", "odk-instance-load", "odk-new-repeat", "xforms-value-changed", "xforms-ready"]
)
ACTIONS = ("setvalue", "setgeopoint", "recordaudio")
METHODS = ("", "post", "form-data-post")
_YES = ("yes", "true", "1", "true()")
_RULES: dict[str, Rule] = {
    "relevant": "relevant",
    "calculate": "value",
    "readonly": "readonly",
    "required": "required",
    "constraint": "constraint",
}


def parse_form(
    xml: str | bytes, *, resource: Resource | None = None, missing_lists_are_empty: bool = False
) -> Form:
    """Read an XForm.

    Parameters
    ----------
    xml
        The form.
    resource
        Finds an attached file by its address (``jr://file-csv/villages.csv``) and returns its
        content, or None.
    missing_lists_are_empty
        Go on without an attached list that is not found, instead of refusing the form.

    Returns
    -------
    Form
        Ready to `start`.

    Raises
    ------
    BadInput
        With every fault found: where, what, and what to do.

    Examples
    --------
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><nama/></data></instance></model></h:head>
    ...   <h:body><input ref="/data/nama"/></h:body></h:html>''')
    >>> form.title, form.identifier
    ('Desa', 'desa')
    """
    document = read_xml(xml, where="form")
    return _FormReader(document.element, resource, missing_lists_are_empty=missing_lists_are_empty).read()


class _FormReader:
    def __init__(self, html: Element, resource: Resource | None, *, missing_lists_are_empty: bool) -> None:
        self.html = html
        self.resource = resource
        self.missing_lists_are_empty = missing_lists_are_empty
        self.faults = Faults()
        self.doubts: list[str] = []
        self.paths: dict[str, Definition] = {}

    def read(self) -> Form:
        head, body = self.child(self.html, "head"), self.child(self.html, "body")
        model = self.child(head, "model")
        primary = self.child(model, "instance").elements()
        if not primary:
            raise BadInput(Problem("form, <instance>", "it holds no data", "Put the form's data inside it."))
        template = primary[0].copy()
        declared = dict(_declared(self.html))
        namespaces = {**NAMESPACES, **declared}
        was_added = add_meta(template, declared)
        root = self.define(template, None)
        self.bind_all(model)
        if was_added:
            self.identify(template)
        translations = self.translations(model)
        instances = self.instances(model)
        reader = BodyReader(self.paths, root, self.faults, self.doubts)
        controls = reader.read(body)
        for name in sorted(reader.searched - set(instances)):
            instances[name] = keep_indices(self.attached(name, f"jr://file-csv/{name}.csv"))
        self.set_repeats(reader, template)
        actions = tuple(self.actions(model, reader))
        submission = self.submission(model)
        self.check(root, instances)
        self.faults.raise_if_any()
        title = next((element.text.strip() for element in head.elements() if element.local == "title"), "")
        return Form(
            identifier=template.get("id") or template.uri or template.local,
            version=template.get("version") or "",
            title=title,
            root=root,
            template=template,
            controls=controls,
            translations=translations,
            instances=instances,
            actions=actions,
            namespaces=namespaces,
            submission=submission,
            doubts=tuple(self.doubts),
            paths=self.paths,
            graph=build_graph(root, controls, translations),
        )

    def child(self, parent: Element, local: str) -> Element:
        found = next((element for element in parent.elements() if element.local == local), None)
        if found is None:
            raise BadInput(
                Problem(f"form, <{parent.name}>", f"there is no <{local}> in it", "Give a complete XForm.")
            )
        return found

    # --- the data

    def define(self, element: Element, parent: Definition | None) -> Definition:
        path = f"{'' if parent is None else parent.path}/{element.name}"
        definition = Definition(element.name, path, parent, order=len(self.paths))
        self.paths[path] = definition
        seen: set[str] = set()
        for child in element.elements():
            if child.name not in seen or self.paths[f"{path}/{child.name}"].is_leaf:
                known = self.paths.get(f"{path}/{child.name}")
                if known is None:
                    definition.children.append(self.define(child, definition))
            seen.add(child.name)
        return definition

    def attribute(self, path: str) -> Definition | None:
        above, _, name = path.rpartition("/")
        owner = self.paths.get(above)
        if owner is None or not name.startswith("@"):
            return None
        definition = Definition(name, path, owner, order=len(self.paths))
        owner.attributes.append(definition)
        self.paths[path] = definition
        return definition

    def find(self, path: str) -> Definition | None:
        path = "/" + path.strip().strip("/")
        return self.paths.get(path) or self.attribute(path)

    # --- the rules

    def bind_all(self, model: Element) -> None:
        for element in model.elements():
            if element.local != "bind":
                continue
            nodeset = element.get("nodeset") or element.get("ref") or ""
            definition = self.find(nodeset)
            if definition is None:
                self.doubts.append(f"a rule is given for {nodeset}, but the form has no such question")
            else:
                definition.bind = self.bind(element, nodeset)

    def bind(self, element: Element, nodeset: str) -> Bind:
        rules: dict[Rule, Expression] = {}
        for attribute, rule in _RULES.items():
            source = element.get(attribute)
            if source is not None and source.strip():
                expression = self.faults.expression(source, f"{nodeset}, {attribute}")
                if expression is not None:
                    rules[rule] = expression
        return Bind(
            nodeset=nodeset,
            type=(element.get("type") or "string").rpartition(":")[2],
            rules=rules,
            constraint_message=self.message(element, "constraintMsg", nodeset),
            required_message=self.message(element, "requiredMsg", nodeset),
            preload=element.get("preload") or "",
            preload_parameter=element.get("preloadParams") or "",
            is_personal=(element.get("personal") or "").strip().lower() in _YES,
        )

    def identify(self, template: Element) -> None:
        """Let the identifier the form left out be filled in like any other."""
        identifier = identifier_of(template)
        if identifier is None or not isinstance(identifier.parent, Element):
            return
        path = f"/{template.name}/{identifier.parent.name}/{identifier.name}"
        self.paths[path].bind = Bind(nodeset=path, preload="uid")

    def message(self, element: Element, attribute: str, nodeset: str) -> Texts | None:
        text = element.get(attribute)
        if text is None:
            return None
        if text.strip().startswith("jr:itext("):
            return Texts(reference=self.faults.expression(text, f"{nodeset}, {attribute}"))
        return Texts((text,))

    # --- the texts and lists

    def translations(self, model: Element) -> tuple[Translation, ...]:
        found: list[Translation] = []
        for itext in model.elements():
            if itext.local != "itext":
                continue
            for element in itext.elements():
                texts = {text.get("id") or "": self.values(text) for text in element.elements()}
                is_default = element.get("default") is not None
                found.append(Translation(element.get("lang") or "", is_default, texts))
        return tuple(sorted(found, key=lambda translation: not translation.is_default))

    def values(self, text: Element) -> tuple[TextValue, ...]:
        where = f"text {text.get('id')}"
        return tuple(
            TextValue(value.get("form") or "", read_texts(value, self.faults, where))
            for value in text.elements()
        )

    def instances(self, model: Element) -> dict[str, Element]:
        found: dict[str, Element] = {}
        for element in [child for child in model.elements() if child.local == "instance"][1:]:
            name = element.get("id") or ""
            source = element.get("src")
            found[name] = keep_indices(self.attached(name, source) if source else element)
        return found

    def attached(self, name: str, source: str) -> Element:
        content = self.resource(source) if self.resource is not None else None
        if content is not None:
            return read_resource(source.rpartition("/")[2], content)
        if self.missing_lists_are_empty or source == "jr://instance/last-saved":
            return empty_resource()
        self.faults.add(
            f"list {name!r}",
            f"the file {source.rpartition('/')[2]!r} is not there",
            "Put it beside the form, or remove the questions that use it.",
        )
        return empty_resource()

    # --- repeats and actions

    def set_repeats(self, reader: BodyReader, template: Element) -> None:
        for path, (count, is_fixed) in reader.repeats.items():
            definition = self.paths[path]
            found = instances_of(template, definition)
            model = template_of(found)
            models = tuple(without_templates(element) for element in found if not is_template(element))
            if is_fixed and not models:
                unmark(found[0])
            definition.repeat = Repeat(model, models, count, is_fixed)
        drop_templates(template)

    def actions(self, model: Element, reader: BodyReader) -> Iterator[Action]:
        for element in model.elements():
            if element.local in ACTIONS:
                yield from self.action(element, "")
        for element, path in reader.actions:
            yield from self.action(element, path)

    def action(self, element: Element, source: str) -> Iterator[Action]:
        target = element.get("ref") or element.get("bind") or ""
        where = f"{element.local} of {target}"
        events = frozenset((element.get("event") or "").split())
        unknown = events - EVENTS
        if unknown or not events:
            self.faults.add(
                where,
                f"there is no event {', '.join(sorted(unknown)) or 'given'}",
                f"Use {', '.join(sorted(EVENTS))}.",
            )
            return
        target_expression = self.faults.expression(target, where)
        value = element.get("value")
        value_expression = (
            self.faults.expression(value, f"{where}, value") if value and value.strip() else None
        )
        self.find(target)
        if target_expression is not None:
            text = "" if value else element.text
            yield Action(events, element.local, target_expression, value_expression, text, source)

    def submission(self, model: Element) -> Submission:
        element = next((child for child in model.elements() if child.local == "submission"), None)
        if element is None:
            return Submission()
        method = element.get("method") or ""
        if method not in METHODS:
            self.faults.add(
                "submission", f"the method {method!r} is not known", 'Use method="post" or leave it out.'
            )
        key = element.get("base64RsaPublicKey") or ""
        if key:
            self.doubts.append("the form asks for encrypted submissions; they are kept unencrypted here")
        return Submission(element.get("action") or "", method, key)

    # --- whether it can run

    def check(self, root: Definition, instances: dict[str, Element]) -> None:
        self.faults.check_functions()
        self.faults.check_paths(root, instances, self.doubts)
        if not self.faults:
            for cycle in find_cycles(root):
                self.faults.add(
                    cycle[0].path,
                    f"its calculation depends on itself: {' -> '.join(node.path for node in cycle)}",
                    "Remove one of these references.",
                )


def _declared(element: Element) -> Iterator[tuple[str, str]]:
    for attribute in element.attributes:
        if attribute.declares_namespace and attribute.prefix:
            yield attribute.local, attribute.value

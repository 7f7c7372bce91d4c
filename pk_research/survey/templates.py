"""Templates of repeats: elements of the form's data marked with ``jr:template``."""

from __future__ import annotations

from pk_research.survey.definition import Definition
from pk_research.survey.tree import Element


def instances_of(root: Element, definition: Definition) -> list[Element]:
    """Return the elements of a definition in the form's own data, templates included."""
    found = [root]
    for step in definition.lineage()[1:]:
        found = [child for above in found for child in above.elements() if child.name == step.name]
    return found


def template_of(instances: list[Element]) -> Element:
    """Return what a new instance of a repeat looks like: its template, or its first instance."""
    marked = next((element for element in instances if is_template(element)), instances[0])
    return without_templates(marked)


def without_templates(element: Element) -> Element:
    """Return a copy that is no template and holds none."""
    model = element.copy()
    unmark(model)
    drop_templates(model)
    return model


def unmark(element: Element) -> None:
    """Make an instance of a template."""
    element.attributes = [
        attribute for attribute in element.attributes if attribute.local != "template" or not attribute.prefix
    ]


def is_template(element: Element) -> bool:
    """Tell whether an element is marked with ``jr:template``."""
    return any(attribute.local == "template" and attribute.prefix for attribute in element.attributes)


def drop_templates(element: Element) -> None:
    """Remove the templates below an element."""
    for child in element.elements():
        if is_template(child):
            element.remove(child)
        else:
            drop_templates(child)

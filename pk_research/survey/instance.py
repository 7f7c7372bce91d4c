"""The data of a filling: begun from the form's own, or taken from an earlier filling."""

from __future__ import annotations

from typing import Literal

from pk_research.errors import BadInput, Problem
from pk_research.survey.definition import Definition, Form
from pk_research.survey.markup import read_xml
from pk_research.survey.tree import Attribute, Element

Origin = Literal["new", "restored", "edited", "corrected", "checked"]
"""How a filling begins: anew; gone on with; sent before and now replaced, or put right; only looked at."""


def load_tree(form: Form, instance: str | bytes | None) -> Element:
    """Return the data to go on with.

    Parameters
    ----------
    form
        The form.
    instance
        XML of an earlier filling; None to begin anew. What it leaves out, having not been
        relevant, begins as in the form; repeats have the instances it holds.

    Raises
    ------
    BadInput
        When the XML is not a filling of this form.
    """
    if instance is None:
        return form.template.copy()
    given = read_xml(instance, where="earlier answers").element
    if given.local != form.template.local:
        raise BadInput(
            Problem(
                "earlier answers",
                f"they are <{given.name}>, the form's are <{form.template.name}>",
                "Open them with the form they were given to.",
            )
        )
    return _merged(form.root, given, form.template)


def _merged(definition: Definition, given: Element, model: Element) -> Element:
    """Copy what was given, completed from the model."""
    merged = Element(model.local, prefix=model.prefix, uri=model.uri)
    for attribute in model.attributes:
        value = next((own.value for own in given.attributes if own.name == attribute.name), attribute.value)
        merged.set(Attribute(attribute.local, value, prefix=attribute.prefix, uri=attribute.uri))
    for attribute in given.attributes:
        if merged.get(attribute.local) is None and not attribute.declares_namespace:
            merged.set(
                Attribute(attribute.local, attribute.value, prefix=attribute.prefix, uri=attribute.uri)
            )
    if definition.is_leaf:
        merged.set_text(given.text)
        return merged
    for child in definition.children:
        same = _of(given, child)
        models = _of(model, child)
        if child.repeat is not None:
            for number, element in enumerate(same):
                shape = models[number] if number < len(models) else child.repeat.template
                merged.append(_merged(child, element, shape))
        elif same and models:
            merged.append(_merged(child, same[0], models[0]))
        elif models:
            merged.append(models[0].copy())
    return merged


def _of(parent: Element, definition: Definition) -> list[Element]:
    exact = [child for child in parent.elements() if child.name == definition.name]
    return exact or [child for child in parent.elements() if child.local == definition.local]

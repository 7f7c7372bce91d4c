"""What a form is, before anybody fills it: its nodes, questions, rules and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pk_research.survey.tree import Element
from pk_research.survey.xpath import Expression

if TYPE_CHECKING:
    from pk_research.survey.graph import Graph
    from pk_research.survey.instance import Origin
    from pk_research.survey.session import Session
    from pk_research.survey.surroundings import Surroundings

ControlKind = Literal["input", "select", "select1", "rank", "range", "upload", "trigger", "group", "repeat"]
Rule = Literal["relevant", "value", "readonly", "required", "constraint", "count"]


@dataclass(frozen=True, slots=True)
class Texts:
    """A text shown to people: pieces of words and of expressions, or a translated text's name.

    Attributes
    ----------
    pieces
        Words, and expressions whose value stands among them.
    reference
        An expression that gives the text, or (by `jr:itext`) the values of a translated text.
    """

    pieces: tuple[str | Expression, ...] = ()
    reference: Expression | None = None


@dataclass(frozen=True, slots=True)
class TextValue:
    """One form of a translated text: the words, or an image, sound or film to show with them."""

    form: str
    texts: Texts


@dataclass(frozen=True, slots=True)
class Translation:
    """The texts of one language, by name."""

    language: str
    is_default: bool
    texts: Mapping[str, tuple[TextValue, ...]]


@dataclass(frozen=True, slots=True)
class Bind:
    """The rules of one node.

    Attributes
    ----------
    nodeset
        The path the form gives.
    type
        Data type without prefix: ``string``, ``int``, ``decimal``, ``date``, ``geopoint``...
    rules
        The expressions by rule: relevant, value (calculate), readonly, required, constraint.
    constraint_message, required_message
        What to say when the rule is broken; None for the house's own words.
    preload, preload_parameter
        ``jr:preload``: what the client fills in by itself.
    is_personal
        Whether the answer is personal data: the form says so with a column ``bind::pk:personal``.
    """

    nodeset: str
    type: str = "string"
    rules: Mapping[Rule, Expression] = field(default_factory=dict)
    constraint_message: Texts | None = None
    required_message: Texts | None = None
    preload: str = ""
    preload_parameter: str = ""
    is_personal: bool = False


@dataclass(frozen=True, slots=True)
class StaticChoice:
    """A choice written in the question itself."""

    value: str
    label: Texts | None


@dataclass(frozen=True, slots=True)
class ChoiceList:
    """Choices taken from a list: where, and which parts of an item are value and label."""

    nodes: Expression
    value: Expression
    label: Expression | None


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happens at an event: a value set.

    Attributes
    ----------
    events
        Names of the events, as ``odk-instance-first-load``.
    kind
        ``setvalue``, ``setgeopoint`` or ``recordaudio``.
    target
        Path of the node that is set.
    value
        What it is set to; None for the words in ``text``.
    text
        Fixed words.
    source
        Path of the control the action stands in; empty in the model.
    """

    events: frozenset[str]
    kind: str
    target: Expression
    value: Expression | None
    text: str
    source: str


@dataclass(eq=False, slots=True, weakref_slot=True)
class Control:
    """A question, group or repeat as it is shown.

    Attributes
    ----------
    kind
        What it is.
    node
        The node it fills; None for a group that only arranges.
    appearance
        The words of the appearance.
    label, hint
        Its texts.
    choices
        Choices written in the question.
    choice_list
        Choices from a list.
    attributes
        Everything else written on it: ``start``, ``end``, ``step``, ``mediatype``, ``rows``...
    children
        What stands inside it.
    """

    kind: ControlKind
    node: Definition | None
    appearance: tuple[str, ...] = ()
    label: Texts | None = None
    hint: Texts | None = None
    choices: tuple[StaticChoice, ...] = ()
    choice_list: ChoiceList | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Control, ...] = ()

    @property
    def has_choices(self) -> bool:
        """Whether the answer is one or several of given values."""
        return self.kind in ("select", "select1", "rank")

    def walk(self) -> Iterator[Control]:
        """Yield this control and everything inside it, in the order shown."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Repeat:
    """How a repeated group repeats.

    Attributes
    ----------
    template
        What a new instance looks like.
    models
        The instances the form begins with, by place.
    count
        How many instances there are, by expression; None where people add them.
    is_fixed
        Whether people may neither add nor remove instances.
    """

    template: Element
    models: tuple[Element, ...]
    count: Expression | None
    is_fixed: bool


@dataclass(eq=False, slots=True)
class Definition:
    """A node of the form's data: the root, a group, a repeat, a question's value, an attribute.

    Attributes
    ----------
    name
        As written, prefix included; with ``@`` for an attribute.
    path
        From the root, without positions: ``/data/household/member``.
    parent
        The node above; None for the root.
    order
        Place among all nodes, in document order.
    children
        The nodes directly below, attributes aside.
    attributes
        Attributes that some rule or action speaks of.
    bind, control, repeat
        Its rules, its question, its repetition.
    """

    name: str
    path: str
    parent: Definition | None
    order: int
    children: list[Definition] = field(default_factory=list)
    attributes: list[Definition] = field(default_factory=list)
    bind: Bind | None = None
    control: Control | None = None
    repeat: Repeat | None = None

    @property
    def local(self) -> str:
        """The name without prefix or ``@``."""
        return self.name.lstrip("@").rpartition(":")[2]

    @property
    def is_attribute(self) -> bool:
        """Whether this is an attribute."""
        return self.name.startswith("@")

    @property
    def is_leaf(self) -> bool:
        """Whether it holds a value rather than other nodes."""
        return not self.children and self.repeat is None

    @property
    def depth(self) -> int:
        """How many nodes stand above it."""
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def type(self) -> str:
        """Its data type."""
        return "string" if self.bind is None else self.bind.type

    def rule(self, name: Rule) -> Expression | None:
        """Return the expression of a rule, if it has one."""
        if name == "count":
            return None if self.repeat is None else self.repeat.count
        return None if self.bind is None else self.bind.rules.get(name)

    def walk(self) -> Iterator[Definition]:
        """Yield this node and all below it, attributes included, in document order."""
        yield self
        yield from self.attributes
        for child in self.children:
            yield from child.walk()

    def lineage(self) -> list[Definition]:
        """Return the nodes from the root down to this one."""
        above = [] if self.parent is None else self.parent.lineage()
        return [*above, self]


Resource = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class Submission:
    """Where and how the form asks to be sent; kept, though this house stores its own."""

    action: str = ""
    method: str = ""
    public_key: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """A form, read and checked: start as many fillings of it as you like.

    Attributes
    ----------
    identifier, version, title
        Who the form is.
    root
        The topmost node of its data.
    template
        The data before anything is filled in.
    controls
        What is shown, in order.
    translations
        Texts by language, the default first.
    instances
        Lists by name: for each the node above its outermost element.
    actions
        What happens at which event.
    namespaces
        Prefix to namespace, as the form declares them.
    submission
        Where it asks to be sent.
    doubts
        What looks wrong but does not keep the form from running, each in a sentence.
    paths
        Every node by its path.
    graph
        What depends on what.
    """

    identifier: str
    version: str
    title: str
    root: Definition
    template: Element
    controls: tuple[Control, ...]
    translations: tuple[Translation, ...]
    instances: Mapping[str, Element]
    actions: tuple[Action, ...]
    namespaces: Mapping[str, str]
    submission: Submission
    doubts: tuple[str, ...]
    paths: Mapping[str, Definition]
    graph: Graph

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it has texts in, the default first."""
        return tuple(translation.language for translation in self.translations)

    def start(
        self,
        surroundings: Surroundings | None = None,
        *,
        instance: str | bytes | None = None,
        origin: Origin = "new",
    ) -> Session:
        """Begin a filling; see `Session` for what the arguments mean."""
        from pk_research.survey.session import Session

        return Session(self, surroundings, instance=instance, origin=origin)

    def definitions(self) -> Iterator[Definition]:
        """Yield every node of its data in document order."""
        return self.root.walk()

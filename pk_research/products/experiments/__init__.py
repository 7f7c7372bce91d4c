"""Discrete choice experiments: from the design, over the form people fill, to what they would pay.

`choice_design` decides which alternatives are shown together, `write_experiment_form` lays them out
as a form, `answers_of` and `choices_of` read what comes back, `experiment_dataset` makes it a dataset of
the store, and the logits estimate tastes:
`multinomial_logit`, `nested_logit`, `latent_class_logit`, `mixed_logit`. `willingness_to_pay` turns
them into money. `made_fillings` lets made people of known tastes fill the real form.
"""

from pk_research.products.experiments.answers import Choices, answers_of, choices_of
from pk_research.products.experiments.attributes import Attribute
from pk_research.products.experiments.data import ChoiceData, choice_data
from pk_research.products.experiments.design import ChoiceDesign, choice_design
from pk_research.products.experiments.iia import IiaCheck, iia_check
from pk_research.products.experiments.kept import KeptExperiment, experiment_dataset, experiment_of
from pk_research.products.experiments.latent import LatentClass, choose_segments, latent_class_logit
from pk_research.products.experiments.mixed import MixedLogit, mixed_logit
from pk_research.products.experiments.model import ChoiceModel
from pk_research.products.experiments.multinomial import multinomial_logit
from pk_research.products.experiments.nested import NestedLogit, nested_logit
from pk_research.products.experiments.questionnaire import (
    ExperimentTexts,
    experiment_form,
    write_experiment_form,
)
from pk_research.products.experiments.respondents import (
    KnownTastes,
    made_answers,
    made_choices,
    made_fillings,
)
from pk_research.products.experiments.sample_size import SampleSize, sample_size
from pk_research.products.experiments.wtp import WillingnessToPay, willingness_to_pay

__all__ = [
    "Attribute",
    "ChoiceData",
    "ChoiceDesign",
    "ChoiceModel",
    "Choices",
    "ExperimentTexts",
    "IiaCheck",
    "KeptExperiment",
    "KnownTastes",
    "LatentClass",
    "MixedLogit",
    "NestedLogit",
    "SampleSize",
    "WillingnessToPay",
    "answers_of",
    "choice_data",
    "choice_design",
    "choices_of",
    "choose_segments",
    "experiment_dataset",
    "experiment_form",
    "experiment_of",
    "iia_check",
    "latent_class_logit",
    "made_answers",
    "made_choices",
    "made_fillings",
    "mixed_logit",
    "multinomial_logit",
    "nested_logit",
    "sample_size",
    "willingness_to_pay",
    "write_experiment_form",
]

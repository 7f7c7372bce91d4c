"""Where the figures about products come from: submissions kept as datasets or made ones, and the limits."""

from __future__ import annotations

from pk_research.apps.products.material import Material
from pk_research.apps.products.model import BUYERS, MARKET, PLAN, PLANTS, VILLAGE, ProductsModel
from pk_research.apps.provenance import Choice, Origin, origin_html, origin_of, shipped
from pk_research.language import Bilingual, Message
from pk_research.products.catalogue import product_label


def products_origin_html(model: ProductsModel, tab: str, figure: Bilingual) -> str:
    """Return where a figure of a tab comes from; nothing where there are no candidates.

    Parameters
    ----------
    model
        What was chosen.
    tab
        One of `products.model.TABS`.
    figure
        Which figure.
    """
    if tab == MARKET:
        origin = _of_market(model)
    elif model.material is None:
        return ""
    else:
        origin = _of_material(model, model.material, tab)
    return origin_html(origin, figure, model.language)


def _of_material(model: ProductsModel, material: Material, tab: str) -> Origin:
    from pk_research.products.flagship.usual import N_DRAWS

    choices: dict[str, list[Choice]] = {
        PLAN: [
            (Message("At most so many villages for one product"), model.most_villages),
            (Message("At most so many villages of a kecamatan with the same product"),
             model.most_in_kecamatan),
            (Message("At least so many villages for a product to be taken up"), model.least_villages),
        ],
        PLANTS: [
            (Message("Product"), product_label(model.product, model.language)),
            (Message("Number of plants"), model.n_plants),
            (Message("A supply may come from as far as (km)"), model.max_km),
        ],
    }  # fmt: skip
    data = data_of(material, with_needs=tab == BUYERS)
    intervals = model.flagships.intervals if tab == VILLAGE and model.flagships is not None else None
    if intervals is None:
        return data.with_choices(choices.get(tab, []))
    return data.with_choices([(Message("Draws"), N_DRAWS)], seed=intervals.seed)


def data_of(material: Material, *, with_needs: bool) -> Origin:
    """Return the tables behind candidates, and behind needs: those of the store, or those that are made."""
    from pk_research.apps.products.made.tables import CANDIDATES, DEMAND, HERE

    stored = origin_of((*material.sources, *(material.demand_sources if with_needs else ())))
    files = [] if material.sources else [shipped(HERE / CANDIDATES)]
    if with_needs and not material.demand_sources and len(material.demand):
        files.append(shipped(HERE / DEMAND))
    made = material.made or (with_needs and material.is_demand_made)
    return Origin((*stored.data, *files), made=made)


def _of_market(model: ProductsModel) -> Origin:
    from pk_research.apps.products.market import N_PEOPLE, SEED
    from pk_research.apps.products.market_html import level_text

    experiment = model.experiment
    if experiment is None:
        return Origin((), made=False)
    chosen: list[Choice] = [
        (Message(heading, {"what": one}), level_text(one, offer[one.name], model.language))
        for offer, heading in ((model.ours, "{what}, your product"), (model.rival, "{what}, the rival"))
        for one in experiment.attributes
    ]
    chosen.append((Message("Purchases in the whole market a month"), model.choices_month))
    if model.material is not None and model.material.experiment_sources:
        seed = None if model.shares is None else model.shares.seed
        return origin_of(model.material.experiment_sources).with_choices(chosen, seed=seed)
    return Origin((), made=True).with_choices(
        [(Message("Answers of made people"), N_PEOPLE), *chosen], seed=SEED
    )

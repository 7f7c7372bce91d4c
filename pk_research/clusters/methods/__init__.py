"""Ways to group villages, all of one form.

Every method is a pure function: villages and numbers of groups in, one `Grouping` for each number
out (`hdbscan` finds the number itself and returns one)::

    method(villages, ks, *, ..., seed=0, n_jobs=None) -> tuple[Grouping, ...]

====================  ================================  ==========================================
Method                Villages                          For
====================  ================================  ==========================================
`k_means`             `Points` of `distinct_points`     compact groups of similar extent
`gaussian_mixture`    `Points`                          overlapping groups; probabilities, BIC
`ward`                `Points`                          a tree: groups within groups
`hdbscan`             `Points`                          groups of any form, and villages in none
`spatial_ward`        `Points` of `each_village`        regions, each in one piece
`k_medoids`           `Mixed` of `mixed`                gaps, grades, categories; real villages
`latent_classes`      `Mixed` without numbers           answers by category; probabilities, BIC
`famd_k_means`        `Mixed` without gaps              numbers and categories, large data
====================  ================================  ==========================================

Labels are those of the distinct points (``labels[points.index]`` for the villages), so villages
that are the same always share a group, and the order of the rows, the number of workers and the
hash seed change nothing. No method keeps a table of all pairs above a stated size (`MATRIX_ROWS`,
`EXACT_POINTS`, `EXACT_VILLAGES`); what is done instead is said in ``notes``.
"""

from pk_research.clusters.methods.components import famd_k_means
from pk_research.clusters.methods.density import hdbscan
from pk_research.clusters.methods.grouping import NO_TYPE, Grouping
from pk_research.clusters.methods.hierarchy import ward
from pk_research.clusters.methods.kmeans import k_means
from pk_research.clusters.methods.latent_class import latent_classes
from pk_research.clusters.methods.medoids import pam
from pk_research.clusters.methods.mixture import gaussian_mixture
from pk_research.clusters.methods.regions import each_village, spatial_ward
from pk_research.clusters.methods.representatives import k_medoids

__all__ = [
    "NO_TYPE",
    "Grouping",
    "each_village",
    "famd_k_means",
    "gaussian_mixture",
    "hdbscan",
    "k_means",
    "k_medoids",
    "latent_classes",
    "pam",
    "spatial_ward",
    "ward",
]

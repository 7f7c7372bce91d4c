"""The made survey as files: written once, read like any other survey."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pk_research import sources
from pk_research.register import load_register
from pk_research.sample.questionnaire import CODEBOOK
from pk_research.sample.readme import readme_text
from pk_research.sample.survey import FILE_NAME, NAME, SEED, csv_bytes, make_sample
from pk_research.settings import project_folder
from pk_research.sources.dataset import Dataset
from pk_research.sources.package import from_json, package_of, sidecar_path, to_json

PLANTED_FILE = "planted_errors.csv"


def sample_folder() -> Path:
    """Return the folder of the sample in the project.

    Examples
    --------
    >>> sample_folder().name
    'sample'
    """
    return project_folder() / "data" / "sample"


def load_sample(*, folder: Path | None = None) -> Dataset:
    """Load the made survey as it came back, through the readers any survey goes through.

    Parameters
    ----------
    folder
        Where it is; the project's own by default.

    Returns
    -------
    Dataset
        ``provenance.made`` is True. Missing codes are missing, spellings of a category are one;
        slips, duplicates and wrong codes are still there, for `quality` to find.

    Raises
    ------
    NotFound
        When there is no sample in the folder.
    """
    return sources.load((folder or sample_folder()) / FILE_NAME)


def load_planted(*, folder: Path | None = None) -> pd.DataFrame:
    """Load the list of the gaps and errors of the sample beside the truth, all text but ``n``."""
    path = (folder or sample_folder()) / PLANTED_FILE
    return pd.read_csv(path, dtype="str", keep_default_na=False).astype({"n": "int64"})


def write_sample(folder: Path, *, seed: int = SEED) -> tuple[Path, ...]:
    """Make the survey and write it with its codebook, its planted errors and its README.

    Parameters
    ----------
    folder
        Made when it does not exist; files of the same name are replaced.
    seed
        Of every draw; the same seed gives the same bytes.

    Returns
    -------
    tuple of Path
        The files written.
    """
    made = make_sample(load_register(), seed=seed)
    collected = csv_bytes(made.collected.frame)
    contents = {
        FILE_NAME: collected,
        sidecar_path(folder / FILE_NAME).name: _descriptor(made.collected, collected).encode(),
        f"{NAME}.codebook.csv": CODEBOOK.to_csv().encode(),
        PLANTED_FILE: csv_bytes(made.planted),
        "README.md": readme_text(made.planted, n_rows=len(made.collected.frame), seed=seed).encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in contents)


def _descriptor(collected: Dataset, content: bytes) -> str:
    """Write the descriptor without the hash by which `sources.load` knows what needs no cleaning."""
    package = from_json(package_of(collected, Path(FILE_NAME), content), where=FILE_NAME)
    del package["resources"][0]["hash"]
    return to_json(package)

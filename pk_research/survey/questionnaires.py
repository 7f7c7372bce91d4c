"""The house's own questionnaires: the XLSForms in `data/questionnaires/`, found by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pk_research.codebook import Codebook
from pk_research.errors import NotFound, Problem
from pk_research.register import Register, load_register
from pk_research.settings import project_folder
from pk_research.survey.codebook_of_form import codebook_of, repeats_of
from pk_research.survey.definition import Form
from pk_research.survey.resources import files_beside
from pk_research.survey.xlsform import CompiledForm, compile_xlsform
from pk_research.survey.xlsform.types import FROM_FILE, kind_of_type, list_of_type
from pk_research.survey.xlsform.workbook import read_workbook
from pk_research.writing import write_files

FOLDER = Path("data", "questionnaires")
VILLAGES_FILE = "villages.csv"
KECAMATAN_FILE = "kecamatan.csv"


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire on disk.

    Attributes
    ----------
    name
        Its identifier, the same as the file's name: ``village_potential``.
    title
        What people call it, in both languages.
    version
        Raised with every change.
    path
        The XLSForm.
    files
        The lists attached to it.
    """

    name: str
    title: str
    version: str
    path: Path
    files: tuple[Path, ...]

    def compile(self, *, cache: Path | None = None) -> CompiledForm:
        """Compile it; ``cache`` as for `compile_xlsform`."""
        return compile_xlsform(self.path, cache=cache)

    def open(self, *, cache: Path | None = None) -> Form:
        """Compile it and read it with its lists, ready to be filled."""
        return self.compile(cache=cache).open(resource=files_beside(self.path.parent))

    def attachments(self) -> dict[str, bytes]:
        """Return the content of the attached lists by name, as `store.forms.publish` takes them."""
        return {path.name: path.read_bytes() for path in self.files}


def questionnaires(project: Path | None = None) -> tuple[Questionnaire, ...]:
    """Return the house's questionnaires, by name.

    Parameters
    ----------
    project
        Folder that holds ``data/``; the checkout by default.

    Raises
    ------
    NotFound
        When there is no folder of questionnaires.

    Examples
    --------
    >>> "village_potential" in [one.name for one in questionnaires()]
    True
    """
    folder = (project or project_folder()) / FOLDER
    if not folder.is_dir():
        raise NotFound(Problem(str(folder), "there is no such folder", "Give the folder that holds data/."))
    # Excel keeps a file ~$name.xlsx beside one that is open
    return tuple(_read(path) for path in sorted(folder.glob("[!~]*.xlsx")))


def find_questionnaire(name: str, project: Path | None = None) -> Questionnaire:
    """Return one questionnaire.

    Raises
    ------
    NotFound
        When there is none of that name, with the names there are.

    Examples
    --------
    >>> find_questionnaire("village_potential").path.name
    'village_potential.xlsx'
    """
    known = {one.name: one for one in questionnaires(project)}
    if name not in known:
        raise NotFound(
            Problem(name, "there is no questionnaire of that name", f"Choose {', '.join(known) or 'none'}.")
        )
    return known[name]


def _read(path: Path) -> Questionnaire:
    book = read_workbook(path)
    cells = {name: sheet.records() for name in ("settings", "survey") if (sheet := book.sheet(name))}
    _, settings = next(iter(cells.get("settings", ())), (0, {}))
    types = [row.get("type", "") for _, row in cells.get("survey", ())]
    names = dict.fromkeys(list_of_type(type_) for type_ in types if kind_of_type(type_) in FROM_FILE)
    return Questionnaire(
        name=settings.get("form_id", path.stem),
        title=settings.get("form_title", path.stem),
        version=settings.get("version", ""),
        path=path,
        files=tuple(path.parent / name for name in names),
    )


def codebooks_of(form: Form, name: str) -> Mapping[str, Codebook]:
    """Return a form's codebooks by file name: of the root table, and of every repeat.

    Examples
    --------
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance></model></h:head><h:body/></h:html>''')
    >>> list(codebooks_of(form, "desa"))
    ['desa.codebook.csv']
    """
    books = {f"{name}.codebook.csv": codebook_of(form)}
    for path in repeats_of(form):
        books[f"{name}.{path.rpartition('/')[2]}.codebook.csv"] = codebook_of(form, path)
    return books


def village_lists(register: Register) -> Mapping[str, bytes]:
    """Return the lists questionnaires choose a village from, by file name.

    Parameters
    ----------
    register
        The villages on offer.

    Examples
    --------
    >>> lists = village_lists(load_register())
    >>> lists["kecamatan.csv"].decode().splitlines()[:2]
    ['name,label', '321601,Tarumajaya']
    """
    villages = [(v.code, v.name, v.kecamatan_code, v.kecamatan, v.kind) for v in register]
    return {
        KECAMATAN_FILE: _csv(("name", "label"), register.kecamatan().items()),
        VILLAGES_FILE: _csv(("name", "label", "kecamatan_code", "kecamatan", "kind"), villages),
    }


def write_derived(project: Path | None = None) -> tuple[Path, ...]:
    """Write what follows from the forms and the register: codebooks and village lists.

    Run it after a form was changed.

    Returns
    -------
    tuple of Path
        The files written.
    """
    folder = (project or project_folder()) / FOLDER
    lists = write_files(village_lists(load_register()), folder)
    books: dict[str, bytes] = {}
    for one in questionnaires(project):
        books |= {name: book.to_csv().encode() for name, book in codebooks_of(one.open(), one.name).items()}
    return (*lists, *write_files(books, folder))


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()

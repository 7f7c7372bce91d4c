"""Writing the site: all of it, or nothing."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

from pk_research import __version__
from pk_research.apps.findings.downloads import as_csv, as_workbook
from pk_research.apps.findings.potential_html import standing
from pk_research.apps.frame import STYLE
from pk_research.apps.markup import say
from pk_research.apps.site.content import Content, Grid, gather
from pk_research.apps.site.layout import Page, html_of
from pk_research.apps.site.pages import pages_of
from pk_research.disclosure import Release, Rules, record_release, withheld_message
from pk_research.errors import BadInput, NotReady, Problem
from pk_research.language import LANGUAGES, Language, Message, number_text, translate
from pk_research.settings import Settings
from pk_research.store import Store
from pk_research.store.actors import Actor
from pk_research.writing import csv_bytes, marked

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
MANIFEST = "site.json"
DIGEST = 12
ROOT = re.compile(r"/(?:[\w.~-]+/)*", re.ASCII)


@dataclass(frozen=True)
class Site:
    """A site as it was written.

    Attributes
    ----------
    folder
        Where it lies.
    n_pages, n_bytes
        Pages of HTML, and bytes of all files.
    content_hash
        SHA-256 over the names and hashes of all files: equal for equal sites.
    """

    folder: Path
    n_pages: int
    n_bytes: int
    content_hash: str


def publish_site(
    settings: Settings, store: Store, folder: Path, *, by: Actor, grid: Grid | None = None, root: str = "/"
) -> Site:
    """Compute every exhibit, write the site, and note in the audit log what left.

    Parameters
    ----------
    settings
        The boundaries for maps.
    store
        The data to show.
    folder
        A new or empty folder, or an earlier site, which is replaced in one step.
    by
        Who publishes.
    grid
        The choices to compute before.
    root
        As in `write_site`.

    Raises
    ------
    BadInput
        When the folder holds something else, or the root is no such address.
    NotReady
        When there is no dataset to show, or the folder cannot be written.
    """
    _check(folder, root)
    content = gather(store, grid=grid, boundaries=settings.boundaries)
    site = write_site(content, folder, root=root)
    record_release(store, _released(content), by=by, purpose="static site of findings", to="everybody")
    return site


def write_site(content: Content, folder: Path, *, root: str = "/") -> Site:
    """Write the pages, both languages, and what they need.

    Parameters
    ----------
    content
        From `gather`.
    folder
        As in `publish_site`.
    root
        Address of the site on its server, such as ``/`` or ``/findings/``. Links are relative, so that the
        site works anywhere, also as files; but the page that says that there is no such page is sent for
        any address, and needs it.
    """
    _check(folder, root)
    files = dict(_files(content, root))
    manifest = {name: sha256(body).hexdigest() for name, body in sorted(files.items())}
    content_hash = sha256(json.dumps(manifest).encode()).hexdigest()
    about = {
        "program": __version__,
        "data": content.entry.content_hash,
        "site": content_hash,
        "files": manifest,
    }
    files[MANIFEST] = (json.dumps(about, indent=1) + "\n").encode()
    _put(files, folder)
    n_pages = sum(name.endswith(".html") for name in files)
    return Site(folder, n_pages, sum(map(len, files.values())), content_hash)


def _check(folder: Path, root: str) -> None:
    if not ROOT.fullmatch(root):
        raise BadInput(Problem("root", f"it is {root!r}", "Write it as '/' or '/findings/'."))
    if folder.exists() and not folder.is_dir():
        raise BadInput(Problem(str(folder), "it is a file", "Name a folder."))
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        what = "it holds files that are no earlier site"
        raise BadInput(Problem(str(folder), what, "Name a new or empty folder."))


def _put(files: Mapping[str, bytes], folder: Path) -> None:
    """Write beside the folder, then take its place: a reader finds the old site or the new one."""
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
        try:
            for name, body in files.items():
                path = part / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
            part.chmod(0o755)
            old = part.with_name(f"{part.name}-old")
            if folder.exists():
                folder.rename(old)
            part.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        what = f"it cannot be written ({error.strerror})"
        raise NotReady(Problem(str(folder), what, "Check the disk, or name another folder.")) from error


def _files(content: Content, root: str) -> dict[str, bytes]:
    style = STYLE.read_text(encoding="utf-8") + (ASSETS / "site.css").read_text(encoding="utf-8")
    files = {"assets/site.css": style.encode(), "assets/site.js": (ASSETS / "site.js").read_bytes()}
    for language in LANGUAGES:
        below = "" if language == LANGUAGES[0] else f"{language}/"
        offered = _downloads(content, language)
        files |= {f"{below}unduh/{name}": body for name, (_, body) in offered.items()}
        files[f"{below}data/villages.json"] = _villages(content)
        if content.weighted:
            files[f"{below}data/potential.json"] = _weighted(content, language)
        for page in (*pages_of(content, language, root=root), _downloads_page(offered, language)):
            files[f"{below}{page.path}"] = html_of(page, content, language).encode()
    return files


def _villages(content: Content) -> bytes:
    """Return codes, names and kecamatan, for the search."""
    rows = [
        [code, content.name(code), content.area(code)]
        for code in sorted(content.villages, key=lambda code: (content.name(code), code))
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _weighted(content: Content, language: Language) -> bytes:
    """Return the ranks by weights: for each, villages by number in order, with ranks, intervals, scores."""
    codes = sorted(next(iter(content.weighted.values()))["village_code"])
    number = {code: n for n, code in enumerate(codes)}
    tables = {
        "-".join(map(str, weights)): [
            [number[row.village_code], int(row.rank), int(row.low), int(row.high), round(float(row.score), 1)]
            for row in rows.itertuples()
        ]
        for weights, rows in content.weighted.items()
    }
    villages = [[code, content.name(code), content.area(code)] for code in codes]
    told = {"villages": villages, "tables": tables, "language": language}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _downloads(content: Content, language: Language) -> dict[str, tuple[Message, bytes]]:
    """Return the files to take away, by name: what each is, and its bytes."""
    name = content.entry.name
    found = {}
    for year in content.years:
        typology = content.types.get((year, content.grid.numbers[0]))
        if typology is not None:
            values = {"year": "" if year is None else str(year)}
            for make, text in (
                (as_csv, "Village types {year}, table"),
                (as_workbook, "Village types {year}, workbook"),
            ):
                file = make(typology, name, language)
                found[file.name] = (Message(text, values), file.content)
    made = content.entry.made
    for year, potential in content.potentials.items():
        rows = standing(potential)
        place = [column for column in ("village_code", "village", "kecamatan") if column in rows]
        table = marked(
            rows[[*place, "rank", "low", "high", "score"]].reset_index(drop=True), language, made=made
        )
        marks = f"-{translate('made-example', language)}" if made else ""
        file_name = f"{translate('economic-potential', language)}-{name}-{year}{marks}.csv"
        found[file_name] = (
            Message("Economic potential {year}: ranks, intervals, scores", {"year": str(year)}),
            csv_bytes(table),
        )
    dictionary = f"{translate('data-dictionary', language)}-{name}.csv"
    shown = content.dataset.codebook.to_csv().encode()
    found[dictionary] = (Message("What each variable means"), shown)
    return found


def _downloads_page(offered: Mapping[str, tuple[Message, bytes]], language: Language) -> Page:
    rows = "".join(
        f"<li><a href='unduh/{escape(name, quote=True)}' download>{escape(what.text(language))}</a>"
        f"<small>{escape(name)} · {number_text(len(body) / 1000, language, 0)} kB ·"
        f" SHA-256 {sha256(body).hexdigest()[:DIGEST]}</small></li>"
        for name, (what, body) in offered.items()
    )
    body = f"<h1>{say('Downloads', language)}</h1><ul class='pk-files'>{rows}</ul>"
    return Page("downloads.html", Message("Downloads"), body, "downloads", Message("Tables to take away"))


def _released(content: Content) -> Release:
    """Return what leaves with the site: values by village of the compared indicators, nothing of persons."""
    typology = content.types[content.latest, content.grid.numbers[0]]
    shown = [typology.code_column, *(variable.name for variable in typology.variables)]
    frame = typology.villages[shown]
    n_kept_back = len(set(content.dataset.frame.columns) - set(frame.columns))
    what = Message("columns of the dataset that are not shown one by one")
    few = withheld_message(content.n_blanked)
    return Release(
        frame,
        dict.fromkeys(frame.columns, "open"),
        ((what, n_kept_back), (few, content.n_blanked)),
        None,
        Rules(),
        content.entry.content_hash,
    )

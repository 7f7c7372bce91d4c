"""Pictures and pieces of pages: complete, readable in grey and in both languages, safe to show."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from village_tables import dataset_of, dataset_of_values, idm_dataset

from pk_research import clusters
from pk_research.clusters import boundaries, pictures
from pk_research.clusters.html import legend_html, map_svg, tile_grid_html
from pk_research.errors import BadInput, NotFound, NotReady
from pk_research.language import Message
from pk_research.palette import colours, contrast, ink_on, luminance


@pytest.fixture(scope="module")
def typology() -> clusters.Typology:
    """Twelve villages of two kecamatan, one of them without a value, one with a name to escape."""
    codes = [f"3216{kecamatan:02d}200{n}" for kecamatan in (1, 2) for n in range(1, 7)]
    frame = pd.DataFrame({"village_code": codes, "year": 2024})
    frame["village"] = ["<b>Setia & Asih</b>", *(f"Desa {n}" for n in range(2, 13))]
    frame["kecamatan"] = ["Tarumajaya"] * 6 + ["Babelan"] * 6
    frame["iks"] = [0.9, 0.91, 0.92, 0.5, 0.51, None, 0.9, 0.53, 0.52, 0.93, 0.94, 0.5]
    frame["ike"] = [0.8, 0.82, 0.81, 0.4, 0.42, 0.41, 0.8, 0.4, 0.41, 0.83, 0.81, 0.4]
    return clusters.find_types(dataset_of(frame, made=True), ["iks", "ike"], k_range=range(2, 5))


def square(code: str, x: float) -> dict[str, object]:
    ring = [[x, -6.0], [x + 0.1, -6.0], [x + 0.1, -6.1], [x, -6.1], [x, -6.0]]
    hole = [[x + 0.04, -6.04], [x + 0.06, -6.04], [x + 0.06, -6.06], [x + 0.04, -6.04]]
    geometry = {"type": "Polygon", "coordinates": [ring, hole]}
    return {"type": "Feature", "properties": {"kode": code, "nama": f"Batas {code}"}, "geometry": geometry}


@pytest.fixture
def outlines(tmp_path, typology) -> Path:
    """Boundaries of all villages but the last, and of one the data does not have."""
    codes = [*typology.villages["village_code"][:-1], *typology.left_out["village_code"], "3216992001"]
    dotted = [f"{c[:2]}.{c[2:4]}.{c[4:6]}.{c[6:]}" for c in codes]
    path = tmp_path / "villages.geojson"
    features = [square(code, 107 + n / 10) for n, code in enumerate(dotted)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def texts(figure) -> str:
    return " ".join(
        text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))
    ).replace("\n", " ")


@pytest.mark.parametrize("k", range(2, 11))
def test_colours_read_in_grey_and_numbers_read_on_them(k):
    light = [luminance(colour) for colour in colours(k)]
    assert (np.diff(light) > 0.01).all()
    assert all(contrast(colour, ink_on(colour)) >= 4.5 for colour in colours(k))


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("width_px", [380, 1200])
def test_every_picture_is_drawn_at_the_width_asked_for(typology, outlines, language, width_px):
    drawn = [
        pictures.plot_choice(typology, language, width_px=width_px),
        pictures.plot_profile(typology, language, width_px=width_px),
        pictures.plot_tiles(typology, language, width_px=width_px),
        pictures.plot_map(typology, outlines, language, width_px=width_px),
        pictures.plot_shares(typology, language, by="kecamatan", width_px=width_px),
    ]
    made = {"id": "Data buatan", "en": "Made data"}[language]
    for figure in drawn:
        figure.canvas.draw()
        assert figure.get_figwidth() * figure.dpi == width_px
        assert made in texts(figure)


def test_pictures_leave_no_global_state(typology):
    import matplotlib.pyplot as plt

    pictures.plot_profile(typology, "en")
    typology.plot("id")
    assert plt.get_fignums() == []


def test_every_village_has_its_tile(typology):
    shown = texts(pictures.plot_tiles(typology, "en")).split()
    assert sum(text in {"1", "2"} for text in shown) == len(typology.villages)
    assert {"Tarumajaya", "Babelan"} <= set(shown)


def test_the_map_says_what_it_does_not_show(typology, outlines):
    told = texts(pictures.plot_map(typology, outlines, "en"))
    assert "Villages without a boundary, so not on the map (1): Desa 12" in told
    assert "Boundaries without a village in the data (1): 3216992001" in told


def test_places_are_a_map_tiles_or_shares(typology, outlines, monkeypatch):
    assert "map" in texts(pictures.plot_places(typology, "en", boundaries=outlines))
    assert "by kecamatan" in texts(pictures.plot_places(typology, "en"))
    monkeypatch.setattr(pictures, "MOST_PLACES", 5)
    assert "Villages (11)" in texts(pictures.plot_places(typology, "en"))
    with_regency = replace(
        typology, villages=typology.villages.assign(province=None, regency=["Bekasi"] * 10 + [None])
    )
    shown = texts(pictures.plot_places(with_regency, "en"))
    assert "Bekasi (10)" in shown
    assert "– (1)" in shown
    with pytest.raises(BadInput, match="no column 'province'"):
        pictures.plot_shares(typology, "en")


def test_boundaries_of_none_of_the_villages_give_tiles_and_a_note(typology, tmp_path):
    path = tmp_path / "kecamatan.geojson"
    features = [square("32.16.01", 107.0), square("32.16.02", 107.1)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    shown = texts(pictures.plot_places(typology, "en", boundaries=path))
    assert "by kecamatan" in shown
    assert "The boundaries given have none of these villages, so that there is no map" in shown


def test_labels_with_dollar_signs_and_backslashes_are_drawn_as_they_are(typology):
    label = "Harga ($) \\frac{"
    first, second = typology.variables
    named = replace(
        typology,
        title=label,
        variables=(replace(first, label_id=label, label_en=label), replace(second, label_en="$x$")),
        names=(Message("high {label}", {"label": label}), Message("low {label}", {"label": "$^{2$"})),
        villages=typology.villages.assign(kecamatan="$\\alpha{$"),
    )
    for draw in (pictures.plot_profile, pictures.plot_tiles, pictures.plot_choice):
        for width_px in (380, 1200):
            figure = draw(named, "en", width_px=width_px)
            figure.savefig(io.BytesIO(), format="svg", bbox_inches="tight")
            assert label in texts(figure)


def test_too_many_villages_are_not_drawn_one_by_one():
    many = clusters.find_types(
        dataset_of_values(np.random.default_rng(0).normal(size=(1_600, 2))), ["x1", "x2"], k=2, n_starts=1
    )
    with pytest.raises(BadInput, match="draw the shares by region"):
        pictures.plot_tiles(many, "en")
    with pytest.raises(NotReady, match="Find types without giving k"):
        pictures.plot_choice(many, "en")


class Page(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def with_code(self) -> dict[str, dict[str, str | None]]:
        return {about["data-village-code"]: about for _, about in self.tags if "data-village-code" in about}


def test_the_tile_grid_has_every_village_with_name_and_type(typology):
    page = Page(tile_grid_html(typology, "id", selected="3216022001"))
    tiles = page.with_code()
    assert len(tiles) == 12
    assert tiles["3216012001"]["title"] == "<b>Setia & Asih</b>: Tipe 1: semua indikator tinggi"
    assert tiles["3216012006"]["title"] == "Desa 6: Disisihkan"
    assert [code for code, about in tiles.items() if "aria-current" in about] == ["3216022001"]
    assert "b" not in {tag for tag, _ in page.tags}


def test_pages_say_that_the_data_is_made(typology, outlines):
    for piece in (
        tile_grid_html(typology, "en"),
        legend_html(typology, "en"),
        map_svg(typology, outlines, "en"),
    ):
        assert "Made data (an example), not observed." in piece


def test_the_legend_counts_the_villages(typology):
    shown = re.sub(r"<style>.*?</style>|<[^>]+>", " ", legend_html(typology, "en"), flags=re.DOTALL)
    assert "Type 1: high on every indicator (6)" in shown
    assert "Left out (1)" in shown


def test_the_svg_map_has_one_path_a_boundary(typology, outlines):
    svg = map_svg(typology, outlines, "en", selected="3216012002")
    paths = Page(svg).with_code()
    assert len(paths) == 12
    assert "pk-selected" in paths["3216012002"]["class"]
    assert paths["3216012001"]["d"].count("M") == 2
    assert "3216992001: Not in the data" in svg
    assert "&lt;b&gt;Setia &amp; Asih&lt;/b&gt;" in svg


@pytest.mark.parametrize(
    "text",
    ["", "[1, 2]", '{"features": [{"properties": {}, "geometry": {"type": "Point"}}]}', '{"features": []}'],
)
def test_files_that_hold_no_boundaries_are_refused(tmp_path, text):
    path = tmp_path / "wrong.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"wrong\.geojson"):
        boundaries.read_outlines(path)
    with pytest.raises(NotFound, match="no such file"):
        boundaries.read_outlines(tmp_path / "absent.geojson")


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": [[]]},
    ],
)
def test_polygons_without_rings_are_listed_among_the_problems(tmp_path, geometry):
    path = tmp_path / "empty.geojson"
    empty = {"type": "Feature", "properties": {"kode": "32.16.01.2001"}, "geometry": geometry}
    features = [square("32.16.01.2002", 107.0), empty, empty]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with pytest.raises(BadInput, match=r"feature 2.*without a ring") as caught:
        boundaries.read_outlines(path)
    assert len(caught.value.problems) == 2


def test_numbers_stand_inside_a_village_that_bends():
    horseshoe = np.array(
        [[0, 0], [10, 0], [10, 10], [8, 10], [8, 2], [2, 2], [2, 10], [0, 10], [0, 0]], float
    )
    x, y = boundaries.inside_point((horseshoe,))
    assert 0 < x < 2 or 8 < x < 10
    assert 2 < y < 10


def test_the_real_map_of_bekasi_is_complete_and_light(shared):
    path = shared / "data" / "boundaries" / "bekasi_desa_kelurahan.geojson"
    codes = [outline.code for outline in boundaries.read_outlines(path)]
    values = np.random.default_rng(1).normal(size=(len(codes), 2))
    frame = pd.DataFrame({"village_code": codes, "x1": values[:, 0], "x2": values[:, 1]})
    typology = clusters.find_types(dataset_of(frame), ["x1", "x2"], k=4)
    svg = map_svg(typology, path, "id")
    assert len(Page(svg).with_code()) == 187
    assert len(svg.encode()) < 200_000


def test_a_real_regency_is_drawn(shared):
    dataset = idm_dataset(shared / "data" / "idm-2024" / "idm2024_karawang.csv")
    typology = clusters.find_types(dataset, ["iks", "ike", "ikl"])
    for figure in (
        pictures.plot_places(typology, "id"),
        pictures.plot_shares(typology, "id", by="kecamatan"),
    ):
        figure.canvas.draw()
        assert "IDM 2024" in texts(figure)
    assert len(Page(tile_grid_html(typology, "id")).with_code()) == 297

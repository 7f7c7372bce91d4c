"""IDM of the made villages: whole score points, calibrated to the published status counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pk_research.indicators import idm
from pk_research.indicators.idm.formula import UNITS, UNITS_PER_POINT
from pk_research.sample.district.chance import Array
from pk_research.sample.district.ground import Answers, Ground, only

N_BY_STATUS_2022 = {"Berkembang": 59, "Maju": 69, "Mandiri": 52}
"""Desa of Kabupaten Bekasi by IDM status in 2022, as published."""
_LOWEST, _HIGHEST = 0.622, 0.962
_CUTOFFS = (0.7072, 0.8155)
_CLEAR_OF_CUTOFF = 0.003
_GROWTH = (0.0, 0.011, 0.021)
_ROOM = {"iks": (96, 174), "ike": (24, 59), "ikl": (5, 15)}


def development(ground: Ground, known: Mapping[str, npt.NDArray[Any]]) -> Answers:
    """Derive sub-indices, IDM and status; missing for kelurahan.

    A village's IDM follows from its services, roads, market, bank and BUMDes, with noise. In 2022
    the ranking is cut so that the published numbers of Berkembang, Maju and Mandiri result; later
    years grow from there.
    """
    target = _targets(ground, _services(ground, known))
    points = _points(ground, known, target)
    flat = pd.DataFrame({index: values.ravel() for index, values in points.items()})
    value = idm.idm_from_points(flat)
    columns = {index: idm.sub_index_from_points(flat[index], index) for index in idm.SUB_INDICES}
    published = pd.DataFrame({**columns, "idm": value}).round(4).to_numpy().reshape(*ground.shape, 4)
    status = idm.status(value).astype(object).to_numpy().reshape(ground.shape)
    answers: Answers = {
        name: only(published[:, :, n], ground.is_desa) for n, name in enumerate((*idm.SUB_INDICES, "idm"))
    }
    return {**answers, "idm_status": only(status, ground.is_desa)}


def _services(ground: Ground, known: Mapping[str, npt.NDArray[Any]]) -> Array:
    first = {name: values[:, 0] for name, values in known.items()}
    parts = np.column_stack(
        [
            first["internet_pct"],
            first["clean_water_pct"],
            -np.log(first["market_km"]),
            2 * (first["road_condition"] == "Baik") + (first["road_condition"] == "Sedang"),
            first["bank"] == "Ada",
            first["bumdes"] == "Ada",
            ground.governance,
        ]
    ).astype(float)
    standard = (parts - parts.mean(axis=0)) / parts.std(axis=0)
    return np.asarray(standard.sum(axis=1) + 2.0 * ground.chance.normal("idm", (len(parts),)))


def _targets(ground: Ground, services: Array) -> Array:
    desa = ground.is_desa[:, 0]
    order = np.argsort(services[desa], kind="stable")
    low, middle, high = N_BY_STATUS_2022.values()
    start, end = _CUTOFFS
    ranked = np.concatenate(
        [
            np.linspace(_LOWEST, start - _CLEAR_OF_CUTOFF, low),
            np.linspace(start + _CLEAR_OF_CUTOFF, end - _CLEAR_OF_CUTOFF, middle),
            np.linspace(end + _CLEAR_OF_CUTOFF, _HIGHEST, high),
        ]
    )
    by_desa = np.empty(len(ranked))
    by_desa[order] = ranked
    target = np.full(ground.shape, 0.75)
    target[desa] = by_desa[:, None]
    noise = 0.008 * ground.chance.normal("idm, year", ground.shape)
    noise[:, 0] = 0
    return np.asarray(np.minimum(target + np.array(_GROWTH) + noise, _HIGHEST))


def _points(ground: Ground, known: Mapping[str, npt.NDArray[Any]], target: Array) -> dict[str, Array]:
    calm = known["disaster"][:, :1] == "Tidak ada"
    level = (target - 0.76) / 0.09
    n, _ = ground.shape
    ikl = np.rint(10.7 + 1.5 * level + 1.0 * calm + 0.9 * ground.chance.normal("ikl", (n, 1)))
    ike = np.rint(44.5 + 6.5 * level + 2.5 * ground.chance.normal("ike", (n, 1)))
    points = {"ikl": ikl.clip(*_ROOM["ikl"]), "ike": ike.clip(*_ROOM["ike"])}
    return _fill(points, np.rint(target * UNITS))


def _fill(points: dict[str, Array], units: Array) -> dict[str, Array]:
    """Give IKS the points that bring IDM to its target, IKE and IKL those that IKS has no room for."""
    low, high = _ROOM["iks"]
    ike, ikl = points["ike"], points["ikl"]
    for _ in range(60):
        rest = units - UNITS_PER_POINT["ike"] * ike - UNITS_PER_POINT["ikl"] * ikl
        iks = np.rint(rest / UNITS_PER_POINT["iks"])
        over, under = iks > high, iks < low
        full = over & (ike >= _ROOM["ike"][1])
        empty = under & (ike <= _ROOM["ike"][0])
        ikl = (ikl + full - 1.0 * empty).clip(*_ROOM["ikl"])
        ike = (ike + over - 1.0 * under).clip(*_ROOM["ike"])
    return {"iks": iks.clip(low, high), "ike": ike, "ikl": ikl}

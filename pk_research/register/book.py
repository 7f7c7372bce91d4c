"""The register of villages: which codes exist, and what they were before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from pk_research.register.gazetteer import Gazetteer
from pk_research.register.village import Village


@dataclass(frozen=True, eq=False)
class Register:
    """Villages in the order of their codes.

    Attributes
    ----------
    villages
        Every village once.
    old_codes
        Code out of use -> the code in use; entries whose village is not here are of no effect.
    """

    villages: tuple[Village, ...]
    old_codes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.villages)

    def __iter__(self) -> Iterator[Village]:
        return iter(self.villages)

    def by_code(self, code: str) -> Village | None:
        """Return the village that has a code now.

        Parameters
        ----------
        code
            10 digits; see `normalise_code` for other forms.
        """
        return self._by_code.get(code)

    def by_old_code(self, code: str) -> Village | None:
        """Return the village that had a code before it changed.

        Parameters
        ----------
        code
            10 digits, out of use.
        """
        return self._by_code.get(self.old_codes.get(code, ""))

    def kecamatan(self) -> Mapping[str, str]:
        """Return code -> name of every kecamatan, in order of the codes."""
        return self._kecamatan

    def has_regency(self, code: str) -> bool:
        """Tell whether the register holds villages of a regency.

        Parameters
        ----------
        code
            4 digits.
        """
        return code in self._regencies

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The names, indexed."""
        return Gazetteer(self.villages)

    @cached_property
    def _kecamatan(self) -> Mapping[str, str]:
        names = {village.kecamatan_code: village.kecamatan for village in self.villages}
        return MappingProxyType(dict(sorted(names.items())))

    @cached_property
    def _regencies(self) -> frozenset[str]:
        return frozenset(village.regency_code for village in self.villages)

    @cached_property
    def _by_code(self) -> dict[str, Village]:
        return {village.code: village for village in self.villages}

"""The band of a claim: the values that support it, fixed before any result is seen."""

import re
from dataclasses import dataclass
from typing import Self

SINGLE_RUN = "single run"
"""The band of a claim about one published run: its value lies where single runs of ours do."""

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_KINDS: dict[str, str] = {
    rf"= *{_NUMBER}": "exactly",
    rf"> *{_NUMBER}": "above",
    rf"< *{_NUMBER}": "below",
    rf"{_NUMBER} +to +{_NUMBER}": "between",
}


@dataclass(frozen=True)
class Band:
    """The values that support one part of a claim.

    Attributes
    ----------
    kind
        `above`, `below`, `between`, `exactly` (one value), or `single run`.
    lower, upper
        Bounds; infinite where there is none. Those of a single run follow from our runs.
    universal
        Whether every single case must lie inside: judged on the worst case, without an interval.
    """

    kind: str
    lower: float
    upper: float
    universal: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one band: `= 13002`, `> 0.9`, `< 0.03`, `0.955 to 0.965`, one of these after `all`, or `single run`.

        Raises
        ------
        ValueError
            If it is none of these.
        """
        if text.strip() == SINGLE_RUN:
            return cls(SINGLE_RUN, float("-inf"), float("inf"))
        universal, _, rest = text.strip().rpartition("all ")
        for pattern, kind in _KINDS.items():
            if not universal.strip() and (match := re.fullmatch(pattern, rest.strip())):
                numbers = [float(number) for number in match.groups()]
                lower = float("-inf") if kind == "below" else numbers[0]
                upper = float("inf") if kind == "above" else numbers[-1]
                if lower > upper:
                    raise ValueError(f"band '{text}' ends before it begins; write the smaller number first")
                return cls(kind, lower, upper, text.strip().startswith("all "))
        raise ValueError(
            f"band '{text}' is not understood; write '= 13002', '> 0.9', '< 0.03' or '0.955 to 0.965', "
            "with 'all' before it for a claim about every single case, 'single run' for a published run that is "
            "compared with runs of ours, and ';' between the bands of several parts"
        )


def parse_bands(text: str) -> tuple[Band, ...]:
    """Read the bands of all parts of a claim, separated by `;`; ValueError as `Band.parse`."""
    return tuple(Band.parse(part) for part in text.split(";"))

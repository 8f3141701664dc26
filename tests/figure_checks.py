"""Which figures a claim can have."""

from downhill.config.claim import Claim
from downhill.errors import DownhillError
from downhill.orchestration.checks import check_figure


def accepted(claim: Claim, figure: str) -> bool:
    """Whether the check before the first job lets a claim have a figure."""
    try:
        check_figure(claim, figure, "a claim")
    except DownhillError:
        return False
    return True

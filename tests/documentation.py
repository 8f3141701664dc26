"""The figures of the README: copies of those that `make` draws, with the numbers behind them.

    python -m tests.documentation             compares the recorded numbers with those in results/
    python -m tests.documentation --update    copies figures and numbers from results/ to docs/figures/

On the kind of processor that drew the figures, the numbers are the same. On another kind, rounding differs, and so do
trained weights, as if the seeds were others. Numbers therefore agree if they differ by less than the width of the
recorded interval, which is 2.8 standard errors of the difference of two studies, or by less than 0.002, since the
interval has no width where all seeds have the same value.
"""

import re
import shutil
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parents[1]
FIGURES = HERE / "docs" / "figures"
NUMBERS = FIGURES / "claims.csv"
COLUMNS = ["claim", "part", "verdict", "value", "lower", "upper", "n"]


def shown() -> list[str]:
    """Names of the figures in the README, without suffix."""
    return re.findall(r"\(docs/figures/([a-z0-9-]+)\.png\)", (HERE / "README.md").read_text(encoding="utf-8"))


def numbers(results: Path) -> pd.DataFrame:
    """The rows of `claims.csv` behind the figures of the README."""
    table = pd.read_csv(results / "claims.csv")
    kept = [claim for claim in table.claim if any(name.startswith(f"{claim}-") for name in shown())]
    return table[table.claim.isin(kept)][COLUMNS].reset_index(drop=True)


def disagreements(recorded: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """What the README's figures show differently from the results, one sentence for each claim or number."""
    if recorded[["claim", "part"]].to_csv() != found[["claim", "part"]].to_csv():
        return [f"the figures show {', '.join(recorded.claim)}; the README needs {', '.join(found.claim)}"]
    sentences = []
    for (_, old), (_, new) in zip(recorded.iterrows(), found.iterrows(), strict=True):
        room = 0.0 if pd.isna(old.lower) else max(old.upper - old.lower, 0.002)
        sentences += [
            f"{old.claim}: {key} was {old[key]} and is {new[key]}"
            for key in ("verdict", "n")
            if old[key] != new[key]
        ]
        sentences += [
            f"{old.claim}: {key} was {old[key]} and is {new[key]}, which differs by more than {room:.3g}"
            for key in ("value", "lower", "upper")
            if not (pd.isna(old[key]) and pd.isna(new[key])) and not abs(old[key] - new[key]) <= room
        ]
    return sentences


def update(results: Path) -> None:
    """Copy the figures of the README, and the numbers behind them."""
    for name in shown():
        shutil.copy(results / "figures" / f"{name}.png", FIGURES / f"{name}.png")
    numbers(results).to_csv(NUMBERS, index=False, lineterminator="\n")


def main() -> int:
    """Compare or update; returns the exit status."""
    results = HERE / "results"
    if not (results / "claims.csv").is_file():
        print(f"{results / 'claims.csv'} does not exist; run `make` first", file=sys.stderr)
        return 1
    if "--update" in sys.argv[1:]:
        update(results)
        return 0
    found = disagreements(pd.read_csv(NUMBERS), numbers(results))
    for sentence in found:
        print(sentence, file=sys.stderr)
    if found:
        print(
            "The figures in docs/figures/ no longer show what this version measures: run "
            "`python -m tests.documentation --update`, and look at them.",
            file=sys.stderr,
        )
    else:
        print("The figures of the README agree with the results.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

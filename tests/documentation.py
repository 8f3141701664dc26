"""What the README and the gallery show of the results: copies of figures, a table of verdicts, and their numbers.

    python -m tests.documentation             compares the recorded numbers with those in results/
    python -m tests.documentation --update    copies figures, table and numbers from results/

On the kind of processor that made the copies, the numbers are the same. On another kind, rounding differs, and so do
trained weights, as if the seeds were others. Numbers therefore agree if they differ by less than the width of the
recorded interval, which is 2.8 standard errors of the difference of two studies, or by less than 0.002, since the
interval has no width where all seeds have the same value.
"""

import re
import shutil
import sys
from pathlib import Path

import pandas as pd

from downhill.report.claim_cells import cells
from downhill.storage.json_files import read_json

HERE = Path(__file__).parents[1]
README = HERE / "README.md"
PAGES = (README, HERE / "docs" / "gallery.md")
FIGURES = HERE / "docs" / "figures"
NUMBERS = FIGURES / "claims.csv"
COLUMNS = ["claim", "part", "verdict", "value", "lower", "upper", "n"]


HEADINGS = ("verdict", "statement", "statistic", "interval", "n", "supported when")
TABLE = re.compile(r"(?<=<!-- verdicts -->\n).*?(?=<!-- end of verdicts -->)", flags=re.DOTALL)


def shown() -> list[str]:
    """Names of the figures on the pages, without suffix."""
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    return re.findall(r"\((?:docs/)?figures/([a-z0-9-]+)\.png\)", "".join(texts))


def rows() -> list[list[str]]:
    """Cells of the README's table of verdicts, row by row: the claim, then the `HEADINGS`."""
    table = TABLE.search(README.read_text(encoding="utf-8"))
    assert table
    lines = table[0].strip().splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


def table_of(results: Path) -> str:
    """The README's table of verdicts with the numbers of `results`."""
    lines = [f"| claim | {' | '.join(HEADINGS)} |", f"|{'---|' * (len(HEADINGS) + 1)}"]
    for claim, *_ in rows():
        found = cells(read_json(results / "claims" / f"{claim}.json"))
        lines.append(f"| `{claim}` | {' | '.join(found[heading] for heading in HEADINGS)} |")
    return "\n".join(lines) + "\n"


def numbers(results: Path) -> pd.DataFrame:
    """The rows of `claims.csv` behind the figures and the table of verdicts."""
    table = pd.read_csv(results / "claims.csv")
    listed = {claim for claim, *_ in rows()}
    kept = [
        claim
        for claim in table.claim
        if claim in listed or any(name.startswith(f"{claim}-") for name in shown())
    ]
    return table[table.claim.isin(kept)][COLUMNS].reset_index(drop=True)


def disagreements(recorded: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """What the pages show differently from the results, one sentence for each claim or number."""
    if recorded[["claim", "part"]].to_csv() != found[["claim", "part"]].to_csv():
        return [
            f"numbers of {', '.join(recorded.claim)} are recorded; the pages show {', '.join(found.claim)}"
        ]
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
    """Copy the figures, the table of verdicts, and the numbers behind them."""
    for name in shown():
        shutil.copy(results / "figures" / f"{name}.png", FIGURES / f"{name}.png")
    text = README.read_text(encoding="utf-8")
    README.write_text(TABLE.sub(lambda _: table_of(results), text), encoding="utf-8")
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
            "README.md and docs/gallery.md no longer show what this version measures: run "
            "`python -m tests.documentation --update`, and look at them.",
            file=sys.stderr,
        )
    else:
        print("README.md and docs/gallery.md agree with the results.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

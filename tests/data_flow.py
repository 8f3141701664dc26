"""The picture of the data flow in docs/, drawn from the rules themselves.

    python -m tests.data_flow     writes docs/data-flow.svg

Snakemake plans the quick study in a temporary folder, with one more claim, so that no rule is missing. Each rule gets a
box, in an order in which the data flows, with what it reads and writes; a line leads from each rule to the rules that
read its files.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from xml.sax.saxutils import escape

import yaml

from tests.single_runs import add_claim

HERE = Path(__file__).parents[1]
PICTURE = HERE / "docs" / "data-flow.svg"

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8c6d00", "#56b4e9")
WIDTH, MARGIN, LANE, LINE, GAP = 960, 14, 16, 17, 18
CHARACTERS = 116  # that fit into one line of a box


@dataclass
class Rule:
    """What one rule does: its docstring, the files it writes, and those it reads by the rule that makes them."""

    name: str
    text: str = ""
    writes: list[str] = field(default_factory=list)
    reads: dict[str, list[str]] = field(default_factory=dict)


def lay_out(folder: Path) -> None:
    """Copy what Snakemake needs to plan a study, so that nothing is noted in the working directory."""
    for name in ("workflow/rules", "workflow/report", "profiles", "config"):
        shutil.copytree(HERE / name, folder / name)
    shutil.copy2(HERE / "workflow" / "Snakefile", folder / "workflow")
    added = add_claim(folder / "config")
    quick = folder / "config" / "quick.yaml"
    settings = yaml.safe_load(quick.read_text(encoding="utf-8"))
    settings["select"]["claims"].append(added)
    quick.write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "resources").mkdir()
    (folder / "resources" / "bundled").symlink_to(HERE / "resources" / "bundled")


def printed(folder: Path, *options: str) -> str:
    """What Snakemake prints for the quick study in a folder."""
    words = [sys.executable, "-m", "snakemake", "--configfile", "config/quick.yaml", *options]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout + done.stderr


def general(path: str, wildcards: dict[str, str]) -> str:
    """A path with the names of wildcards in place of their values, as in `results/runs/{network}/…`."""
    path = re.sub(r"^results/quick/", "results/", path)
    path = re.sub(r"compiled-[0-9a-f]+$", "compiled-{digest}", path)
    if {"first", "last"} <= wildcards.keys():
        path = re.sub(r"/seeds-\d+-\d+(?=[/.])", "/seeds-{first}-{last}", path)
    for name, value in wildcards.items():
        if name not in ("first", "last"):
            path = re.sub(rf"(?<=/){re.escape(value)}(?=[/.])", f"{{{name}}}", path)
    return path


def jobs(plan: str) -> Iterator[tuple[str, dict[str, str], list[str], list[str]]]:
    """Rule, wildcards, inputs and outputs of each job in a printed plan."""
    for name, block in re.findall(r"^(?:local)?rule (\w+):\n((?: +.*\n)+)", plan, flags=re.MULTILINE):
        lines = dict(re.findall(r"^ +(\w+): (.*)$", block, flags=re.MULTILINE))
        wildcards = dict(pair.split("=", 1) for pair in lines.get("wildcards", "").split(", ") if pair)
        yield (
            name,
            wildcards,
            *([path for path in lines.get(key, "").split(", ") if path] for key in ("input", "output")),
        )


def rules() -> list[Rule]:
    """All rules, each after those whose files it reads."""
    with TemporaryDirectory() as folder:
        lay_out(Path(folder))
        listed = printed(Path(folder), "--list-rules")
        # Snakemake lists jobs that do not depend on each other in any order.
        plan = sorted(
            jobs(printed(Path(folder), "--dry-run", "--forceall")), key=lambda job: (job[0], job[3])
        )
    names = re.findall(r"^(\w+)(?: \((.*)\))?$", listed, flags=re.MULTILINE)
    found = {name: Rule(name, text) for name, text in names}
    made = {
        path: (name, general(path, wildcards)) for name, wildcards, _, outputs in plan for path in outputs
    }
    for name, _, inputs, outputs in plan:
        rule = found[name]
        for _, path in map(made.__getitem__, outputs):
            if path not in rule.writes:
                rule.writes.append(path)
        for maker, path in (made[path] for path in inputs if path in made):
            files = rule.reads.setdefault(maker, [])
            if path not in files:
                files.append(path)
    return in_order(found)


def in_order(found: dict[str, Rule]) -> list[Rule]:
    """Rules after those that they read from, and otherwise by name."""
    ordered: list[Rule] = []
    while waiting := sorted(found.keys() - {rule.name for rule in ordered}):
        done = {rule.name for rule in ordered}
        ordered.append(found[next(name for name in waiting if found[name].reads.keys() <= done)])
    return ordered


def in_words(paths: list[str]) -> str:
    """Files by folder: `results/figures/: {figure}.svg, {figure}.png`. Records of provenance are left out."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name != "provenance.json":
            folders.setdefault(folder, []).append(name)
    return "; ".join(f"{folder}/: {', '.join(names)}" for folder, names in folders.items())


def lines_of(rule: Rule) -> list[tuple[str, str]]:
    """The lines in a rule's box: a word that says what kind of line it is, and the text."""
    reads = "; ".join(
        f"{', '.join(dict.fromkeys(path.rpartition('/')[2] for path in paths))} ({maker})"
        for maker, paths in rule.reads.items()
    )
    if rule.name == "all":
        reads = f"the results of {', '.join(sorted(rule.reads))}"
    lines = []
    for kind, text in (("reads", reads), ("writes", in_words(rule.writes))):
        for place, line in enumerate(wrap(text, CHARACTERS, break_on_hyphens=False)):
            lines.append(("" if place else kind, line))
    return lines


def lanes(ordered: list[Rule]) -> dict[str, int]:
    """The vertical lane of each rule whose files are read; lanes are shared where they do not overlap."""
    place = {rule.name: row for row, rule in enumerate(ordered)}
    ends = {
        name: max(place[rule.name] for rule in ordered if name in rule.reads)
        for rule in ordered
        for name in rule.reads
    }
    taken: list[set[int]] = []
    chosen = {}
    for name in sorted(ends, key=lambda name: (ends[name] - place[name], place[name])):
        rows = set(range(place[name], ends[name] + 1))
        chosen[name] = next((lane for lane, used in enumerate(taken) if not used & rows), len(taken))
        if chosen[name] == len(taken):
            taken.append(set())
        taken[chosen[name]] |= rows
    return chosen


def picture(ordered: list[Rule]) -> str:
    """The picture as SVG; the same text for the same rules."""
    lane = lanes(ordered)
    left = MARGIN + LANE * (max(lane.values()) + 2)
    boxes, tops, exits, y = [], {}, {}, MARGIN
    for rule in ordered:
        lines = lines_of(rule)
        height = LINE * (1 + len(lines)) + 12
        tops[rule.name], exits[rule.name] = y, y + height - 9
        boxes += [
            f'<g id="rule-{rule.name}">',
            f'<rect x="{left}" y="{y}" width="{WIDTH - left - MARGIN}" height="{height}" rx="5"/>',
            f'<text x="{left + 10}" y="{y + 19}"><tspan class="rule">{rule.name}</tspan>'
            f'<tspan dx="10">{escape(rule.text)}</tspan></text>',
        ]
        for place, (kind, text) in enumerate(lines, start=1):
            at = y + 19 + LINE * place
            boxes += [
                *([f'<text class="kind" x="{left + 10}" y="{at}">{kind}</text>'] if kind else []),
                f'<text class="files" x="{left + 58}" y="{at}">{escape(text)}</text>',
            ]
        boxes.append("</g>")
        y += height + GAP
    height = y - GAP + MARGIN
    flows = []
    for number, rule in enumerate(rule for rule in ordered if rule.name in lane):
        x, colour = left - LANE * (lane[rule.name] + 1), COLOURS[number % len(COLOURS)]
        readers = [reader for reader in ordered if rule.name in reader.reads]
        start = exits[rule.name]
        # Each rule's files arrive at a height of their own, so that lines do not cover each other.
        ends = {
            reader.name: tops[reader.name] + 8 + 6 * list(reader.reads).index(rule.name) for reader in readers
        }
        flows.append(f'<path d="M {left} {start} H {x} V {max(ends.values())}" stroke="{colour}"/>')
        for name, end in ends.items():
            arrow = f"M {left - 8} {end - 3.5} L {left} {end} L {left - 8} {end + 3.5} z"
            flows += [
                f'<path data-from="{rule.name}" data-to="{name}" d="M {x} {end} H {left - 4}" stroke="{colour}"/>',
                f'<path class="filled" d="{arrow}" fill="{colour}"/>',
                f'<circle cx="{x}" cy="{end}" r="2.5" fill="{colour}"/>',
            ]
    named = ", ".join(rule.name for rule in ordered)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            'aria-labelledby="title description">',
            '<title id="title">How data flows through the rules of the workflow</title>',
            f'<desc id="description">One box for each rule, from top to bottom: {named}. Lines lead from a rule to the '
            "rules that read its files.</desc>",
            "<!-- made by `python -m tests.data_flow` -->",
            "<style>text { font: 13px 'DejaVu Sans', Verdana, sans-serif; fill: #222 } .rule { font-weight: bold }",
            ".kind { font-style: italic; fill: #555; font-size: 11px }",
            ".files { font-family: 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: 11px }",
            "rect { fill: #f7f7f7; stroke: #888 } path { stroke-width: 1.6 }",
            "path:not(.filled) { fill: none }</style>",
            f'<path class="filled" d="M 0 0 H {WIDTH} V {height} H 0 z" fill="white"/>',
            *flows,
            *boxes,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(rules()), encoding="utf-8", newline="\n")
    print(f"wrote {PICTURE.relative_to(HERE)}")

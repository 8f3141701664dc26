"""A small study with claims of all kinds, and with a playground, whose pages the tests look at."""

from pathlib import Path

import yaml

from tests.cluster.study import lay_out, snakemake

# An exact number, several of them, worst cases, Student's t, Wilson's score and the bootstrap; shares, points,
# correlations and counts; one figure, two and three; networks, experiments and neither.
CLAIMS = (
    *("parameter-count", "strength-and-tendency", "brightest-neuron", "training-helps", "ninety-six"),
    *("can-memorise", "step-size-example", "steepest", "start-decides", "untrained-is-terrible"),
    "better-on-all",
)
# Networks of the playground that these claims do not use: a training to replay, and twins.
NETWORKS = ("lesson-replay", "few-64-true", "few-64-shuffled")
SETTINGS = {
    "select": {"claims": list(CLAIMS), "networks": list(NETWORKS)},
    "limits": {"seeds": 4, "epochs": 2, "training_images": 2000},
    "statistics": {"resamples": 500},
}


def made(project: Path) -> Path:
    """Lay out the study in a new folder and run it; returns its results."""
    lay_out(project)
    (project / "config" / "page.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    snakemake(project, "--cores", "2", "--configfile", "config/page.yaml")
    return project / "results"

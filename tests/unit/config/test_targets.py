"""Files that Snakemake is asked for: mistyped names are reported with the one that was probably meant."""

import pytest

from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.stages import STAGES
from downhill.orchestration.targets import check_targets

from .study_files import CONFIG, Files, experiments, load


@pytest.fixture
def study(files: Files) -> Study:
    files[CONFIG] |= {"results": "out/", "resources": "downloads"}
    experiments(weights={"function": "network.weights_and_biases", "networks": ["lesson"]})(files)
    return load(files)


def test_every_file_of_a_study_is_accepted(study: Study):
    for stage in STAGES.values():
        check_targets(study, [file for key in stage.jobs(study) for file in stage.files(study, key)])


def test_data_that_the_study_does_not_use_may_be_asked_for(study: Study):
    tables = study.tables.model_copy(
        update={
            "sources": study.tables.sources | {"more": study.tables.sources["mnist"]},
            "datasets": study.tables.datasets | {"many": study.tables.datasets["few"]},
        }
    )
    words = ["downloads/more/train-images-idx3-ubyte", "out/data/many/dataset.npz"]
    check_targets(study.model_copy(update={"tables": tables}), words)


@pytest.mark.parametrize(
    "word",
    ["", "--cores", "2", "summarise", "out", "out/", "out/other.csv", "elsewhere/claims/none.json", "-n"],
)
def test_other_words_are_accepted(word: str, study: Study):
    check_targets(study, [word])


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("out/evaluation/lessom/index.json", "this study has no network 'lessom'; did you mean 'lesson'?"),
        (
            "./out//runs/lessom/seeds-0-9/weights.npz",
            "this study has no network 'lessom'; did you mean 'lesson'?",
        ),
        ("out/../out/data/fw/dataset.npz", "this study has no data set 'fw'; did you mean 'few'?"),
        (
            "out/runs/lesson/seeds-9-0/weights.npz",
            "network 'lesson' has no job for the seeds 9-0; there are: 0-9",
        ),
        ("out/data/fw/dataset.npz", "this study has no data set 'fw'; did you mean 'few'?"),
        ("out/claims/ninty-six.json", "this study has no claim 'ninty-six'; did you mean 'ninety-six'?"),
        ("out/measurements/x.json", "this study has no claim 'x'; there are: ninety-six, wider"),
        (
            "out/figures/wider-memorized.svg",
            "this study has no figure 'wider-memorized'; did you mean 'wider-memorised'?",
        ),
        (
            "out/experiments/weights/wide/seeds-0-3.npz",
            "this study has no experiment 'weights/wide'; did you mean 'weights/lesson'?",
        ),
        (
            "out/runs/lesson/seeds-0-3/weights.npz",
            "network 'lesson' has no job for the seeds 0-3; did you mean '0-9'?",
        ),
        (
            "out/playground.html",
            "this study has nothing to assemble, since the setting playground names no table, or none of its networks "
            "are in the study",
        ),
        (
            "out/figures/published-runs.svg",
            "this study has nothing to compare, since none of its claims has the band 'single run'",
        ),
        ("downloads/mnst/train-images-idx3-ubyte", "this study has no source 'mnst'; did you mean 'mnist'?"),
    ],
)
def test_mistyped_names_are_reported(target: str, sentence: str, study: Study):
    with pytest.raises(DownhillError) as caught:
        check_targets(study, ["--cores", "2", target])
    assert str(caught.value) == f"{target}: {sentence}"


def test_exports_of_a_study_without_them_are_refused_with_the_reason(files: Files):
    files[CONFIG] |= {"exports": "none"}
    with pytest.raises(DownhillError, match=r"nothing to export, since the setting exports is none$"):
        check_targets(load(files), ["results/exports.csv"])

"""Settings: what is accepted, how errors are reported, and how a study is divided into jobs."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downhill.config.canonical import canonical
from downhill.config.claim import Claim
from downhill.config.dataset import EitherSource
from downhill.config.network import Network
from downhill.config.reading import did_you_mean, merge
from downhill.config.schema import SCHEMAS, with_reference, write_reference, write_schemas
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.checks import check_study
from downhill.orchestration.stages import STAGES
from downhill.planning.cost import work_of_block

from .study_files import (
    CLAIMS,
    CONFIG,
    CURVE,
    DATASETS,
    DRAWINGS,
    FILES,
    NETWORKS,
    NOISE,
    REPOSITORY,
    SURFACE,
    Files,
    as_table,
    both,
    claim,
    dataset,
    generated,
    load,
    network,
    published_run,
    refused,
    setting,
    source,
    whole,
    without,
    written,
)

IN_WIDE = f"{NETWORKS}, line 3, network 'wide'"
IN_WIDE_DATA = f"{NETWORKS}, network 'wide': "
IN_WIDER = f"{CLAIMS}, line 3, claim 'wider'"
LAYERS = "is not a list of widths; write 16-16, or none for no hidden layers"
QUOTE = "should be text; put it in quotes"
BATCH = "is not a batch size; write a whole number above 0, or full"
NO_COLUMN = "is missing; add it (separated by tabs)"
ACTIVATIONS = "is not one of sigmoid, tanh, relu, leaky_relu, linear, step"

# What is wrong, a function that makes the mistake, and how the message must begin.
MISTAKES: list[tuple[str, Callable[[Files], None], str]] = [
    ("unknown key", setting(limit={}), f"{CONFIG}: unknown key 'limit'; did you mean 'limits'?"),
    ("unknown inner key", setting(limits={"seed": 2}), f"{CONFIG}: unknown key 'limits.seed'; did you mean 'seeds'?"),
    (
        "unknown key like no other",
        setting(limits={"qqqq": 2}),
        f"{CONFIG}: unknown key 'limits.qqqq'; there are: seeds, epochs, training_images",
    ),
    (
        "unknown key of a source's file",
        source(files={"train_image": {"name": "a"}}),
        f"{DATASETS}: unknown key 'sources.mnist.files.train_image'; did you mean 'train_images'?",
    ),
    (
        "unknown key of a data set",
        dataset(train_images=3),
        f"{DATASETS}: unknown key 'datasets.few.train_images'; did you mean 'training_images'?",
    ),
    ("number for a mapping", setting(limits=5), f"{CONFIG}, limits: 5 should be a mapping of `key: value` lines"),
    ("limit not a number", setting(limits={"seeds": "many"}), f"{CONFIG}, limits.seeds: 'many' should be a whole"),
    ("confidence of 95", setting(statistics={"confidence_level": 95}), f"{CONFIG}, statistics.confidence_level: 95 "),
    ("factor of zero", setting(seeds_factor=0), f"{CONFIG}, seeds_factor: 0 should be greater than 0"),
    ("infinite factor", setting(seeds_factor=float("inf")), f"{CONFIG}, seeds_factor: inf should be a finite number"),
    (
        "selected claim unknown",
        setting(select={"claims": ["ninety-sx"]}),
        f"{CONFIG}, select.claims: there is no claim 'ninety-sx' in {CLAIMS}; did you mean 'ninety-six'?",
    ),
    (
        "selected network unknown",
        setting(select={"claims": ["wider"], "networks": ["spar"]}),
        f"{CONFIG}, select.networks: there is no network 'spar' in {NETWORKS}; did you mean 'spare'?",
    ),
    (
        "missing configuration",
        lambda files: files.update({CONFIG: {"datasets": "config/nowhere.yaml"}}),
        "config/nowhere.yaml: cannot be read: No such file or directory; give the path of a YAML file",
    ),
    ("missing table", setting(networks="config/nets.tsv"), "config/nets.tsv: cannot be read: "),
    ("folder for a table", setting(networks="config"), "config: cannot be read: "),
    ("not YAML", whole(DATASETS, "sources: [mnist\n"), f"{DATASETS}, line 2: is not YAML: "),
    ("tab in YAML", whole(CONFIG, "limits:\n\tseeds: 3\n"), f"{CONFIG}, line 2: is not YAML: "),
    ("YAML list", whole(DATASETS, "- mnist\n"), f"{DATASETS}: must hold `key: value` lines, not a list"),
    ("YAML not in UTF-8", whole(DATASETS, b"sources: \xff\n"), f"{DATASETS}: is not UTF-8 text ("),
    ("empty YAML", whole(DATASETS, ""), f"{DATASETS}: 'sources' is missing; add it"),
    ("misspelt activation", network(activation="sigmod"), f"{IN_WIDE}, activation: 'sigmod' {ACTIVATIONS} (did you "),
    ("unknown activation", network(activation="swish"), f"{IN_WIDE}, activation: 'swish' {ACTIVATIONS}"),
    ("unknown optimizer", network(optimizer="sdg"), f"{IN_WIDE}, optimizer: 'sdg' is not one of sgd, "),
    ("negative rate", network(learning_rate="-3"), f"{IN_WIDE}, learning_rate: '-3' should be greater than 0"),
    ("infinite rate", network(learning_rate="inf"), f"{IN_WIDE}, learning_rate: 'inf' should be a finite number"),
    ("rate with a comma", network(learning_rate="3,0"), f"{IN_WIDE}, learning_rate: '3,0' should be a number"),
    ("zero batch", network(batch_size="0"), f"{IN_WIDE}, batch_size: '0' {BATCH}"),
    ("negative batch", network(batch_size="-1"), f"{IN_WIDE}, batch_size: '-1' {BATCH}"),
    ("batch in words", network(batch_size="ful"), f"{IN_WIDE}, batch_size: 'ful' {BATCH}"),
    ("batch with a superscript digit", network(batch_size="²"), f"{IN_WIDE}, batch_size: '²' {BATCH}"),
    ("layers with an x", network(hidden_layers="16x16"), f"{IN_WIDE}, hidden_layers: '16x16' {LAYERS}"),
    ("layer of width zero", network(hidden_layers="16-0"), f"{IN_WIDE}, hidden_layers: '16-0' {LAYERS}"),
    ("layer with a superscript digit", network(hidden_layers="16²"), f"{IN_WIDE}, hidden_layers: '16²' {LAYERS}"),
    ("layer too wide", network(hidden_layers="99999"), f"{IN_WIDE}, hidden_layers.0: 99999 should be less than or "),
    ("negative epochs", network(epochs="-1"), f"{IN_WIDE}, epochs: '-1' should be greater than or equal to 0"),
    (
        "momentum without its optimizer",
        network(momentum="0.9"),
        f"{IN_WIDE}: momentum above 0 has no effect with optimizer 'sgd'; use optimizer 'momentum' or 'nesterov'",
    ),
    (
        "momentum with Adam",
        network(optimizer="adam", momentum="0.9"),
        f"{IN_WIDE}: momentum above 0 has no effect with optimizer 'adam'; use optimizer 'momentum' or 'nesterov', or ",
    ),
    (
        "nesterov without its momentum",
        network(optimizer="nesterov"),
        f"{IN_WIDE}: optimizer 'nesterov' needs momentum above 0",
    ),
    *(
        (
            f"{key} without Adam",
            network(optimizer="momentum", momentum="0.9", **{key: value}),
            f"{IN_WIDE}: {key} has no effect with optimizer 'momentum'; use optimizer 'adam', or leave {key} out",
        )
        for key, value in (("beta1", "0.8"), ("beta2", "0.99"), ("epsilon", "1e-7"))
    ),
    ("beta of one", network(optimizer="adam", beta2="1"), f"{IN_WIDE}, beta2: '1' should be less than 1"),
    ("zero epsilon", network(optimizer="adam", epsilon="0"), f"{IN_WIDE}, epsilon: '0' should be greater than 0"),
    (
        "straight-through sigmoid",
        network(straight_through="true"),
        f"{IN_WIDE}: straight_through has no effect with activation 'sigmoid', which has a slope of its own; "
        "use activation 'step', or leave straight_through out",
    ),
    (
        "frozen without hidden layers",
        network(trained_layers="output", hidden_layers="none"),
        f"{IN_WIDE}: trained_layers 'output' has no effect without hidden layers, since there is no other layer; "
        "add hidden layers, or leave trained_layers out",
    ),
    (
        "neither true nor false",
        network(straight_through="maybe"),
        f"{IN_WIDE}, straight_through: 'maybe' should be true or false",
    ),
    (
        "step schedule without its period",
        network(learning_rate_schedule="step"),
        f"{IN_WIDE}: learning_rate_schedule 'step' needs decay_every, a number of epochs",
    ),
    (
        "period of a cosine schedule",
        network(learning_rate_schedule="cosine", decay_every="3"),
        f"{IN_WIDE}: decay_every has no effect with learning_rate_schedule 'cosine'; use learning_rate_schedule 'step'",
    ),
    (
        "decay factor of a constant rate",
        network(decay_factor="0.5"),
        f"{IN_WIDE}: decay_factor has no effect with learning_rate_schedule 'constant'; use learning_rate_schedule ",
    ),
    ("decay factor above one", network(decay_factor="2"), f"{IN_WIDE}, decay_factor: '2' should be less than 1"),
    ("unknown schedule", network(learning_rate_schedule="cosin"), f"{IN_WIDE}, learning_rate_schedule: 'cosin' is "),
    (
        "warm-up longer than training",
        network(epochs="5", warmup_epochs="6"),
        f"{IN_WIDE}: warmup_epochs is 6, but epochs is 5; choose at most that",
    ),
    ("label smoothing of one", network(label_smoothing="1"), f"{IN_WIDE}, label_smoothing: '1' should be less than 1"),
    (
        "snapshot after the end",
        network(epochs="5", snapshot_epochs="0, 6"),
        f"{IN_WIDE}: snapshot_epochs goes up to 6, but epochs is 5; choose epochs from 0 to 5",
    ),
    *(
        (
            f"snapshots after '{epochs}'",
            network(snapshot_epochs=epochs),
            f"{IN_WIDE}, snapshot_epochs: '{epochs}' is not a list of epochs; write whole numbers such as 0, 1, 10, ",
        )
        for epochs in ("-1", "1 2", "histroy", "0, history")
    ),
    *(
        (
            f"history of '{sets}'",
            network(history_sets=sets),
            f"{IN_WIDE}, history_sets: '{name}' is not one of train, validation, test{hint}",
        )
        for sets, name, hint in (
            ("test, tests", "tests", " (did you mean 'test'?)"),
            ("all", "all", ""),
            ("train,", "", ""),
        )
    ),
    (
        "more than all labels shuffled",
        network(shuffle_labels="1.5"),
        f"{IN_WIDE}, shuffle_labels: '1.5' should be less than or equal to 1",
    ),
    (
        "empty subset",
        network(subset_images="0"),
        f"{IN_WIDE}, subset_images: '0' should be greater than or equal to 1",
    ),
    (
        "subset larger than its data set",
        lambda files: (dataset(noise_images=9)(files), network(subset_images="310")(files)),
        f"{NETWORKS}, network 'wide': subset_images is 310, but dataset 'few' has 309 training images; choose ",
    ),
    (
        "softmax of noise",
        lambda files: (dataset(noise_images=9)(files), network(output="softmax")(files)),
        f"{NETWORKS}, network 'wide': the outputs of a softmax sum to 1, so they can never all be 0, as the "
        "noise_images of dataset 'few' require; use output 'sigmoid' or 'linear'",
    ),
    (
        "optimizer without its momentum",
        network(optimizer="momentum"),
        f"{IN_WIDE}: optimizer 'momentum' needs momentum above 0",
    ),
    (
        "cross-entropy of linear outputs",
        network(loss="cross_entropy", output="linear"),
        f"{IN_WIDE}: loss 'cross_entropy' needs outputs that are probabilities; use output 'sigmoid' or 'softmax'",
    ),
    ("seeds not a number", network(seeds="two"), f"{IN_WIDE}, seeds: 'two' should be a whole number"),
    ("half a seed", network(seeds="2.5"), f"{IN_WIDE}, seeds: '2.5' should be a whole number"),
    ("no seeds", network(seeds="0"), f"{IN_WIDE}, seeds: '0' should be greater than or equal to 1"),
    ("empty cell", network(seeds=""), f"{IN_WIDE}: 'seeds' is missing; add it"),
    ("network without a name", network(network=""), f"{NETWORKS}, line 3: 'network' is missing; add it"),
    (
        "network with a space",
        network(network="my net"),
        f"{NETWORKS}, line 3, network 'my net', network: 'my net' may contain only letters, ",
    ),
    (
        "duplicate network",
        network(network="lesson"),
        f"{NETWORKS}, line 3: the network 'lesson' is already defined in line 2; rename one",
    ),
    (
        "unknown dataset",
        network(dataset="fev"),
        f"{NETWORKS}, network 'wide': there is no dataset 'fev' in {DATASETS}; did you mean 'few'?",
    ),
    ("missing column", without("seeds", NETWORKS), f"{NETWORKS}: the column 'seeds' {NO_COLUMN}"),
    ("missing column of claims", without("band", CLAIMS), f"{CLAIMS}: the column 'band' {NO_COLUMN}"),
    ("unknown column", network(learnin_rate="3"), f"{NETWORKS}: unknown column 'learnin_rate'; did you mean 'learning"),
    (
        "column twice",
        whole(NETWORKS, "network\tdataset\tseeds\tseeds\nlesson\tfew\t3\t4\n"),
        f"{NETWORKS}: the column 'seeds' appears twice; remove one",
    ),
    (
        "too many cells",
        whole(NETWORKS, "network\tdataset\tseeds\n\n# a remark\nlesson\tfew\t3\t16-16\n"),
        f"{NETWORKS}, line 4: 4 cells, but the table has 3 columns",
    ),
    (
        "spaces for tabs",
        whole(NETWORKS, "network dataset seeds\nlesson few 3\n"),
        f"{NETWORKS}: unknown column 'network dataset seeds'; there are: ",
    ),
    ("table without rows", whole(NETWORKS, "network\tdataset\tseeds\n"), f"{NETWORKS}: has no rows; add at least one"),
    ("path as a name", network(network=".."), f"{NETWORKS}, line 3, network '..', network: '..' may contain only "),
    ("folder with a space", setting(results="my results"), f"{CONFIG}, results: 'my results' may contain only "),
    ("claims not in a list", setting(select={"claims": "wider"}), f"{CONFIG}, select.claims: write a list, [wider]"),
    ("mirrors not in a list", source(mirrors="here"), f"{DATASETS}, sources.mnist.mirrors: 'here' should be a list"),
    (
        "key twice",
        whole(CONFIG, "results: a\nresults: b\n"),
        f"{CONFIG}, line 2: is not YAML: the key 'results' appears twice; remove or rename one",
    ),
    ("empty table", whole(NETWORKS, ""), f"{NETWORKS}: is empty; its first line must name the columns, including"),
    ("table not in UTF-8", whole(NETWORKS, b"network\xff\n"), f"{NETWORKS}: is not UTF-8 text ("),
    (
        "claim without networks",
        claim(networks=""),
        f"{CLAIMS}, claim 'wider': it names neither networks nor experiments; add at least one of them",
    ),
    ("claim with a lone comma", claim(networks=","), f"{CLAIMS}, claim 'wider': it names neither networks nor "),
    (
        "claim of an unknown network",
        claim(networks="lesson,wilde"),
        f"{CLAIMS}, claim 'wider': there is no network 'wilde' in {NETWORKS}; did you mean 'wide'?",
    ),
    ("bad band", claim(band="about 0.9"), f"{IN_WIDER}, band: band 'about 0.9' is not understood; write '= 13002', "),
    (
        "band that ends before it begins",
        claim(band="1 to 0.9"),
        f"{IN_WIDER}, band: band '1 to 0.9' ends before it begins; write the smaller number first",
    ),
    (
        "band in per cent",
        claim(band="all 95 to 97", unit="share"),
        f"{CLAIMS}, claim 'wider', band: 'all 95 to 97' is not possible, since a share lies between 0 and 1 (100 %); "
        "did you mean 'all 0.95 to 0.97'?",
    ),
    (
        "number of the source in per cent",
        claim(said="96", unit="share"),
        f"{CLAIMS}, claim 'wider', said: 96 is not possible, since a share lies between 0 and 1 (100 %); did you mean "
        "0.96?",
    ),
    ("unknown unit", claim(unit="percent"), f"{IN_WIDER}, unit: 'percent' is not one of share, points, correlation, "),
    (
        "claim with a capital",
        claim(claim="Wider"),
        f"{CLAIMS}, line 3, claim 'Wider', claim: 'Wider' may contain only lower-case letters, ",
    ),
    (
        "unknown statistic",
        claim(statistic="gap_when_memorizing"),
        f"{CLAIMS}, claim 'wider', statistic: 'gap_when_memorizing' is not in "
        "workflow/downhill/claims/memorisation.py; did you mean 'gap_when_memorising'?",
    ),
    (
        "unknown figure",
        claim(figures="memorised,memorized_too"),
        f"{CLAIMS}, claim 'wider', figures: 'memorized_too' is not in workflow/downhill/figures/memorisation.py; "
        "did you mean 'memorised'?",
    ),
    (
        "unknown family",
        claim(family="remembering"),
        f"{CLAIMS}, claim 'wider', statistic: there is no family 'remembering'; it would be the module "
        "workflow/downhill/claims/remembering.py",
    ),
    (
        "module that is not a family",
        claim(family="measure", statistic="measure"),
        f"{CLAIMS}, claim 'wider', statistic: 'measure' of family 'measure' is not a statistic; name a function that "
        "declares what it gives",
    ),
    (
        "figure of another statistic",
        claim(figures="shuffled_accuracy"),
        f"{CLAIMS}, claim 'wider', figures: 'shuffled_accuracy' draws expected, which the statistic "
        "'gap_when_memorising' does not give (train, test, chance, n_images); name a figure that fits the statistic",
    ),
    (
        "one figure twice",
        claim(figures="memorised,memorised"),
        f"{CLAIMS}, claim 'wider', figures: the file 'wider-memorised' is already drawn for claim 'wider'; rename the "
        "claim, or name the figure once",
    ),
    (
        "more bands than parts",
        claim(band="> 0.1; < 1"),
        f"{CLAIMS}, claim 'wider', band: '> 0.1; < 1' has 2 part(s), but 'gap_when_memorising' has 1; write a ",
    ),
    (
        "statistic of classes on noise",
        generated(**NOISE),
        f"{CLAIMS}, claim 'ninety-six', networks: 'test_accuracy' needs networks that predict classes, but 'lesson' "
        "learns the noise of data set 'few'; name other networks, or another statistic",
    ),
    (
        "statistic that needs validation images",
        both(
            dataset(validation_images=0),
            claim(family="learning", statistic="accuracy_of_best_shape", unit="share", figures="width_depth_map"),
        ),
        f"{CLAIMS}, claim 'wider', networks: 'accuracy_of_best_shape' needs validation images, but data set 'few' of "
        f"network 'wide' has none; set validation_images of 'few' in {DATASETS}, or name other networks",
    ),
    (
        "statistic of classes on a function",
        generated(**CURVE),
        f"{CLAIMS}, claim 'ninety-six', networks: 'test_accuracy' needs networks that predict classes, but 'lesson' ",
    ),
    (
        "published run whose history does not score what its option names",
        both(network(history_sets="test"), published_run(options="quantity: train_loss", unit="number")),
        f"{CLAIMS}, claim 'wider', networks: 'single_run' needs histories that score train, but 'wide' has "
        "history_sets 'test'; add train, or name other networks",
    ),
    (
        "published run of a cost minus an accuracy",
        published_run(options="quantity: test_loss, minus: test_accuracy", unit="points"),
        f"{CLAIMS}, claim 'wider', options: the difference of test_loss and test_accuracy says nothing; name "
        "accuracies on two sets of images",
    ),
    (
        "published run of an accuracy minus itself",
        published_run(options="minus: test_accuracy", unit="points"),
        f"{CLAIMS}, claim 'wider', options: the difference of test_accuracy and test_accuracy says nothing; name "
        "accuracies on two sets of images",
    ),
    (
        "published run at an epoch after the last one",
        both(network(epochs="5"), published_run(options="epoch: 30")),
        f"{CLAIMS}, claim 'wider', options: epoch: the history of 'wide' has no epoch 30, but a row for each epoch "
        "from 1 to 5; name one of these, or change epochs or history_every of the network",
    ),
    (
        "published run at an epoch that is not recorded",
        both(network(epochs="6", history_every="2"), published_run(options="epoch: 3")),
        f"{CLAIMS}, claim 'wider', options: epoch: the history of 'wide' has no epoch 3, but a row for every 2 epochs "
        "from 2 to 6; name one of these, or change epochs or history_every of the network",
    ),
    (
        "published run on validation images where there are none",
        both(
            both(dataset(validation_images=0), network(history_sets="validation")),
            published_run(options="quantity: validation_accuracy"),
        ),
        f"{CLAIMS}, claim 'wider', networks: 'single_run' needs validation images, but data set 'few' of network "
        "'wide' has none; ",
    ),
    (
        "published run without its number",
        published_run(said=""),
        f"{CLAIMS}, claim 'wider', said: 'single_run' needs the number that the source gives; add it",
    ),
    (
        "published run with an ordinary band",
        published_run(band="> 0.9"),
        f"{CLAIMS}, claim 'wider', band: 'single_run' compares a published run with ours; write 'single run'",
    ),
    (
        "band of a published run for another statistic",
        claim(band="single run"),
        f"{CLAIMS}, claim 'wider', band: 'single run' is for a statistic that compares a published run with ours, and ",
    ),
    (
        "published run with an unknown column",
        published_run(options="quantity: test_acuracy"),
        f"{CLAIMS}, claim 'wider', options: quantity: 'test_acuracy' should be 'test_accuracy', ",
    ),
    (
        "statistic of a history that does not score all that it needs",
        lambda files: (
            network(history_sets="validation, test")(files),
            claim(family="learning", statistic="rise_with_epochs", figures="learning_curves")(files),
        ),
        f"{CLAIMS}, claim 'wider', networks: 'rise_with_epochs' needs histories that score train, test, but 'wide' "
        "has history_sets 'validation, test'; add train, or name other networks",
    ),
    (
        "setting that is no column",
        claim(
            family="learning",
            statistic="setting_of_crossing",
            options="setting: lerning_rate, threshold: 0.5",
            figures="",
        ),
        f"{CLAIMS}, claim 'wider', options: setting: 'lerning_rate' is not a column of numbers; "
        "did you mean 'learning_rate'?",
    ),
    (
        "more units than parts",
        claim(unit="share; points"),
        f"{CLAIMS}, claim 'wider', unit: 'share; points' has 2 parts, but 'gap_when_memorising' has 1; write one unit ",
    ),
    ("bad second band", claim(band="> 0.1; about 1"), f"{IN_WIDER}, band: band ' about 1' is not understood; write "),
    ("bad second unit", claim(unit="share; cm"), f"{IN_WIDER}, unit: 'cm' is not one of share, points, correlation, "),
    (
        "unknown option",
        claim(options="fited: 0.9"),
        f"{CLAIMS}, claim 'wider', options: 'gap_when_memorising' has no option 'fited'; it takes none",
    ),
    (
        "similar option",
        claim(statistic="both_fitted", options="fited: 0.9", figures=""),
        f"{CLAIMS}, claim 'wider', options: 'both_fitted' has no option 'fited'; did you mean 'fitted'?",
    ),
    (
        "option of another type",
        claim(statistic="both_fitted", options="fitted: most", figures=""),
        f"{CLAIMS}, claim 'wider', options: fitted: 'most' should be a number",
    ),
    (
        "number as text",
        claim(statistic="both_fitted", options="fitted: '0.9'", figures=""),
        f"{CLAIMS}, claim 'wider', options: fitted: '0.9' should be a number",
    ),
    (
        "option that is missing",
        claim(family="learning", statistic="setting_of_crossing", options="threshold: 0.9", figures=""),
        f"{CLAIMS}, claim 'wider', options: 'setting_of_crossing' needs the option 'setting'; add it",
    ),
    (
        "option without a value",
        claim(options="fitted"),
        f"{IN_WIDER}, options: 'fitted' has an option without a value; write options like images: 1000, kind: uniform",
    ),
    (
        "options that are not YAML",
        claim(options="fitted: [0.9"),
        f"{IN_WIDER}, options: 'fitted: [0.9' is not a list of options; write them like images: 1000, kind: uniform",
    ),
    (
        "experiment of a claim in a study without any",
        claim(experiments="weights-and-biases"),
        f"{CLAIMS}, claim 'wider': there is no experiment 'weights-and-biases' in the study; there are none",
    ),
    (
        "unknown source",
        dataset(source="mnst"),
        f"{DATASETS}: dataset 'few' names the source 'mnst', which does not exist; sources: mnist",
    ),
    (
        "source without mirrors",
        source(mirrors=[]),
        f"{DATASETS}: source 'mnist' has no mirrors; name at least one folder or address, or add generate ",
    ),
    (
        "invalid checksum",
        source(files={"train_images": {"name": "a", "sha256": "xyz"}}),
        f"{DATASETS}, sources.mnist.files.train_images.sha256: a SHA-256 is 64 lower-case hexadecimal digits; "
        "`sha256sum FILE` prints it",
    ),
    ("one class", source(classes=["0"]), f"{DATASETS}, sources.mnist.classes: ['0'] "),
    (
        "256 classes",
        source(classes=[str(label) for label in range(256)]),
        f"{DATASETS}, sources.mnist.classes: there are 256 classes; at most 255 are possible, since the label 255 "
        "stands for images of no class",
    ),
    (
        "both mirrors and generate",
        both(generated(), source(mirrors=["nowhere"])),
        f"{DATASETS}, sources.mnist: both mirrors and generate are given; keep one of them",
    ),
    (
        "classes of generated data",
        both(generated(), source(classes=["a", "b"])),
        f"{DATASETS}, sources.mnist: classes has no effect together with generate, which determines it; leave it out",
    ),
    (
        "unknown key of a generated source",
        both(generated(), source(titel="Rings")),
        f"{DATASETS}: unknown key 'sources.mnist.titel'; did you mean 'title'?",
    ),
    ("text for a source", both(generated(), lambda files: files[DATASETS]["sources"].update(mnist="rings")),
        f"{DATASETS}, sources.mnist: 'rings' should be a mapping of `key: value` lines"),
    ("text for the settings of a kind", both(generated(), source(generate="rings")),
        f"{DATASETS}, sources.mnist.generate: 'rings' should be a mapping of `key: value` lines"),
    ("nothing to generate", both(generated(), source(generate=None)),
        f"{DATASETS}, sources.mnist.generate: None should be a mapping of `key: value` lines"),
    ("no kind", generated(kind=None), f"{DATASETS}: 'sources.mnist.generate.kind' is missing; add it"),
    (
        "misspelt kind",
        generated(kind="ring"),
        f"{DATASETS}, sources.mnist.generate.kind: 'ring' is not one of xor, rings, curve, surface, uniform_noise, "
        "gaussian_noise, drawn_digits (did you mean 'rings'?)",
    ),
    ("rings without radii", generated(radii=None), f"{DATASETS}: 'sources.mnist.generate.radii' is missing; add it"),
    (
        "misspelt setting of a kind",
        generated(radius=3),
        f"{DATASETS}: unknown key 'sources.mnist.generate.radius'; did you mean 'radii'?",
    ),
    (
        "setting of another kind",
        generated(image_shape=[4, 3]),
        f"{DATASETS}: unknown key 'sources.mnist.generate.image_shape'; there are: training, test, kind, radii, sd",
    ),
    ("one ring", generated(radii=[1]), f"{DATASETS}, sources.mnist.generate.radii: [1] "),
    ("ring that is a point", generated(radii=[1, 0]), f"{DATASETS}, sources.mnist.generate.radii.1: 0 should be great"),
    (
        "two equal rings",
        generated(radii=[1, 2, 1]),
        f"{DATASETS}, sources.mnist.generate.radii: two rings have the same radius; each class needs a radius of its ",
    ),
    ("no test points", generated(test=0), f"{DATASETS}, sources.mnist.generate.test: 0 should be greater than or "),
    ("negative spread", generated(sd=-1), f"{DATASETS}, sources.mnist.generate.sd: -1 should be greater than or "),
    ("infinite spread", generated(sd=float("inf")), f"{DATASETS}, sources.mnist.generate.sd: inf should be less "),
    (
        "surface that is not a grid",
        generated(**SURFACE, test=100),
        f"{DATASETS}, sources.mnist.generate.training: 200 points do not form a square grid; choose a square number, "
        "such as 196 or 225",
    ),
    ("noise without classes", generated(**NOISE | {"classes": None}),
        f"{DATASETS}: 'sources.mnist.generate.classes' is missing; add it"),
    ("noise of 256 classes", generated(**NOISE | {"classes": [str(label) for label in range(256)]}),
        f"{DATASETS}, sources.mnist.generate.classes: there are 256 classes; at most 255 are possible, "),
    ("drawings without saying how", generated(**DRAWINGS | {"preprocessing": None}),
        f"{DATASETS}: 'sources.mnist.generate.preprocessing' is missing; add it"),
    ("drawings of another size", generated(**DRAWINGS, image_shape=[20, 20]),
        f"{DATASETS}: unknown key 'sources.mnist.generate.image_shape'; there are: training, test, kind, "
        "preprocessing"),
    ("noise without pixels", generated(**NOISE | {"image_shape": [4, 0]}),
        f"{DATASETS}, sources.mnist.generate.image_shape.1: 0 should be greater than or equal to 1"),
    *(
        (
            f"{key} of points",
            both(generated(), dataset(**{key: value})),
            f"{DATASETS}: dataset 'few': {key} is for images of pixels, but source 'mnist' has points; leave {key} out",
        )
        for key, value in (("resize", [2, 2]), ("shuffle_pixels", True), ("noise_images", 3))
    ),
    (
        "shuffled labels of noise",
        both(generated(**NOISE), dataset(shuffle_labels=0.5)),
        f"{DATASETS}: dataset 'few': shuffle_labels has no effect, since source 'mnist' has no labels; leave it out",
    ),
    (
        "all points for validation",
        both(generated(), dataset(validation_images=200)),
        f"{DATASETS}: dataset 'few': validation_images is 200, but source 'mnist' has 200 training images; choose at "
        "most 199 so that some are left to train on",
    ),
    (
        "more points than available",
        both(generated(), dataset(validation_images=50, training_images=151)),
        f"{DATASETS}: dataset 'few': training_images is 151, but 150 images are left for training; choose at most that",
    ),
    (
        "subset larger than what is generated",
        both(generated(), dataset(validation_images=50), network(subset_images="151")),
        f"{IN_WIDE_DATA}subset_images is 151, but dataset 'few' has 150 training images; choose at most that",
    ),
    (
        "softmax of generated noise",
        both(generated(**NOISE), network(output="softmax")),
        f"{IN_WIDE_DATA}the outputs of a softmax sum to 1, so they can never all be 0, as the noise of "
        "dataset 'few' requires; use output 'sigmoid' or 'linear'",
    ),
    (
        "softmax of a function",
        both(generated(**CURVE), network(output="softmax", loss="cross_entropy")),
        f"{IN_WIDE_DATA}output 'softmax' gives probabilities of classes, but the values of dataset 'few' are a ",
    ),
    (
        "cross-entropy of a function",
        both(generated(**CURVE), network(loss="cross_entropy")),
        f"{IN_WIDE_DATA}loss 'cross_entropy' is meant for classes, but the values of dataset 'few' are a function to ",
    ),
    (
        "function with label smoothing",
        both(generated(**CURVE), network(label_smoothing="0.1")),
        f"{IN_WIDE_DATA}label_smoothing has no effect on dataset 'few', which has no labels; leave it out",
    ),
    (
        "image with more pixels than inputs",
        dataset(resize=[512, 129]),
        f"{DATASETS}, datasets.few.resize: 512 x 129 is 66,048 pixels; images can have at most 65,536",
    ),
    (
        "source with more pixels than inputs",
        source(image_shape=[65_537, 1]),
        f"{DATASETS}, sources.mnist.image_shape: 65,537 x 1 is 65,537 pixels; images can have at most 65,536",
    ),
    (
        "classes of the same name",
        source(classes=["shirt", "coat", "shirt "]),
        f"{DATASETS}, sources.mnist.classes: the classes with labels 0 and 2 are both named 'shirt'; rename one",
    ),
    (
        "class without a name",
        source(classes=["shirt", " "]),
        f"{DATASETS}, sources.mnist.classes: the class with label 1 has no name; give it one",
    ),
    (
        "class with a very long name",
        source(classes=["shirt", "s" * 101]),
        f"{DATASETS}, sources.mnist.classes.1: '{'s' * 101}' should have at most 100 characters",
    ),
    ("classes yes and no", source(classes=[True, False]), f"{DATASETS}, sources.mnist.classes.0: True {QUOTE}"),
    ("classes that are numbers", source(classes=[0, 1]), f"{DATASETS}, sources.mnist.classes.0: 0 {QUOTE}"),
    ("title that is a year", setting(title=2024), f"{CONFIG}, title: 2024 {QUOTE}"),
    ("name that is a number", whole(DATASETS, "sources: {1: {}}\ndatasets: {}"), f"{DATASETS}, sources.1: 1 {QUOTE}"),
    ("date that does not exist", whole(DATASETS, "sources: 2024-13-45"), f"{DATASETS}: is not YAML: month must be in "),
    ("list as a key", whole(DATASETS, "? [a, b]\n: 1"), f"{DATASETS}, line 1: is not YAML: found unhashable key"),
    ("brackets without end", whole(DATASETS, "sources: " + "[" * 2000), f"{DATASETS}: is nested too deeply; use "),
    ("unpaired surrogate", whole(DATASETS, r'sources: "\ud800"'), f"{DATASETS}, line 1: is not YAML: the text con"),
    ("word of zero bytes", whole(DATASETS, 'sources: "\0"'), f"{DATASETS}: is not UTF-8 text (it contains zero bytes)"),
    ("a bell in a title", setting(title="a\ab"), f"{CONFIG}, title: the text contains U+0007, which cannot be "),
    ("zero byte in a title", setting(title="a\0b"), f"{CONFIG}, title: the text contains U+0000, which cannot be "),
    ("long statement", claim(statement="x" * 2001), f"{IN_WIDER}, statement: '"),
    ("long name", network(network="n" * 101), f"{NETWORKS}, line 3, network '{'n' * 101}', network: '{'n' * 101}' "),
    ("results in the working directory", setting(results="./"), f"{CONFIG}, results: './' cannot be used"),
    ("results above it", setting(results="a/.."), f"{CONFIG}, results: 'a/..' cannot be used; name a "),
    (
        "results among the downloads",
        setting(results="data/", resources="./data"),
        f"{CONFIG}: results (data) and resources (data) must be different folders, neither inside the other; choose ",
    ),
    ("more seeds than possible", network(seeds="100000001"), f"{IN_WIDE}, seeds: '100000001' should be less "),
    ("option that is a date", claim(options="said: 2024-01-01"), f"{IN_WIDER}, options: 2024-01-01 should be text, "),
    ("option within itself", claim(options="a: &a [*a]"), f"{IN_WIDER}, options.0: [[...]] refers to itself; write "),
    ("option twice", claim(options="a: 1, a: 2"), f"{IN_WIDER}, options: 'a: 1, a: 2' is not a list of options; "),
    ("options of their own", claim(options="a: 2024-13-45"), f"{IN_WIDER}, options: 'a: 2024-13-45' is not a list of "),
    (
        "quote without end",
        whole(NETWORKS, 'network\tdataset\tseeds\n"lesson\tfew\t1\n'),
        f"{NETWORKS}, line 2: cannot be read (unexpected end of data); a cell that begins with a quote must also end ",
    ),
    (
        "quote that ends too early",
        whole(NETWORKS, 'network\tdataset\tseeds\n"les"son\tfew\t1\n'),
        f"{NETWORKS}, line 2: cannot be read ('\\t' expected after '\"'); a cell that begins with a quote must also ",
    ),
    (
        "table of a spreadsheet with commas",
        whole(NETWORKS, "network,dataset,seeds\nlesson,few,1\n"),
        f"{NETWORKS}: unknown column 'network,dataset,seeds'; separate columns with tabs",
    ),
    (
        "UTF-16 without a mark",
        whole(NETWORKS, "network\tdataset\tseeds\n".encode("utf-16-le")),
        f"{NETWORKS}: is not UTF-8 text (it contains zero bytes); save it as UTF-8",
    ),
    ("keys that YAML regards as equal", whole(CONFIG, "yes: 1\ntrue: 2\n"), f"{CONFIG}, line 2: is not YAML: the key "),
    ("configuration of remarks alone", whole(CONFIG, "# later\n"), f"{CONFIG}: is empty; write at least one `k"),
    ("sign with a meaning", source(classes="[=, b]"), f"{DATASETS}, sources.mnist.classes: "),
    ("class of no width", source(classes=["a", "\u200b"]), f"{DATASETS}, sources.mnist.classes: the class with lab"),
    (
        "classes that look the same",
        source(classes=["é", "e\u0301"]),
        f"{DATASETS}, sources.mnist.classes: the classes with labels 0 and 1 are both named '",
    ),
    ("a single class", source(classes=["a"]), f"{DATASETS}, sources.mnist.classes: ['a'] should have at least "),
    ("mirror without a name", source(mirrors=[""]), f"{DATASETS}, sources.mnist.mirrors.0: the text is empty; "),
    ("table without a name", setting(networks=""), f"{CONFIG}, networks: the text is empty; fill it in"),
    ("folder with a long name", setting(results="a/" + "b" * 201), f"{CONFIG}, results: a name in the path has "),
    ("results that look like an option", setting(results="-out"), f"{CONFIG}, results: "),
    ("resources among the results", setting(resources="results/data"), f"{CONFIG}: results (results) and resources ("),
    (
        "more seeds by the factor",
        setting(seeds_factor=1e9),
        f"{NETWORKS}, network 'lesson': with seeds_factor 1e+09 it has 4,000,000,000 seeds; at most 100,000,000 are ",
    ),
    ("level near 1", setting(statistics={"confidence_level": 1 - 1e-16}), f"{CONFIG}, statistics.confidence_level: 0."),
    ("family with a long name", claim(family="x" * 300), f"{IN_WIDER}, family: "),
    ("negative noise images", dataset(noise_images=-1), f"{DATASETS}, datasets.few.noise_images: -1 should be greater"),
    ("image without pixels", dataset(resize=[0, 10]), f"{DATASETS}, datasets.few.resize.0: 0 should be greater than "),
    ("share above one", dataset(shuffle_labels=2), f"{DATASETS}, datasets.few.shuffle_labels: 2 should be less than "),
    ("bad selection", dataset(selection="last"), f"{DATASETS}, datasets.few.selection: 'last' is not one of first, "),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "beginning"), [pytest.param(*rest, id=name) for name, *rest in MISTAKES])
def test_mistake_is_reported_in_one_sentence(spoil: Callable[[Files], None], beginning: str, files: Files):
    spoil(files)
    assert refused(files).startswith(beginning)


def test_missing_configuration_is_reported(files: Files):
    with pytest.raises(
        DownhillError, match=r"^config/config\.yaml: cannot be read: No such file or directory; give"
    ):
        Study.load(CONFIG)


def test_valid_configuration_is_read(files: Files):
    study = load(files)
    assert study.networks["lesson"].hidden_layers == (16, 16)
    assert study.networks["lesson"].learning_rate == 3
    assert study.claims["ninety-six"].networks == ("lesson",)
    assert study.claims["ninety-six"].figure_ids() == (
        "ninety-six-accuracy-distribution",
        "ninety-six-confident-mistakes",
    )


def test_tables_may_have_comments_empty_lines_a_byte_order_mark_and_windows_line_ends(files: Files):
    plain = load(files)
    for name in (NETWORKS, CLAIMS):
        files[name] = "\ufeff# A remark.\n\n" + as_table(files[name]).replace("\n", "\r\n\r\n# another\r\n")
    assert load(files) == plain


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_tables_may_be_those_of_a_spreadsheet(encoding: str, files: Files):
    """Which quotes cells with quotes, ends lines with CR LF, and fills rows up with empty cells."""
    files[CLAIMS][0]["statement"] = 'It calls "noise" a five, says Größe.'
    plain = load(files)
    text = io.StringIO()
    rows = csv.writer(text, "excel-tab")
    for row in [list(files[CLAIMS][0]), *(list(row.values()) for row in files[CLAIMS])]:
        rows.writerow([*row, "", ""])
    rows.writerow([""] * 9)
    rows.writerow(['# a "remark" ', ""])
    assert '"It calls ""noise"" a five, says Größe."\t' in text.getvalue()
    if encoding == "utf-16":
        text = io.StringIO("\ufeff" + text.getvalue())
        encoding = "utf-16-be"
    files[CLAIMS] = text.getvalue().encode(encoding)
    assert load(files) == plain


def test_cells_in_quotes_may_contain_line_breaks_tabs_and_remarks(files: Files):
    files[CLAIMS][0]["statement"] = '"It gets\tabout\n# 96 %\r\n\nright."'
    files[CLAIMS][1]["band"] = "wrong"
    with pytest.raises(DownhillError, match=f"^{CLAIMS}, line 6, claim 'wider', band: "):
        load(files)
    del files[CLAIMS][1]
    assert load(files).claims["ninety-six"].statement == "It gets about # 96 % right."


@pytest.mark.parametrize("overlays", [[], ["quick"], ["full"]])
def test_shipped_configuration_loads(overlays: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(REPOSITORY)
    study = Study.load(CONFIG, *(f"config/{name}.yaml" for name in overlays))
    check_study(study)
    assert {name for one in study.claims.values() for name in one.networks} <= study.networks.keys()
    assert {name for one in study.claims.values() for name in one.experiments} <= study.experiments.keys()
    assert {row.dataset for row in study.networks.values()} <= study.tables.datasets.keys()
    figures = [figure for one in study.claims.values() for figure in one.figure_ids()]
    assert len(figures) == len(set(figures))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_files_are_in_step_with_the_models(name: str, tmp_path: Path):
    write_schemas(tmp_path)
    shipped = REPOSITORY / "config" / "schema" / f"{name}.schema.json"
    assert shipped.read_text(encoding="utf-8") == (tmp_path / shipped.name).read_text(encoding="utf-8")
    assert json.loads(shipped.read_text(encoding="utf-8")) == SCHEMAS[name].model_json_schema()


def test_reference_tables_are_in_step_with_the_models(tmp_path: Path):
    text = (REPOSITORY / "config" / "README.md").read_text(encoding="utf-8")
    assert with_reference(text) == text
    for name in SCHEMAS:
        assert f"<!-- keys of {name} -->" in text
    (tmp_path / "README.md").write_text(text.replace("| `learning_rate` |", "| `rate` |"), encoding="utf-8")
    write_reference(tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("name", "row"),
    [
        (
            "config",
            "| `limits.seeds` | Maximum number of seeds per network or experiment. | whole number ≥ 1 | empty |",
        ),
        (
            "network",
            "| `straight_through` | Only with activation `step`: backpropagation takes its slope as 1 ",
        ),
        ("network", "(straight-through). | `true` or `false` | `false` |"),
        ("network", "| list of (`train`, `validation`, `test`) | `train, validation, test` |"),
        ("network", "| list of (whole number ≥ 1, ≤ 65,536) | `16-16` |"),
        ("network", "| `batch_size` | Images per step; `full` means the whole training set. |"),
        ("datasets", "| `datasets.NAME.resize` |"),
        ("datasets", "| `sources.NAME.generate.kind` | Kind of data. | `xor`, `rings`, `curve`, "),
        ("datasets", "| `sources.NAME.generate.radii` | `rings`: radius of each ring. |"),
        ("claim", "| `unit` |"),
        ("contradiction", "| `other_source` | Who says the other sentence. | text | required |"),
        ("contradiction", "| list of (text) | required |"),
        ("claim", "| `experiments` | Experiments that it is measured on, comma-separated. |"),
        (
            "experiment",
            "| `seeds_per_job` | Seeds that one job computes. It does not change any result. | whole number ≥ 1 |",
        ),
    ],
)
def test_reference_gives_meaning_values_and_default(name: str, row: str):
    text = with_reference(f"before\n<!-- keys of {name} -->\nout of date\n<!-- end -->\nafter")
    assert row in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter")
    assert "out of date" not in text


def test_overlays_win_key_by_key(files: Files):
    files[CONFIG] |= {"limits": {"seeds": 2, "epochs": 5}, "statistics": {"resamples": 200}}
    overlay = {"limits": {"epochs": 9}, "results": "elsewhere"}
    study = load(files | {"config/overlay.yaml": overlay}, "config/overlay.yaml")
    assert study.settings.limits.model_dump() == {"seeds": 2, "epochs": 9, "training_images": None}
    assert study.settings.results == "elsewhere"
    assert study.settings.statistics.resamples == 200


trees = st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner))
mappings = st.dictionaries(st.sampled_from("abc"), trees)


@given(mappings, mappings)
def test_merge_keeps_what_the_overlay_does_not_name(base: dict[str, Any], overlay: dict[str, Any]):
    merged = merge(base, overlay)
    assert merge(base, {}) == base
    assert merge({}, overlay) == overlay
    assert merge(merged, overlay) == merged
    assert merged.keys() == base.keys() | overlay.keys()
    for key in base.keys() - overlay.keys():
        assert merged[key] == base[key]


def test_limits_cap_seeds_epochs_and_images(files: Files):
    study = load(
        files | {CONFIG: FILES[CONFIG] | {"limits": {"seeds": 5, "epochs": 2, "training_images": 50}}}
    )
    assert {name: (row.seeds, row.epochs) for name, row in study.networks.items()} == {
        "lesson": (4, 2), "wide": (5, 0), "spare": (1, 2)
    }  # fmt: skip
    assert study.recipe("few").training_images == 50
    assert load(files).recipe("few").training_images == 300
    assert (
        load(files | {CONFIG: FILES[CONFIG] | {"limits": {"training_images": 999}}})
        .recipe("few")
        .training_images
        == 300
    )


def test_limit_is_a_cap_where_a_recipe_takes_all_images(files: Files):
    files[DATASETS]["datasets"]["few"] = {"source": "mnist", "noise_images": 70}
    assert load(files).recipe("few").training_images_limit is None
    files[CONFIG]["limits"] = {"training_images": 50}
    recipe = load(files).recipe("few")
    assert (recipe.training_images, recipe.training_images_limit, recipe.noise_images) == (None, 50, 50)


def test_limit_of_epochs_cuts_warmup_and_snapshots_to_fit(files: Files):
    files[NETWORKS][0] |= {"warmup_epochs": "5", "snapshot_epochs": "20,0,1"}
    row = load(files).networks["lesson"]
    assert (row.epochs, row.warmup_epochs, row.snapshot_epochs) == (30, 5, (0, 1, 20))
    files[CONFIG]["limits"] = {"epochs": 2}
    row = load(files).networks["lesson"]
    assert (row.epochs, row.warmup_epochs, row.snapshot_epochs) == (2, 2, (0, 1, 2))
    assert row.settings().snapshot_epochs == (0, 1, 2)  # validated again
    files[NETWORKS][0]["snapshot_epochs"] = "history"
    net = load(files).networks["lesson"].settings()
    assert (net.snapshot_epochs, net.epochs_of_snapshots()) == ("history", (0, 1, 2))
    assert Network.model_validate_json(net.model_dump_json()) == net


@pytest.mark.parametrize(("limit", "subset"), [(None, 200), (50, 50), (250, 200)])
def test_limit_of_training_images_caps_subsets(limit: int | None, subset: int, files: Files):
    files[NETWORKS][0]["subset_images"] = "200"
    files[CONFIG]["limits"] = {"training_images": limit}
    row = load(files).networks["lesson"]
    assert row.subset_images == row.settings().subset_images == subset


def test_every_key_of_a_network_is_read_from_the_text_of_a_table(files: Files):
    cells = {
        "activation": "step",
        "straight_through": "true",
        "label_smoothing": "0.1",
        "initialization": "he",
        "optimizer": "adam",
        "beta1": "0.8",
        "beta2": "0.99",
        "epsilon": "1e-6",
        "weight_decay": "0.01",
        "learning_rate": "0.001",
        "learning_rate_schedule": "step",
        "decay_every": "4",
        "decay_factor": "0.5",
        "warmup_epochs": "2",
        "trained_layers": "output",
        "shuffle_labels": "0.5",
        "subset_images": "300",
        "snapshot_epochs": "10, 0,1,10",
        "history_sets": "test,train, test",
    }
    files[NETWORKS][0] |= cells
    net = load(files).networks["lesson"].settings()
    assert net == Network(
        activation="step",
        straight_through=True,
        label_smoothing=0.1,
        initialization="he",
        optimizer="adam",
        beta1=0.8,
        beta2=0.99,
        epsilon=1e-6,
        weight_decay=0.01,
        learning_rate=0.001,
        learning_rate_schedule="step",
        decay_every=4,
        decay_factor=0.5,
        warmup_epochs=2,
        trained_layers="output",
        shuffle_labels=0.5,
        subset_images=300,
        snapshot_epochs=(0, 1, 10),
        history_sets=("train", "test"),
    )
    assert (net.snapshot_epochs, net.history_sets) == ((0, 1, 10), ("train", "test"))
    assert Network.model_validate_json(net.model_dump_json()) == net


def test_data_sets_without_newer_keys_are_written_as_before(files: Files):
    """In the summary of every prepared data set."""
    assert set(load(files).recipe("few").model_dump(mode="json")) == {
        "source", "seed", "validation_images", "training_images", "selection", "shuffle_labels", "resize"
    }  # fmt: skip
    files[DATASETS]["datasets"]["few"] |= {
        "noise_images": 3,
        "training_images_limit": 7,
        "shuffle_pixels": True,
    }
    recipe = load(files).recipe("few")
    assert type(recipe).model_validate_json(recipe.model_dump_json()) == recipe
    assert (recipe.noise_images, recipe.shuffle_pixels) == (3, True)


def test_downloaded_data_is_described_as_before_generated_data_existed(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(REPOSITORY)
    study = Study.load(CONFIG)
    assert {name: canonical(study.recipe(name)) for name in ("mnist", "mnist-50000", "mnist-14x14")} == {
        "mnist": '{"source": "mnist"}',
        "mnist-50000": '{"source": "mnist", "validation_images": 10000}',
        "mnist-14x14": '{"resize": [14, 14], "source": "mnist"}',
    }
    texts = {canonical(source.contents()) for source in study.tables.downloaded().values()}
    ten = ", ".join(f'"{digit}"' for digit in range(10))
    assert texts == {f'{{"classes": [{ten}], "title": ""}}'}  # of MNIST and of Fashion-MNIST


@pytest.mark.parametrize(
    "label",
    [
        source(title="Other digits"),
        source(classes=["zero", *"123456789"]),
        source(mirrors=["elsewhere"]),
        source(files={"train_images": {"sha256": 64 * "0"}}),
    ],
)
def test_labels_mirrors_and_checksums_do_not_determine_the_data(label: Callable[[Files], None], files: Files):
    before = load(files).tables.sources["mnist"]
    label(files)
    after = load(files).tables.sources["mnist"]
    assert after != before
    assert after.contents() == before.contents()


@pytest.mark.parametrize(
    "content",
    [
        source(image_shape=[8, 8]),
        source(classes=["odd", "even"]),
        source(files={"train_images": {"name": "letters"}}),
    ],
)
def test_shape_number_of_classes_and_names_of_files_determine_the_data(
    content: Callable[[Files], None], files: Files
):
    before = load(files).tables.sources["mnist"]
    content(files)
    assert canonical(load(files).tables.sources["mnist"].contents()) != canonical(before.contents())


def test_file_with_a_checksum_alone_has_the_name_that_mnist_uses(files: Files):
    source(files={"train_images": {"sha256": 64 * "0"}, "test_labels": {"name": "answers"}})(files)
    given = load(files).tables.sources["mnist"].files.model_dump()
    assert given == {
        "train_images": {"name": "train-images-idx3-ubyte", "sha256": 64 * "0"},
        "train_labels": {"name": "train-labels-idx1-ubyte", "sha256": None},
        "test_images": {"name": "t10k-images-idx3-ubyte", "sha256": None},
        "test_labels": {"name": "answers", "sha256": None},
    }


def test_names_of_classes_are_those_of_the_data_that_networks_learn(files: Files):
    study = load(files)
    assert study.class_names(["lesson", "wide"]) == {}  # 0, 1, … need no names
    source(classes=["zero", *"123456789"])(files)
    assert load(files).class_names(["wide", "lesson"]) == {"few": ("zero", *"123456789")}
    generated(radii=[1, 2.5])(files)
    assert load(files).class_names(["lesson"]) == {"few": ("radius 1", "radius 2.5")}


def test_names_of_classes_of_noise_do_not_determine_it(files: Files):
    texts = set()
    for names in (["a", "b"], ["c", "d"]):
        generated(**NOISE | {"classes": names})(files)
        written(Path(), files)
        texts.add(canonical(Study.load(CONFIG).tables.sources["mnist"].contents()))
    assert len(texts) == 1


def test_generated_data_is_described_with_everything_that_determines_it(files: Files):
    generated(sd=0.5)(files)
    study = load(files)
    contents = study.tables.sources["mnist"].contents()
    assert canonical(contents) == (
        '{"generate": {"kind": "rings", "radii": [1.0, 2.0], "sd": 0.5, "test": 90, "training": 200}, "title": ""}'
    )
    assert EitherSource.model_validate_json(canonical(contents)).root == contents
    assert not study.tables.downloaded()


@pytest.mark.parametrize(
    ("choices", "validation"), [({}, 0), ({"validation_images": 50}, 50), ({"validation_images": 0}, 0)]
)
def test_generated_data_is_not_split_unless_asked_for(choices: dict[str, int], validation: int, files: Files):
    both(generated(), dataset(**choices))(files)
    study = load(files)
    assert study.recipe("few").validation_count(study.tables.sources["mnist"]) == validation
    work = work_of_block(study, "lesson", 1, 1)
    assert (work.layer_sizes, work.images, work.tests) == ((2, 16, 16, 2), 200 - validation, 90)


@pytest.mark.parametrize(
    ("values", "layer_sizes"),
    [
        (CURVE, (1, 16, 16, 1)),
        (NOISE, (12, 16, 16, 2)),
        (DRAWINGS, (784, 16, 16, 10)),
        ({"radii": [1, 2, 3]}, (2, 16, 16, 3)),
    ],
)
def test_inputs_and_outputs_follow_from_the_kind(
    values: dict[str, Any], layer_sizes: tuple[int, ...], files: Files
):
    generated(**values)(files)
    files[CLAIMS] = files[CLAIMS][1:]
    files[CLAIMS][0] |= {"family": "network", "statistic": "parameter_count", "figures": ""}
    assert work_of_block(load(files), "lesson", 1, 1).layer_sizes == layer_sizes
    files[DATASETS]["datasets"]["few"] = {"source": "mnist", "training_images": 30}
    assert work_of_block(load(files), "lesson", 1, 1).images == 30


@pytest.mark.parametrize(
    ("factor", "seeds"),
    [
        (1, [4, 7, 1]),
        (5, [20, 35, 5]),
        (0.5, [2, 4, 1]),
        (0.01, [1, 1, 1]),
    ],
)
def test_seeds_factor_multiplies_and_rounds_up(factor: float, seeds: list[int], files: Files):
    files[CONFIG]["seeds_factor"] = factor
    assert [row.seeds for row in load(files).networks.values()] == seeds


@pytest.mark.parametrize(("factor", "seeds"), [(1.1, 110), (0.07, 7), (0.14, 14), (2.2, 220)])
def test_seeds_factor_is_exact(factor: float, seeds: int, files: Files):
    """In floating point, each of these is above the whole number, so that it would be rounded up to the next."""
    assert factor * 100 > seeds
    files[CONFIG]["seeds_factor"] = factor
    files[NETWORKS][0]["seeds"] = "100"
    assert load(files).networks["lesson"].seeds == seeds


@pytest.mark.parametrize(
    ("written", "means"),
    [("out", "out"), ("./out", "out"), ("a//b/./c", "a/b/c"), ("../out", "../out")],
)
def test_folders_are_the_same_however_they_are_spelled(written: str, means: str, files: Files):
    files[CONFIG] |= {"results": written, "resources": f"./{written}-2//"}
    study = load(files)
    assert (study.settings.results, study.settings.resources) == (means, f"{means}-2")
    assert STAGES["tabulate"].files(study, ())[0] == f"{means}/networks.csv"


def study_of(seeds: int, size: int, **row: int) -> Study:
    """A study of one network, created without files."""
    settings = {"training": {"seeds_per_block": size}}
    networks = {"one": {"network": "one", "dataset": "few", "seeds": seeds} | row}
    return Study.model_validate(
        {
            "settings": settings,
            "tables": FILES[DATASETS],
            "networks": networks,
            "experiments": {},
            "claims": {},
        }
    )


@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 300))
def test_blocks_lie_on_a_grid_that_more_seeds_only_extend(seeds: int, size: int, more: int):
    blocks = study_of(seeds, size).blocks("one")
    trained = [seed for first, last in blocks for seed in range(first, last + 1)]
    assert len(trained) == len(set(trained))
    assert set(study_of(seeds, size).seeds("one")) <= set(trained)
    assert len(trained) - seeds < size
    assert all(last - first + 1 == size for first, last in blocks)
    assert study_of(seeds + more, size).blocks("one")[: len(blocks)] == blocks
    assert study_of(seeds, 1 + more, seeds_per_block=size).blocks("one") == blocks  # the row's own wins


def test_layers_and_batch_are_read_from_text():
    assert Network.model_validate({"hidden_layers": " 100-16 "}).hidden_layers == (100, 16)
    assert Network.model_validate({"hidden_layers": "None"}).hidden_layers == ()
    assert Network.model_validate({"batch_size": "128"}).batch_size == 128
    assert Network.model_validate({"batch_size": "full"}).batch_size == "full"


def test_settings_of_a_row_are_the_network_without_name_data_and_seeds(files: Files):
    row = load(files).networks["lesson"]
    assert row.settings() == Network(hidden_layers=(16, 16), epochs=30)
    assert type(row.settings()) is Network


def test_similar_names_are_suggested_otherwise_all_are_listed():
    assert did_you_mean("lessn", ["lesson", "wide"]) == "did you mean 'lesson'?"
    assert did_you_mean("zzz", ["lesson", "wide"]) == "there are: lesson, wide"


def test_claim_with_unknown_keys_is_refused():
    row = FILES[CLAIMS][0] | {"colour": "blue"}
    with pytest.raises(ValueError, match="colour"):
        Claim.model_validate(row)

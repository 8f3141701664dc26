"""The second opinion reads what the workflow writes, computes the statistics correctly, and follows its rules."""

import ast
import gzip
import importlib
import importlib.util
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.second_opinion import (
    CLAIMS,
    activations,
    checks,
    cost,
    descent,
    inside,
    learning,
    memorisation,
    minima,
    noise,
    rules,
)
from benchmarks.second_opinion.checks import Checked, table
from benchmarks.second_opinion.rules import INSIDE, OVERLAP, ROUNDING, SAME_SIDE, Opinion, agrees, rule
from benchmarks.second_opinion.study import Evidence, Images, NotCheckedError, Study, read_idx, unpack
from downhill import Network
from downhill.network import architecture, reference
from downhill.runs.block import Block, Snapshots, write_block

FOLDER = Path(checks.__file__).parent
SIZES = (4, 3, 2)

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch")


def drawn(sizes=SIZES, seed=0):
    n = architecture.count_parameters(sizes)
    return np.random.default_rng(seed).standard_normal(n).astype(np.float32)


def same(found, expected):
    for mine, true in zip(found, expected, strict=True):
        for part, other in zip(mine, true, strict=True):
            np.testing.assert_array_equal(part, other)


def test_nothing_of_downhill_is_imported():
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "downhill" for name in names), path


def test_every_claim_has_a_function_in_its_module():
    for family, claims in CLAIMS.items():
        module = importlib.import_module(f"benchmarks.second_opinion.{family}")
        for claim in claims:
            assert callable(getattr(module, claim.replace("-", "_")))


def test_weights_are_unpacked_as_downhill_unpacks_them():
    same(unpack(drawn(), SIZES), architecture.unpack(drawn(), SIZES))
    with pytest.raises(ValueError, match="23 parameters, not 24"):
        unpack(np.zeros(24), SIZES)


def study_with_a_block(folder, diverged=(0, 0), snapshots=True):
    seeds, epochs = np.array([3, 4]), np.array([0, 2])
    parameters = np.stack([drawn(seed=seed) for seed in seeds])
    earlier = np.stack([parameters - 1, parameters], axis=1)
    block = Block({"epochs": 2}, 1, SIZES, seeds, parameters, np.array(diverged))
    kept = Snapshots(
        SIZES, seeds, epochs if snapshots else epochs[:0], earlier if snapshots else earlier[:, :0]
    )
    write_block(block, pa.table({"seed": seeds}), kept, folder / "runs" / "lesson" / "seeds-3-4")
    return Study(folder, folder)


def test_weights_of_a_block_are_those_that_were_written(tmp_path):
    study = study_with_a_block(tmp_path)
    assert study.seeds("lesson") == [3, 4]
    same(study.weights("lesson", 4), architecture.unpack(drawn(seed=4), SIZES))
    snapshots = study.snapshots("lesson", 3)
    assert list(snapshots) == [0, 2]
    same(snapshots[0], architecture.unpack(drawn(seed=3) - 1, SIZES))
    same(snapshots[2], study.weights("lesson", 3))


def test_missing_networks_and_evidence_are_reported(tmp_path):
    study = study_with_a_block(tmp_path, diverged=(1, 0), snapshots=False)
    assert study.seeds("lesson") == [4]
    for missing, message in (
        (lambda: study.weights("lesson", 3), "no seed 3"),
        (lambda: study.weights("other", 3), "no network 'other'"),
        (lambda: study.snapshots("lesson", 4), "no snapshots"),
        (lambda: study.evidence("no-edges"), "no evidence"),
    ):
        with pytest.raises(NotCheckedError, match=message):
            missing()


@pytest.mark.parametrize("packed", [False, True])
def test_images_are_read_from_idx_files(tmp_path, packed):
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    content = bytes((0, 0, 8, 3)) + np.array(images.shape, ">u4").tobytes() + images.tobytes()
    path = tmp_path / "train-images-idx3-ubyte"
    path.with_name(path.name + ".gz" * packed).write_bytes(gzip.compress(content) if packed else content)
    np.testing.assert_array_equal(read_idx(path), images)


def test_the_recipe_and_the_number_of_seeds_are_those_of_the_evidence():
    shuffled = {"network": "few", "seeds": [0, 11], "layer_sizes": [4, 3, 2]}
    runs = [shuffled | {"settings": {"loss": "mse"}}, shuffled | {"settings": {"shuffle_labels": 1.0}}]
    # More seeds than the experiment uses.
    runs += [shuffled | {"network": "lesson", "seeds": [0, 39], "settings": {}}]
    evidence = Evidence({"parts": [], "runs": runs, "inputs": {"edges": {"lesson": {"seeds": 7}}}})
    assert evidence.n_seeds("lesson", 5) == 7
    assert evidence.n_seeds("few", 5) == 12
    assert evidence.n_seeds("other", 5) == 5
    assert evidence.recipe(layer_sizes=[4, 3, 2], shuffle_labels=0)["loss"] == "mse"
    with pytest.raises(NotCheckedError, match="no network with"):
        evidence.recipe(shuffle_labels=1, subset_images=1000)


def part(**fields):
    usual = {"name": "", "value": 0.5, "lower": 0.4, "upper": 0.6, "n": 10, "worst": None, "infinite": []}
    return usual | {"band": "> 0.3"} | fields


@pytest.mark.parametrize(
    ("opinion", "chosen", "expected"),
    [
        (Opinion(0.5009, 10, determined=True), ROUNDING, True),
        (Opinion(0.502, 10, determined=True), ROUNDING, False),  # although it lies inside the interval
        (Opinion(0.59, 10), INSIDE, True),
        (Opinion(0.61, 10, 0.5, 0.7), INSIDE, False),  # although the intervals overlap
        (Opinion(0.7, 5, 0.59, 0.8, determined=True), OVERLAP, True),
        (Opinion(0.7, 5, 0.61, 0.8), OVERLAP, False),
        (Opinion(0.7, 10, 0.59, 0.8, trained=True), OVERLAP, True),
        (Opinion(0.3, 10, 0.1, 0.39, trained=True), OVERLAP, False),
        (Opinion(0.7, 1), OVERLAP, False),  # without an interval of its own, it must lie inside ours
        (Opinion(math.nan, 10), INSIDE, False),
    ],
)
def test_which_rule_is_used_and_what_it_says(opinion, chosen, expected):
    assert rule(part(), opinion) == chosen
    assert agrees(part(), opinion) is expected


def test_rounding_is_relative_for_large_numbers():
    assert agrees(part(value=20.0), Opinion(20.01, 10, determined=True))
    assert not agrees(part(value=20.0), Opinion(20.1, 10, determined=True))


def test_infinite_ends_are_understood():
    censored = part(value=2.0, lower=1.5, upper=None, infinite=["upper"])
    assert agrees(censored, Opinion(50.0, 12, 40.0, math.inf, trained=True))
    assert not agrees(censored, Opinion(1.2, 12, 1.0, 1.4, trained=True))
    assert not agrees(part(lower=None, upper=None), Opinion(0.5, 10))  # nothing to compare with
    below = part(value=2.0, lower=None, upper=2.5, infinite=["lower"])
    assert agrees(below, Opinion(1.2, 12, 1.0, 1.4, trained=True))
    assert not agrees(below, Opinion(3.0, 12, 2.6, 3.4, trained=True))
    beyond = part(value=None, lower=None, upper=None, infinite=["value", "lower", "upper"])
    assert not agrees(beyond, Opinion(1.2, 12, 1.0, 1.4, trained=True))


@pytest.mark.parametrize(
    ("band", "ours", "theirs", "expected"),
    [
        ("all = 1", [1.0, 1.0], (1.0, 1.0), True),
        ("all = 1", [0.8, 1.0], (0.85, 1.0), True),
        ("all = 1", [0.8, 1.0], (1.0, 1.0), False),
        ("all = 1", [0.8, 1.0], (0.5, 1.0), False),  # farther apart than the tolerance
        ("all < 0.1", [0.0, 0.05], (0.0, 0.09), True),
        ("all < 0.1", [0.0, 0.05], (0.0, 0.11), False),
        ("all > 0", [0.01, 1.0], (0.02, 0.5), True),
        ("all > 0", [0.01, 1.0], (-0.01, 0.5), False),
    ],
)
def test_universal_claims_are_compared_by_their_worst_case(band, ours, theirs, expected):
    opinion = rules.of_all(theirs, 5, tolerance=0.15)
    assert rule(part(band=band, worst=ours), opinion) == SAME_SIDE
    assert agrees(part(band=band, worst=ours), opinion) is expected


def test_a_determined_worst_case_must_be_the_same_up_to_rounding():
    universal = part(band="all = 1", worst=[0.99, 1.0])
    assert agrees(universal, rules.of_all([0.9905], 5, determined=True))
    assert not agrees(universal, rules.of_all([0.98], 5, determined=True))


def test_intervals():
    mean = rules.of_mean([1.0, 2.0, 3.0])
    # Student's t with 2 degrees of freedom.
    assert mean.upper - 2 == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
    assert rules.of_mean([1.0]).lower is None
    share = rules.of_share([True] * 20)
    assert share.lower == pytest.approx(1 / (1 + 1.959964**2 / 20), rel=1e-6)  # Wilson's for 20 of 20
    values = np.random.default_rng(0).normal(size=50)
    median = rules.of_samples([values], np.median)
    assert median.lower < np.median(values) < median.upper
    assert median.n == 50


def test_the_table_says_what_agrees_and_what_was_not_checked():
    good = Checked("no-edges", [part()], [Opinion(0.5, 10, 0.4, 0.6)], 3.2)
    bad = Checked("cannot-draw", [part(name="drawn")], [Opinion(0.9, 10, 0.8, 1.0)], 0.1)
    absent = Checked("start-decides", [], [], 0, "the study has no network 'lesson'")
    lines = table([good, bad, absent]).splitlines()
    assert [line.split("|")[8].strip() for line in lines[2:]] == [
        "yes",
        "NO",
        "not checked: the study has no network 'lesson'",
    ]
    assert [checked.disagrees for checked in (good, bad, absent)] == [False, True, False]
    assert len({len(line) for line in lines}) == 1


@needs_torch
def test_a_claim_without_evidence_is_not_checked(tmp_path):
    assert "no evidence" in checks.check("no-edges", tmp_path, tmp_path).why_not


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("quadratic", {1, 2}),
        ("cross-entropy", {3, 4}),
        ("in weight space", {1, 3}),
        ("output activations", {2, 4}),
        ("quadratic, in weight space", {1}),
        ("", {1, 2, 3, 4}),
    ],
)
def test_a_part_about_convexity_is_known_by_its_name(name, expected):
    shares = {
        ("mse", "weights"): [1], ("mse", "outputs"): [2],
        ("cross_entropy", "weights"): [3], ("cross_entropy", "outputs"): [4],
    }  # fmt: skip
    assert set(cost.sets_of_part(shares, name)) == expected


def test_odds_ratio():
    one, other = (
        np.repeat([True, True, False, False], [5, 2, 3, 40]),
        np.repeat([True, False, True, False], [5, 2, 3, 40]),
    )
    assert learning.odds_ratio(one, other) == pytest.approx(5.5 * 40.5 / (2.5 * 3.5))
    assert learning.odds_ratio(one, other) == learning.odds_ratio(other, one)


def test_the_spread_by_chance_is_that_of_equal_shapes():
    random = np.random.default_rng(0)
    equal = [random.normal(size=12) for _ in range(8)]
    spread = learning.spread_by_chance(equal, random)
    assert spread == pytest.approx(2.847 / np.sqrt(12), rel=0.15)  # mean range of 8 normal values is 2.847 sd


def test_straightness_stops_at_99_percent_of_the_drop():
    line = np.concatenate([np.linspace(1, 0, 11), np.zeros(100)])
    assert memorisation.straightness(line) == pytest.approx(1)
    sharp = np.exp(-np.arange(100.0))
    assert memorisation.straightness(sharp) < 0.8
    at_once = np.array([1.0, 0, 0, 0])  # a line through two points would be perfect
    assert memorisation.straightness(at_once) == pytest.approx(0.75)


def test_epochs_to_fit_are_infinite_for_networks_that_never_do():
    accuracies = np.array([[0.1, 0.1], [0.99, 0.5], [0.5, 0.98]])
    np.testing.assert_array_equal(memorisation.epochs_to_fit(accuracies), [1, np.inf])


def test_matching_undoes_a_permutation_and_keeps_the_outputs():
    sizes, random = (6, 5, 4, 3), np.random.default_rng(0)
    weights = unpack(drawn(sizes), sizes)
    (W1, b1), (W2, b2), (W3, b3) = weights
    p, q = random.permutation(5), random.permutation(4)
    permuted = [(W1[:, p], b1[p]), (W2[p][:, q], b2[q]), (W3[q], b3)]
    same(minima.matched(permuted, weights), weights)
    strangers, images = unpack(drawn(sizes, seed=1), sizes), random.uniform(size=(7, 6))
    before, after = (
        reference.forward(each, images, Network())[0][-1]
        for each in (strangers, minima.matched(strangers, weights))
    )
    np.testing.assert_allclose(after, before, rtol=1e-12)


def test_resizing_averages_areas():
    images = np.random.default_rng(0).uniform(size=(2, 36))
    small = minima.area_averaged(images, 2)
    np.testing.assert_allclose(small[:, 0], images.reshape(2, 6, 6)[:, :3, :3].mean(axis=(1, 2)))
    np.testing.assert_allclose(minima.area_averaged(images, 4).mean(axis=1), images.mean(axis=1))


def test_morans_i_by_loops():
    random = np.random.default_rng(0)
    image, used = random.normal(size=(5, 6)), random.random((5, 6)) < 0.7
    mean, products, pairs = image[used].mean(), 0.0, 0
    for y, x in np.argwhere(used):
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            other = (y + down, x + right)
            if 0 <= other[0] < 5 and 0 <= other[1] < 6 and used[other]:
                products, pairs = products + (image[y, x] - mean) * (image[other] - mean), pairs + 1
    expected = products / pairs / ((image[used] - mean) ** 2).mean()
    assert inside.moran(image[None], used)[0] == pytest.approx(expected)


def test_noise_has_no_pattern_and_a_slope_has():
    used, random = np.ones((12, 12), bool), np.random.default_rng(0)
    slope = np.add.outer(np.arange(12.0), np.arange(12.0)) + random.normal(size=(12, 12))
    assert inside.share_patterned(np.stack([slope, slope.T]), used, seed=0) == 1
    assert inside.share_patterned(random.normal(size=(40, 12, 12)), used, seed=0) < 0.1


def test_a_planted_edge_is_explained_by_a_gabor_function_and_noise_is_not():
    y, x = np.indices((14, 14)) - 6.0
    along, across = x * np.cos(0.6) + y * np.sin(0.6), y * np.cos(0.6) - x * np.sin(0.6)
    edge = 3 + np.exp(-0.5 * (along**2 / 4 + across**2 / 9)) * np.sin(2 * np.pi * 0.15 * along)
    used = np.ones((14, 14), bool)
    assert inside.best_gabor(edge, used) > 0.99
    assert inside.best_gabor(np.random.default_rng(0).normal(size=(14, 14)), used) < 0.4


def test_how_much_surer_of_noise():
    on_noise = np.array([[0.9, 0.1], [0.7, 0.1], [0.5, 0.1], [0.0, 0.2]])
    on_digits = np.array([[0.6, 0.0], [0.2, 0.1], [0.0, 0.9]])
    assert noise.surer_of_noise(on_noise, on_digits) == pytest.approx(0.7 - 0.4)
    assert math.isnan(noise.surer_of_noise(on_noise, on_digits[2:]))  # no digit is called by that name


@needs_torch
def test_outputs_costs_and_gradients_are_those_of_the_reference():
    from benchmarks.second_opinion import networks

    sizes, random = (5, 4, 3), np.random.default_rng(0)
    weights = unpack(drawn(sizes), sizes)
    images = Images(random.uniform(size=(8, 5)).astype(np.float32), random.integers(0, 3, 8))
    surface, vector = networks.Surface(weights, images), networks.flat(weights)
    expected, gradient = reference.loss_and_gradient(weights, images.pixels, images.labels, Network())
    assert surface.cost(vector) == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(surface.gradient(vector), networks.flat(gradient), rtol=1e-9)
    direction = random.normal(size=len(vector))
    moved = [surface.gradient(vector + step * direction) for step in (1e-5, -1e-5)]
    np.testing.assert_allclose(
        surface.hessian_product(vector)(direction), (moved[0] - moved[1]) / 2e-5, atol=1e-9
    )


@needs_torch
def test_the_gradient_is_steepest_and_steps_are_those_of_the_reference():
    sizes, random = (5, 4, 3), np.random.default_rng(0)
    images = Images(random.uniform(size=(40, 5)).astype(np.float32), random.integers(0, 3, 40))
    lead, error = descent.lead_and_error(unpack(drawn(sizes), sizes), images, random)
    assert 0 < lead < 1
    assert error < 1e-6
    ratio = descent.last_over_first(unpack(drawn(sizes), sizes), images, 2)
    weights, net = unpack(drawn(sizes), sizes), Network()
    _, first = reference.loss_and_gradient(weights, images.pixels, images.labels, net)
    moved = [(W - 3 * dW, b - 3 * db) for (W, b), (dW, db) in zip(weights, first, strict=True)]
    _, second = reference.loss_and_gradient(moved, images.pixels, images.labels, net)
    lengths = [np.sqrt(sum((part**2).sum() for layer in one for part in layer)) for one in (first, second)]
    assert ratio == pytest.approx(lengths[1] / lengths[0], rel=1e-9)


@needs_torch
def test_both_costs_are_convex_in_the_outputs():
    for kind in ("mse", "cross_entropy"):
        assert cost.share_convex_in_outputs(np.random.default_rng(0), 10, kind) == 1


@needs_torch
def test_an_ideal_image_lights_the_pixels_with_positive_weights():
    W = np.random.default_rng(0).choice([-1.0, 1.0], size=(6, 3))
    images = inside.ideal_images([(W, np.zeros(3))], 6)
    np.testing.assert_array_equal(images, (W.T > 0).astype(np.float32))


@needs_torch
def test_networks_trained_together_learn_as_if_alone():
    import torch

    from benchmarks.second_opinion import training

    random = torch.Generator().manual_seed(0)
    pixels, labels = torch.rand(2, 20, 5, generator=random), torch.randint(0, 3, (2, 20), generator=random)
    layers = training.starts((5, 4, 3), 2, random)
    alone = [tuple(part[1:].detach().clone().requires_grad_() for part in layer) for layer in layers]
    # A batch has all images, in any order.
    recipe = {"epochs": 3, "rate": 0.5, "batch": 20, "cost": "cross_entropy"}
    training.train(layers, pixels, labels, random, **recipe)
    training.train(alone, pixels[1:], labels[1:], random, **recipe)
    for both, one in zip(layers, alone, strict=True):
        for part, single in zip(both, one, strict=True):
            np.testing.assert_allclose(part[1:].detach(), single.detach(), rtol=1e-4, atol=1e-5)


def test_a_step_network_has_no_slope_and_a_sigmoid_network_has_its_gradient():
    sizes, random = (5, 4, 3, 3), np.random.default_rng(0)
    weights = unpack(drawn(sizes), sizes)
    images = Images(random.uniform(size=(8, 5)).astype(np.float32), random.integers(0, 3, 8))
    assert activations.largest_slope(weights, images, 0) == 0
    _, gradient = reference.loss_and_gradient(
        weights, images.pixels, images.labels, Network(hidden_layers=(4, 3))
    )
    largest = max(np.abs(part).max() for layer in gradient[:-1] for part in layer)
    found = activations.largest_slope(weights, images, 0, steps=False)  # of many draws, one hits the largest
    assert found == pytest.approx(largest, rel=1e-3)


def test_one_matrix_with_a_constant_is_a_linear_network():
    random = np.random.default_rng(0)
    weights = [(random.normal(size=shape), random.normal(size=shape[1])) for shape in ((6, 4), (4, 3))]
    assert activations.difference(weights, random.uniform(size=(9, 6))) < 1e-12


@needs_torch
def test_gradients_between_layers_are_those_of_the_reference():
    from benchmarks.second_opinion import depth

    random = np.random.default_rng(0)
    images = Images(random.uniform(size=(8, 5)).astype(np.float32), random.integers(0, 10, 8))
    layers, _ = depth._starts(3, 5, 7)
    found = depth.log_factors(images, 3, 7)
    for place in range(len(found)):
        weights = [(W.detach()[place].numpy(), b.detach()[place, 0].numpy()) for W, b in layers]
        net = Network(hidden_layers=(30, 30, 30), loss="cross_entropy")
        _, gradient = reference.loss_and_gradient(weights, images.pixels, images.labels, net)
        norms = [np.linalg.norm(db) for _, db in gradient[:-1]]
        np.testing.assert_allclose(found[place], np.diff(np.log(norms)), rtol=1e-4)

"""Statistics of the family *backpropagation*, on arrays whose answers are known."""

from pathlib import Path

import numpy as np
import pytest

from downhill.claims.backpropagation import backward_over_forward, gradient_and_differences
from downhill.claims.backpropagation_costs import by_width
from downhill.claims.backpropagation_graph import IMAGE, NET, TARGET, WEIGHTS, drawn_graph, recorded
from downhill.claims.parts import NotMeasuredError
from downhill.network import reference
from tests.constructed import (
    checks_of_gradients,
    counts_of_operations,
    evidence_of,
    inputs_of,
)

SMALL, TAPE, TRAINED = 5 * 5 * 3, 5 * 5 * 3, 2 * 3  # cases of one seed


def checked(tmp_path: Path, arrays):
    return evidence_of("chain-rule-exact", inputs_of(gradient_checks=arrays), tmp_path)


def test_the_worst_case_decides(tmp_path: Path):
    arrays = checks_of_gradients(2)
    found = checked(tmp_path, arrays)
    assert (found["verdict"], found["value"], found["n"]) == ("supported", 2e-9, 2 * (SMALL + TAPE + TRAINED))
    for name, place in (("small", (1, 2, 4, 0, 1)), ("tape", (0, 3, 3, 2)), ("trained", (1, 0, 2))):
        wrong = checks_of_gradients(2)
        wrong[name][place] = 3e-6
        found = checked(tmp_path, wrong)
        assert (found["verdict"], found["value"]) == ("refuted", 3e-6)


def test_only_the_step_of_the_verdict_counts(tmp_path: Path):
    arrays = checks_of_gradients(1)
    arrays["small"][:, 3] = 0.5
    assert checked(tmp_path, arrays)["verdict"] == "supported"


def test_layers_without_a_parameter_are_left_out(tmp_path: Path):
    arrays = checks_of_gradients(1)
    arrays["small"][0, 2, 3, 1] = np.nan
    arrays["small_left_out"][0, 2, 3, 1] = 74
    found = checked(tmp_path, arrays)
    assert found["n"] == SMALL + TAPE + TRAINED - 3
    assert "74 parameters whose nudge crosses a kink left out; 3 layers without any other" in found["note"]


def test_the_threshold_is_crossed_on_either_side_of_the_best_step(tmp_path: Path):
    """On logarithmic scales the differences are straight lines between steps: 1e-4 to 1e-7, and 1e-7 to 1e-3."""
    sweep = checked(tmp_path, checks_of_gradients())["data"]["sweep"]
    assert sweep["rounding"]["value"] == pytest.approx(10 ** (-9 + 2 * 2 / 3))
    assert sweep["curvature"]["value"] == pytest.approx(10 ** (-3 + 2 / 4))
    assert sweep["below"] == [1e-7, 1e-5, 1e-3]


def test_steps_below_the_threshold_need_not_follow_one_another(tmp_path: Path):
    arrays = checks_of_gradients(1)
    assert "below 1e-06 for steps from 1e-07 to 0.001" in checked(tmp_path, arrays)["note"]
    arrays["small"][:, 3:] = np.array([1e-4, 1e-8])[:, None, None, None]
    assert "below 1e-06 for some steps from 1e-07 to 0.1" in checked(tmp_path, arrays)["note"]


def test_without_a_crossing_there_is_none(tmp_path: Path):
    arrays = checks_of_gradients(1)
    arrays["small"][:] = 1e-9
    found = checked(tmp_path, arrays)
    assert found["data"]["sweep"]["rounding"] is found["data"]["sweep"]["curvature"] is None
    arrays["small"][:] = 1e-3
    assert "with none of the steps" in checked(tmp_path, arrays)["note"]


def test_without_a_seed_nothing_is_measured():
    nothing = {name: values[:0] for name, values in checks_of_gradients(1).items()}
    with pytest.raises(NotMeasuredError, match="no seed"):
        gradient_and_differences(inputs_of(gradient_checks=nothing))
    with pytest.raises(NotMeasuredError, match="no seed"):
        backward_over_forward(inputs_of(operations={k: v[:0] for k, v in counts_of_operations().items()}))


def test_the_drawn_graph_has_the_values_and_derivatives_of_the_reference():
    cost, gradient = reference.loss_and_gradient(WEIGHTS, IMAGE, TARGET, NET)
    nodes = {node["name"]: node for node in drawn_graph()["nodes"] if node["name"]}
    assert nodes["C"]["value"] == pytest.approx(cost, rel=1e-5)
    (W, b), (V, c) = gradient
    expected = {"w₁": W[0, 0], "w₂": W[1, 0], "b": b[0], "v₁": V[0, 0], "v₂": V[0, 1], "c₁": c[0], "c₂": c[1]}
    for name, derivative in expected.items():
        assert nodes[name]["kind"] == "parameter"
        assert nodes[name]["derivative"] == pytest.approx(derivative, rel=1e-5)
    for name in ("x₁", "x₂", "y₁", "y₂"):
        assert (nodes[name]["kind"], nodes[name]["derivative"]) == ("constant", None)
    a = reference.forward(WEIGHTS, IMAGE, NET)[0][1][0, 0]
    assert nodes["h"]["value"] == pytest.approx(a, rel=1e-5)


def test_the_hidden_unit_of_the_graph_is_used_twice_and_its_parts_are_added():
    """∂C/∂h by hand: through both outputs, δ₁·v₁ + δ₂·v₂."""
    graph = drawn_graph()
    names = [node["name"] for node in graph["nodes"]]
    hidden = names.index("h")
    assert sum(source == hidden for source, *_ in graph["edges"]) == 2
    outputs = reference.forward(WEIGHTS, IMAGE, NET)[0][2][0]
    delta = (outputs - TARGET[0]) * outputs * (1 - outputs)
    assert graph["nodes"][hidden]["derivative"] == pytest.approx(float(delta @ WEIGHTS[1][0][0]), rel=1e-5)


def test_every_node_of_the_tape_is_drawn_in_a_place_of_its_own():
    tape, _ = recorded()
    graph = drawn_graph()
    assert len(graph["nodes"]) == len(tape.nodes)
    assert len({(node["x"], node["y"]) for node in graph["nodes"]}) == len(tape.nodes)
    assert len(graph["edges"]) == sum(len(node.sources) for node in tape.nodes)
    for source, target, passed in graph["edges"]:
        assert graph["nodes"][source]["x"] <= graph["nodes"][target]["x"]
        assert passed == (graph["nodes"][source]["derivative"] is not None)


def counted(tmp_path: Path, arrays):
    return evidence_of("one-pass-gives-all", inputs_of(operations_of_a_pass=arrays), tmp_path)


def test_the_ratio_is_that_of_multiplications_and_additions_for_several_images(tmp_path: Path):
    found = counted(tmp_path, counts_of_operations())
    assert (found["value"], found["exact"], found["verdict"]) == (600 / 400, True, "supported")
    assert found["data"]["parameters"] == 7 * 4 + 5 * 3
    assert "for 4 images, 400 operations forwards and 600 backwards give all 43 derivatives" in found["note"]
    assert "43 forward passes, 29 times as many operations as the backward pass" in found["note"]
    assert "For one image, the ratio is 0.80" in found["note"]
    assert "give the same numbers" in found["note"]


def test_an_expensive_backward_pass_is_refuted_and_other_formulas_are_reported(tmp_path: Path):
    arrays = counts_of_operations()
    arrays["tape"] = arrays["tape"].copy()
    arrays["tape"][0, 1, 1, 1] += 600
    found = counted(tmp_path, arrays)
    assert (found["value"], found["verdict"]) == (3.0, "refuted")
    assert "differ by at most 600" in found["note"]


def test_counts_that_differ_between_seeds_are_not_measured():
    arrays = {name: np.concatenate([values, values]) for name, values in counts_of_operations().items()}
    backward_over_forward(inputs_of(operations=arrays))
    arrays["tape"][1, 0, 0, 0] += 1
    with pytest.raises(NotMeasuredError, match="differ between seeds"):
        backward_over_forward(inputs_of(operations=arrays))


def test_ratios_of_wide_and_of_narrow_networks():
    """In a long chain of wide layers: BP2 and BP4, and sums over images, against one product per weight."""
    found = by_width([1, 10], 3.0)
    one, _, many = (row["ratio"] for row in found["ratios"])
    assert one[-1] == pytest.approx(1.5, rel=0.01)
    assert many[-1] == pytest.approx(2, rel=0.01)
    # With single units, per layer of weights and image: forwards a product and a sum; backwards two products, the
    # slope of a sigmoid with two products and a difference, and two sums over images.
    assert many[0] == pytest.approx(7 / 2, rel=0.02)
    assert found["highest"] == pytest.approx(max(many), abs=1e-5)
    assert found["from_width"] == 2
    assert by_width([1], 10.0)["from_width"] == 1
    assert by_width([1], 1.0)["from_width"] is None

"""What the playground computes equals what Python computes: activations, answers, votes, replay."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from downhill.analysis.barriers import between, costs_along
from downhill.analysis.full_batch import FullBatch
from downhill.analysis.matching import matched
from downhill.datasets.dataset import Images
from downhill.drawing.preprocess import plain, preprocessed, preprocessed_raster
from downhill.engine.evaluate import predict
from downhill.network import reference
from downhill.network.architecture import pack
from downhill.runs.evaluation import EvaluatedNetwork
from tests.drawings import as_json, fifty_drawings
from tests.page.published import Published

pytestmark = pytest.mark.xdist_group("page")

_DECODE = "const pixels = bytesOf(text), count = pixels.length / PIXELS;"


def as_text(images: NDArray[np.uint8]) -> str:
    return base64.b64encode(np.ascontiguousarray(images).tobytes()).decode()


def from_text(text: str, dtype: str) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.fixture
def networks(published: Published) -> dict[str, EvaluatedNetwork]:
    return {one["name"]: published.network(one["name"]) for one in published.payload["networks"]}


def test_weights_and_accuracies_are_those_of_the_study(
    published: Published, networks: dict[str, EvaluatedNetwork]
):
    for one in published.payload["networks"]:
        network = networks[one["name"]]
        assert one["seeds"]
        for seed, text, accuracy in zip(one["seeds"], one["weights"], one["accuracy"], strict=True):
            assert np.array_equal(from_text(text, "<f4"), pack(network.weights(seed), network.layer_sizes))
            assert accuracy == network.scores("test").accuracy[seed]


def test_activations_of_all_layers_equal_those_of_python(
    playground: Callable[..., Any], published: Published, networks: dict[str, EvaluatedNetwork]
):
    page = playground()
    largest = 0.0
    for index, one in enumerate(published.payload["networks"]):
        network = networks[one["name"]]
        images = network.data.test.images[:100]
        found = page.evaluate(
            f"""([which, text]) => {{ {_DECODE}
                return Array.from({{ length: count }}, (_, at) => answerOf(which, 0, imageAt(pixels, at)).a.slice(1)
                    .map(layer => [...layer]));
            }}""",
            [index, as_text(images)],
        )
        weights = network.weights(one["seeds"][0])
        activations, _ = reference.forward(weights, images, network.net)
        for layer, expected in enumerate(activations[1:]):
            computed = np.array([image[layer] for image in found])
            np.testing.assert_allclose(computed, expected, atol=1e-5, rtol=1e-5)
        outputs = np.array([image[-1] for image in found])
        largest = max(largest, float(np.abs(outputs - predict(weights, images, network.net)).max()))
    print(f"\nlargest difference of an output from `downhill.predict`: {largest:.1e}")
    assert largest <= 1e-5


def test_answers_to_all_test_images_are_those_of_python(
    playground: Callable[..., Any], published: Published, networks: dict[str, EvaluatedNetwork]
):
    page = playground()
    for index, one in enumerate(published.payload["networks"]):
        network, seed = networks[one["name"]], one["seeds"][0]
        images = network.data.test.images
        assert len(images) == 10_000
        found = page.evaluate(
            f"""([which, text]) => {{ {_DECODE}
                return Array.from({{ length: count }}, (_, at) => answerOf(which, 0, imageAt(pixels, at)).largest);
            }}""",
            [index, as_text(images)],
        )
        row = network.seeds.index(seed)
        assert np.array_equal(found, network.predictions["predicted"][row])


def test_images_and_mistakes_are_those_of_the_study(
    published: Published, networks: dict[str, EvaluatedNetwork]
):
    data = published.payload["images"]
    rows = published.payload["networks"]
    first = networks[rows[0]["name"]]
    numbers = np.array(data["numbers"])
    assert len(numbers) == data["count"] == len(set(data["numbers"]))
    shown = from_text(data["pixels"], "u1").reshape(-1, 28, 28)
    assert np.array_equal(shown, first.data.test.images[numbers])
    assert np.array_equal(data["labels"], first.data.test.labels[numbers])
    for row in rows:
        network = networks[row["name"]]
        for place, seed in enumerate(row["seeds"]):
            predicted = network.predictions["predicted"][network.seeds.index(seed)][numbers]
            assert row["mistakes"][place] == np.flatnonzero(predicted != data["labels"]).tolist()
    by_all = set.intersection(*map(set, rows[0]["mistakes"]))
    assert data["missed_by_all"] == sorted(by_all)


def counted_votes(
    one: dict[str, Any], network: EvaluatedNetwork, pixels: NDArray[np.uint8]
) -> NDArray[np.intp]:
    """Votes of the seeds in the page, by class; the last ones are for "none" if the network was taught that answer."""
    outputs = np.array([predict(network.weights(seed), pixels, network.net)[0] for seed in one["seeds"]])
    answers = outputs.argmax(axis=1)
    if one["none"]:
        answers[outputs.max(axis=1) < 0.5] = 10
    return np.bincount(answers, minlength=11 if one["none"] else 10)


def check_votes_in_words(page: Any, counts: NDArray[np.intp]) -> None:
    """All answers with most votes are named and marked, and the interval is not said to be that of the winner."""
    from scipy.stats import binomtest

    names = np.array([*map(str, range(10)), "none"])
    best, n = np.flatnonzero(counts == counts.max()), counts.sum()
    assert page.locator("#votes .best b").all_inner_texts() == names[best].tolist()
    text = page.locator("#votes-text").inner_text()
    *first, last = names[best]
    winners = f"{', '.join(first)} and {last}" if first else last
    if n == 1:
        assert text == f"This network has a single seed on this page, which answers {winners}."
        return
    each, named = (" each", "one of these answers") if first else ("", "this answer")
    assert text.startswith(
        f"Most votes: {winners}, with {counts.max()} of {n}{each}. If you had named {named} before the vote,"
    )
    lower, upper = binomtest(int(counts.max()), int(n)).proportion_ci(method="wilson")
    assert f"suggest that {100 * lower:.1f} % to {100 * upper:.1f} % of all possible seeds give it" in text
    heard = page.locator("#votes .heard").all_text_contents()
    assert heard == [
        f"{name}: {count} vote{'' if count == 1 else 's'}" for name, count in zip(names, counts, strict=False)
    ]


def test_ties_of_votes_are_reported(
    playground: Callable[..., Any], published: Published, networks: dict[str, EvaluatedNetwork]
):
    page = playground()
    one = max(published.payload["networks"], key=lambda one: len(one["seeds"]))
    index, ties = published.payload["networks"].index(one), 0
    page.locator("#network").select_option(str(index))
    for seed in range(1, 400):
        pixels = np.array(page.evaluate("seed => [...noiseOf(seed)]", seed), np.uint8).reshape(1, 28, 28)
        counts = counted_votes(one, networks[one["name"]], pixels)
        if (counts == counts.max()).sum() > 1:
            page.evaluate("noise => choose({ source: 'noise', noise })", seed)
            check_votes_in_words(page, counts)
            ties += 1
        if ties == 3:
            return
    pytest.fail("no static divides the seeds equally")


def test_parliament_counts_the_votes_that_python_counts(
    playground: Callable[..., Any], published: Published, networks: dict[str, EvaluatedNetwork]
):
    page = playground()
    for index, one in enumerate(published.payload["networks"]):
        network = networks[one["name"]]
        page.locator("#network").select_option(str(index))
        for strokes in (
            page.get_by_role("button", name="Sample 4"),
            page.get_by_role("button", name="Static", exact=True),
        ):
            strokes.click()
            pixels = np.array(page.evaluate("[...shown.pixels]"), np.uint8).reshape(1, 28, 28)
            counts = counted_votes(one, network, pixels)
            assert page.locator("#votes .count").all_inner_texts() == [str(count) for count in counts]
            check_votes_in_words(page, counts)


def test_wilson_interval_is_that_of_statsmodels_formula(playground: Callable[..., Any]):
    """Limits that are known: 10 of 10 and 5 of 20, from Newcombe 1998 and R's `prop.test(correct = FALSE)`."""
    page = playground()
    assert page.evaluate("wilson(10, 10)") == pytest.approx([0.72246, 1], abs=1e-5)
    assert page.evaluate("wilson(5, 20)") == pytest.approx([0.11186, 0.46870], abs=1e-5)


def test_units_are_matched_as_scipy_does(playground: Callable[..., Any]):
    from scipy.optimize import linear_sum_assignment

    random = np.random.default_rng(0)
    page = playground()
    for size in (1, 2, 7, 16, 40):
        gain = random.normal(size=(size, size))
        found = page.evaluate("gain => assigned(gain)", gain.tolist())
        assert found == linear_sum_assignment(gain, maximize=True)[1].tolist()


def standardised_maps(W: NDArray[np.float32], lit: NDArray[np.bool_], mirror: bool) -> NDArray[np.float64]:
    """First-layer weights by unit, from lit pixels, with mean 0 and length 1."""
    maps = W.astype(np.float64).T.reshape(-1, 28, 28)
    maps = (maps[:, :, ::-1] if mirror else maps).reshape(len(maps), -1)[:, lit]
    maps = maps - maps.mean(axis=1, keepdims=True)
    return maps / np.linalg.norm(maps, axis=1, keepdims=True)


def test_matched_units_are_compared_with_mirrored_maps_of_the_same_seeds(
    playground: Callable[..., Any], published: Published, networks: dict[str, EvaluatedNetwork]
):
    """Both numbers, as SciPy computes them from the weights; mirrored maps are as smooth, but mean something else."""
    from scipy.optimize import linear_sum_assignment

    page = playground()
    images = from_text(published.payload["images"]["pixels"], "u1").reshape(-1, 784)
    lit = (images > 0).mean(axis=0) >= 0.05
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for index, one in enumerate(published.payload["networks"]):
        page.locator("#network").select_option(str(index))
        if len(one["seeds"]) == 1:
            assert page.locator("#recurring").is_hidden()
            continue
        first_layers = [networks[one["name"]].weights(seed)[0][0] for seed in one["seeds"]]
        for place in (0, len(one["seeds"]) - 1):
            page.locator("#seed").select_option(str(place))
            own, means = standardised_maps(first_layers[place], lit, False), []
            for mirror in (False, True):
                pairs = []
                for other, W in enumerate(first_layers):
                    if other != place:
                        alike = own @ standardised_maps(W, lit, mirror).T
                        pairs.append(alike[linear_sum_assignment(alike, maximize=True)])
                means.append(np.mean(pairs))
                found = page.evaluate(
                    "([which, place, mirror]) => meanAlike(matches(which, place, mirror))",
                    [index, place, mirror],
                )
                assert found == pytest.approx(means[-1], abs=1e-9)
            text = page.locator("#recurring-text").inner_text()
            matched, control = (f"{mean:.2f}".replace("-", "−") for mean in means)
            assert f"The mean correlation of pairs is {matched}." in text
            assert f"pairs made in the same way reach {control}." in text
            if place == 0:
                print(f"\n{one['name']}: matched {matched}, mirrored {control}")


def test_twins_are_asked_about_the_same_moved_images(
    playground: Callable[..., Any], published: Published, networks: dict[str, EvaluatedNetwork]
):
    twins = published.payload["twins"]
    assert twins
    first, second, seed = networks[twins["a"]], networks[twins["b"]], twins["seed"]
    images = from_text(twins["pixels"], "u1").reshape(-1, 28, 28)
    own: Images = first.training_images(seed).take(np.arange(twins["count"]))
    other = second.training_images(seed).take(np.arange(twins["count"]))
    assert np.array_equal(images, own.images)
    assert (twins["labels"], twins["shuffled"]) == (own.labels.tolist(), other.labels.tolist())
    assert twins["labels"] != twins["shuffled"]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    kept = []
    for network in (first, second):
        answers = {
            (right, down): predict(
                network.weights(seed), padded[:, 1 - down : 29 - down, 1 - right : 29 - right], network.net
            ).argmax(axis=1)
            for right in (-1, 0, 1)
            for down in (-1, 0, 1)
        }
        still = answers.pop((0, 0))
        kept.append(np.mean([moved == still for moved in answers.values()]))
    page = playground()
    assert page.evaluate("keptOverall(DATA.twins)") == pytest.approx(kept, abs=1e-9)


def test_walk_between_seeds_is_that_of_the_study(
    playground: Callable[..., Any], published: Published, networks: dict[str, EvaluatedNetwork]
):
    """Matched units, answers along both lines, and costs that are recomputed with the weights of the page."""
    page = playground()
    page.get_by_role("button", name="Sample 3").click()
    pixels = np.array(page.evaluate("[...shown.pixels]"), np.uint8).reshape(1, 28, 28)
    page.locator("#walk summary").click()
    for index, one in enumerate(published.payload["networks"]):
        page.locator("#network").select_option(str(index))
        assert page.locator("#walk").is_visible() is (len(one["seeds"]) > 1)
        if len(one["seeds"]) == 1:
            continue
        network, (first, second, *_) = networks[one["name"]], one["seeds"]
        start, end = network.weights(first), network.weights(second)
        ends = {"trained": end, "matched": matched(start, end, network.net.activation)}
        for kind, last in ends.items():
            found = page.evaluate(  # of every sixth point: there are many numbers
                """kind => linesBetween(0, 1)[kind].filter((_, at) => at % 6 === 0)
                       .map(net => net.flatMap(({ W, b }) => [...W, ...b]))""",
                kind,
            )
            count = page.evaluate("kind => linesBetween(0, 1)[kind].length", kind)
            points = [between(start, last, share) for share in np.linspace(0, 1, count)]
            expected = [
                np.concatenate([np.concatenate([W.ravel(), b]) for W, b in point]) for point in points[::6]
            ]
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
            outputs = np.array([reference.forward(point, pixels, network.net)[0][-1][0] for point in points])
            answers = page.evaluate(
                "kind => answersAlong(linesBetween(0, 1)[kind]).map(one => [...one.a.at(-1)])", kind
            )
            np.testing.assert_allclose(answers, outputs, rtol=0, atol=1e-5)
            heard = page.locator(f"#walk-{kind} .heard").all_text_contents()
            assert heard == [f", output {output.max():.2f}".replace("-", "−") for output in outputs]
        about = published.payload["lines"].get(one["name"])
        assert (about is not None) == (one["name"] == "lesson")
        if about:
            pair = about["pairs"][0]
            assert pair["seeds"] == [0, 1]
            cost = FullBatch(
                network.training_images(0).take(slice(about["images"])), network.net, network.layer_sizes
            )
            for kind, last in ends.items():
                costs = costs_along(cost.cost_of, start, last, np.linspace(0, 1, len(pair[kind])))
                np.testing.assert_allclose(costs, pair[kind], rtol=1e-4, atol=1e-5)
            step = int(page.locator("#walk-at").input_value())
            text = page.locator("#walk-cost").inner_text()
            assert f"{pair['trained'][step]:.3f} as trained (solid), {pair['matched'][step]:.3f} with" in text
            heights = " as trained, ".join(f"{100 * height:.0f} %" for height in pair["barriers"])
            assert f"relative to their mean: {heights} with units matched (claim {about['claim']})" in text


def test_replay_is_the_recorded_training(
    playground: Callable[..., Any], published: Published, networks: dict[str, EvaluatedNetwork]
):
    """At a few epochs, at least 99.9 % of the answers to the test images are those of the weights that were kept."""
    (index, one), *_ = [(i, one) for i, one in enumerate(published.payload["networks"]) if one["replay"]]
    replay, network = one["replay"], published.network("lesson-replay")
    images = network.data.test.images
    epochs = network.net.epochs_of_snapshots()
    assert tuple(replay["epochs"]) == epochs
    page = playground()
    for step in sorted({*range(0, len(epochs), max(len(epochs) // 5, 1)), len(epochs) - 1}):
        epoch = epochs[step]
        outputs = predict(network.trained.snapshot(replay["seed"], epoch), images, network.net)
        assert replay["accuracy"][step] == (outputs.argmax(axis=1) == network.data.test.labels).mean()
        found = page.evaluate(
            f"""([which, step, text]) => {{ {_DECODE}
                const network = DATA.networks[which], net = replayedLayers(which, step);
                return Array.from({{ length: count }}, (_, at) =>
                    forward(network, net, imageAt(pixels, at)).largest);
            }}""",
            [index, step, as_text(images)],
        )
        assert (outputs.argmax(axis=1) == found).mean() >= 0.999
    last = predict(networks[one["name"]].weights(replay["seed"]), images, network.net)
    assert np.array_equal(last.argmax(axis=1), outputs.argmax(axis=1))  # it ends where the network is


def test_preprocessing_is_that_of_the_reference(playground: Callable[..., Any]):
    page = playground()
    drawings = fifty_drawings()
    found = page.evaluate(
        """all => all.map(strokes => [true, false].map(fit => {
            const { image, fitted } = imageOfStrokes(strokes, fit);
            return [[...image], fitted && [...fitted.values]];
        }))""",
        [as_json(strokes) for strokes in drawings],
    )
    differences = []
    for strokes, ((image, fitted), (raw, _)) in zip(drawings, found, strict=True):
        steps = preprocessed(strokes)
        differences.append(np.abs(np.array(image) - steps.image.ravel().astype(int)).max())
        differences.append(np.abs(np.array(raw) - plain(strokes).ravel().astype(int)).max())
        if fitted is not None:
            assert np.abs(np.array(fitted) - steps.box.ravel()).max() <= 1
    print(
        f"\nlargest difference of a pixel: {max(differences)}; pictures that differ: {np.count_nonzero(differences)}"
    )
    assert max(differences) <= 1


def test_test_images_go_through_the_canvas(
    playground: Callable[..., Any], networks: dict[str, EvaluatedNetwork]
):
    """Enlarged as rasters, they are preprocessed as Python does, and nearly as many are still recognised."""
    network = next(iter(networks.values()))
    images, labels = network.data.test.images[:1000], network.data.test.labels[:1000]
    found = playground().evaluate(
        f"""text => {{ {_DECODE}
            return Array.from({{ length: count }}, (_, at) => {{
                const image = imageAt(pixels, at), size = 4 * SIDE;
                const values = Float64Array.from({{ length: size * size }}, (_, place) =>
                    image[Math.floor(place / size / 4) * SIDE + Math.floor(place % size / 4)]);
                return [...imageOfRaster({{ size, values }}, true).image];
            }});
        }}""",
        as_text(images),
    )
    through = np.array(found, np.uint8).reshape(-1, 28, 28)
    for image, one in zip(images[:50], through, strict=False):
        expected = preprocessed_raster(np.kron(image, np.ones((4, 4)))).image
        assert np.abs(one.astype(int) - expected).max() <= 1
    weights = network.weights(network.seeds[0])
    before, after = (
        (predict(weights, some, network.net).argmax(axis=1) == labels).mean() for some in (images, through)
    )
    print(f"\n{before:.1%} of 1,000 test images are recognised, {after:.1%} after going through the canvas")
    assert after >= before - 0.005


def test_colours_of_weights_are_those_of_the_figures(playground: Callable[..., Any]):
    import matplotlib as mpl

    from downhill.figures.style import DIVERGING

    values = np.linspace(-1, 1, 401)
    found = np.array(playground().evaluate("values => values.map(colourOf)", values.tolist()))
    expected = 255 * mpl.colormaps[DIVERGING]((values + 1) / 2)[:, :3]
    assert np.abs(found - expected).max() <= 4

"""Best-fitting Gabor functions: planted ones are found, derivatives are correct, and noise is not an edge."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from downhill.analysis.gabor import FEWEST_PIXELS, Fit, Gabor
from downhill.analysis.gabor_waves import LeastSquares

MASK = np.hypot(*(np.indices((20, 20)) - 9.5)) < 9
PLACES = tuple(np.nonzero(MASK)[::-1])


@pytest.fixture(scope="module")
def gabor() -> Gabor:
    return Gabor(MASK)


def planted(gabor: Gabor, random: np.random.Generator) -> np.ndarray:
    x, y = random.uniform(6, 13, 2)
    parameters = [
        x,
        y,
        random.uniform(0, np.pi),
        -np.log(random.uniform(4, 12)),
        *np.log(random.uniform(2, 5, 2)),
    ]
    phase = random.uniform(0, 2 * np.pi)
    return gabor.image(parameters, np.cos(phase), np.sin(phase))


def explained(fits: list[Fit]) -> np.ndarray:
    return np.array([fit.explained for fit in fits])


def test_a_gabor_function_is_explained_completely(gabor: Gabor):
    random = np.random.default_rng(0)
    edges = np.array([planted(gabor, random) for _ in range(12)])
    fits = gabor.best(5 * edges - 3)
    assert explained(fits).min() > 0.98
    assert np.median(explained(fits)) > 0.999
    for fit, edge in zip(fits, 5 * edges - 3, strict=True):
        residual = ((edge - fit.image) ** 2).sum() / ((edge - edge.mean()) ** 2).sum()
        assert 1 - residual == pytest.approx(fit.explained, abs=1e-9)


def test_an_edge_under_noise_is_explained_as_far_as_it_goes(gabor: Gabor):
    random = np.random.default_rng(1)
    edges = np.array([planted(gabor, random) for _ in range(12)])
    edges /= edges.std(axis=1, keepdims=True)
    for share in (0.5, 0.9):
        noise = random.standard_normal(edges.shape)
        found = explained(gabor.best(np.sqrt(share) * edges + np.sqrt(1 - share) * noise))
        assert np.median(found) == pytest.approx(share, abs=0.08)


def test_noise_is_no_edge_and_smooth_noise_is_only_partly_one(gabor: Gabor):
    random = np.random.default_rng(2)
    noise = random.standard_normal((10, MASK.sum()))
    assert explained(gabor.best(noise)).max() < 0.25
    smooth = np.array([gaussian_filter(random.standard_normal(MASK.shape), 1.5)[MASK] for _ in range(10)])
    assert 0.2 < np.median(explained(gabor.best(smooth))) < 0.8


def test_refining_three_starts_is_about_as_good_as_refining_many(gabor: Gabor):
    random = np.random.default_rng(4)
    images = np.array([gaussian_filter(random.standard_normal(MASK.shape), 1)[MASK] for _ in range(4)])
    few, many = explained(gabor.best(images)), explained(gabor.best(images, refined=20))
    assert (many >= few - 1e-6).all()
    assert np.median(many - few) < 0.02


def test_scale_offset_and_sign_do_not_matter(gabor: Gabor):
    image = gaussian_filter(np.random.default_rng(5).standard_normal(MASK.shape), 1)[None, MASK]
    one, other = gabor.best(np.concatenate([image, 100 - 7 * image]))
    assert one.explained == pytest.approx(other.explained, abs=1e-6)
    np.testing.assert_allclose(other.image, 100 - 7 * one.image, rtol=1e-4)


def test_amplitude_and_phase_are_those_of_least_squares(gabor: Gabor):
    data = np.random.default_rng(6).standard_normal(MASK.sum())
    parameters = np.array([9.0, 8.0, 0.7, np.log(0.15), np.log(3.0), np.log(4.0)])
    waves = [gabor.image(parameters, 1, 0), gabor.image(parameters, 0, 1), np.ones(MASK.sum())]
    solved = np.linalg.lstsq(np.column_stack(waves), data, rcond=None)[1]
    residuals = LeastSquares(PLACES, data - data.mean()).residuals(parameters)
    assert (residuals**2).sum() == pytest.approx(float(solved[0]))


def test_gradient_of_the_squared_residuals_equals_differences(gabor: Gabor):
    random = np.random.default_rng(7)
    data = random.standard_normal(MASK.sum())
    problem = LeastSquares(PLACES, data - data.mean())
    for _ in range(5):
        parameters = np.array([*random.uniform(5, 14, 2), random.uniform(0, 3), *np.log([0.12, 3.0, 5.0])])
        found = problem.jacobian(parameters).T @ problem.residuals(parameters)
        expected = [
            sum(sign * (problem.residuals(parameters + sign * step) ** 2).sum() / 2 for sign in (1, -1))
            / 2e-5
            for step in 1e-5 * np.eye(6)
        ]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_what_cannot_be_fitted_is_nan(gabor: Gabor):
    same, other = gabor.best(np.array([np.full(MASK.sum(), 3.0), np.arange(MASK.sum(), dtype=float)]))
    assert np.isnan(same.explained)
    assert 0 < other.explained <= 1
    assert np.isnan(
        gabor.best(np.full((1, MASK.sum()), 0.1))[0].explained
    )  # their mean is not 0.1 to the last bit
    few = np.zeros((20, 20), bool)
    few.flat[: FEWEST_PIXELS - 1] = True
    assert np.isnan(
        Gabor(few).best(np.random.default_rng(0).normal(size=(2, FEWEST_PIXELS - 1)))[1].explained
    )
    assert np.isnan(Gabor(np.zeros((1, 1), bool)).best(np.zeros((1, 0)))[0].explained)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(1, 48), (48, 1), (2, 30)])
def test_images_of_a_single_row_or_column_have_gabor_functions_too(shape: tuple[int, int]):
    gabor = Gabor(np.ones(shape, bool))
    middle = [(shape[1] - 1) / 2, (shape[0] - 1) / 2]
    angle = 0 if shape[1] > shape[0] else np.pi / 2
    edge = gabor.image([*middle, angle, np.log(1 / 9), np.log(4), np.log(4)], 0, 1)
    noise = np.random.default_rng(0).standard_normal(edge.shape)
    assert gabor.best([edge])[0].explained > 0.99
    assert gabor.best([noise])[0].explained < 0.6

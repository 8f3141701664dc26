"""A second opinion: claims about trained networks, recomputed with PyTorch, scikit-learn and SciPy.

Each module of `CLAIMS` has one function for each claim of its family, with its name. It takes a finished study and
the evidence of the claim, and returns one opinion for each part of the claim. The definitions are those of the claims,
but the code is independent: nothing here imports `downhill`, images come from the IDX files and weights from the files
that training has written.
"""

CLAIMS = {
    "cost": ("cost-tracks-error", "lower-cost-better-net", "better-on-all", "mostly-convex", "smooth-cost"),
    "descent": ("steepest", "steps-shrink"),
    "minima": ("start-decides", "reaches-minimum", "equal-minima"),
    "inside": ("no-edges", "almost-random", "second-layer-no-loops", "cannot-draw"),
    "noise": ("confident-nonsense", "sure-as-a-real-five", "no-incentive-for-doubt"),
    "memorisation": ("shuffled-curve-linear", "structure-is-easier"),
    "approximation": ("universal-approximation",),
    "backpropagation": ("chain-rule-exact",),
    "learning": ("sixteen-is-arbitrary", "forgivable-mistakes"),
    "activations": ("binary-defeats-descent", "linear-without-activation"),
    "depth": ("vanishing-gradient",),
}
"""Names of the claims by module."""

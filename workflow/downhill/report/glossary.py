"""The glossary of the report page: its terms, each explained in one or two sentences of plain text."""

TERMS: tuple[tuple[str, str], ...] = (
    (
        "accuracy",
        "The share of images that a network gets right: of test images, unless it is called training or validation "
        "accuracy.",
    ),
    (
        "activation",
        "The number that a unit passes on: its activation function, such as the sigmoid, applied to its weighted sum.",
    ),
    (
        "band",
        "The values of a statistic that support a claim. It should be fixed before any result is seen.",
    ),
    (
        "barrier",
        "How far the cost rises, on the straight path from the weights of one network to those of another, above the "
        "straight line between their two costs. It is divided by the mean of these costs.",
    ),
    (
        "batch",
        "The images whose mean gradient decides one step of training. A full batch consists of all training images.",
    ),
    ("bias", "A number that a unit adds to the weighted sum of its inputs. It is learned, like the weights."),
    (
        "claim",
        "A sentence of a source that can be tested, together with the statistic that tests it and the band that "
        "decides the verdict.",
    ),
    (
        "confidence interval",
        "A range computed from the seeds by a method whose ranges contain the true value in a stated share of "
        "studies, usually 95 %, if its assumptions hold.",
    ),
    (
        "control",
        "The same measurement where the answer is known, or where the effect should be absent, such as on untrained "
        "weights. Without it one cannot tell what a result means.",
    ),
    (
        "cost",
        "A number that says how far the outputs for an image are from what they should be, or its mean over many "
        "images. Training lowers it; it is also called loss.",
    ),
    (
        "cross-entropy",
        "A cost that grows without limit as a network becomes sure of a wrong answer. With softmax outputs, it is "
        "minus the logarithm of the output for the correct class.",
    ),
    (
        "descent",
        "Short for gradient descent: training in steps that change all weights and biases against the gradient. In its "
        "plain form, a step is the learning rate times the gradient.",
    ),
    (
        "digest",
        "A short fingerprint of settings, code or the content of a file, computed with SHA-256. If the content "
        "changes, so does the digest.",
    ),
    (
        "diverged",
        "Said of a seed when a weight or a cost is no longer a finite number. Each statistic states what it does with "
        "such seeds.",
    ),
    ("epoch", "One pass of training over all training images."),
    (
        "evidence",
        "The file with everything behind one verdict: the claim, its statistic, interval and band, the number of "
        "cases, and the data of its figures.",
    ),
    (
        "expanded percentile bootstrap",
        "An interval from percentiles of the statistic over random resamples of the seeds. The fewer seeds there are, "
        "the further out the percentiles lie, since the usual ones give too narrow an interval (Hesterberg 2015).",
    ),
    (
        "gradient",
        "The derivatives of the cost with respect to all weights and biases. Each says how fast the cost changes when "
        "that one number is raised.",
    ),
    (
        "Hessian",
        "The matrix of second derivatives of the cost. Its eigenvalues say how strongly the cost curves, upwards if "
        "positive and downwards if negative.",
    ),
    ("hidden layer", "A layer of units between the inputs and the outputs."),
    (
        "including images",
        "A second interval, which also covers the choice of the test images. The verdict uses the first one.",
    ),
    ("learning rate", "The number by which the gradient is multiplied to give one step of descent."),
    (
        "n",
        "The number of cases behind a statistic. They are seeds unless the table says otherwise, such as pairs of "
        "seeds.",
    ),
    (
        "not measured",
        "The verdict on a claim whose statistic could not be computed. The reason is given with it.",
    ),
    (
        "not reproduced",
        "The verdict on a number that was published from a single run when it lies outside the range of single runs.",
    ),
    ("parameter", "A weight or a bias: a number of the network that training can change."),
    (
        "part",
        "One of several numbers that a claim is about, each with a band of its own. The claim is supported when every "
        "part is, and refuted when any part is.",
    ),
    (
        "probe",
        "A linear classifier that is trained on the activations of a layer to find out what can be read from them.",
    ),
    (
        "quadratic cost",
        "Half the sum of the squared differences between the outputs and their targets, which are 1 for the correct "
        "class and 0 for the others.",
    ),
    (
        "range of single runs",
        "The values that are compatible with single runs of this study. About 95 of 100 further runs would lie within "
        "it.",
    ),
    (
        "rank correlation",
        "Spearman's correlation: 1 if two quantities always rise together, −1 if one always falls as the other rises. "
        "Only their order counts.",
    ),
    ("refuted", "The verdict when the interval, or the exact value, lies entirely outside the band."),
    (
        "reproduced",
        "The verdict on a number that was published from a single run when it lies within the range of single runs.",
    ),
    (
        "seed",
        "A whole number that determines all random choices of a run, such as its initial weights. Several seeds of "
        "one network show how much depends on chance.",
    ),
    (
        "sigmoid",
        "The activation function 1 / (1 + exp(−z)), which turns any number into one between 0 and 1. Sigmoid outputs "
        "are not probabilities of the classes: they need not add up to 1.",
    ),
    (
        "softmax",
        "Outputs that are positive and add up to 1: exp(z) of each class, divided by the sum over all classes.",
    ),
    (
        "stuck",
        "Said of a seed that never recognises one of the classes: none of the test images of that class gets the right "
        "answer at the end of training.",
    ),
    (
        "Student's t interval",
        "An interval for a mean, computed from the mean and the standard deviation of the seeds. It is exact for "
        "normally distributed values and allows for the small number of seeds.",
    ),
    ("supported", "The verdict when the interval, or the exact value, lies entirely inside the band."),
    (
        "sweep",
        "The same measurement at several values of one setting, which shows where a verdict would change.",
    ),
    (
        "trap",
        "What one could wrongly read into a result, or how such a measurement often misleads.",
    ),
    (
        "undecided",
        "The verdict when the interval crosses an edge of the band, or when there are too few runs (fewer than 39) to "
        "compare a published one with. More seeds help in both cases.",
    ),
    (
        "unit",
        "A neuron: it computes a weighted sum of its inputs, adds its bias, and passes on the activation.",
    ),
    (
        "universal band",
        "A band with the word “all”: every single case must lie inside it. The worst case decides, without an "
        "interval.",
    ),
    ("weight", "The number by which a unit multiplies one of its inputs. It is learned."),
    (
        "where it flips",
        "How far the edges of the band could be moved before the verdict would be another one, with the interval as it "
        "is.",
    ),
    (
        "Wilson interval",
        "An interval for a share, such as that of stuck seeds. It also works for few cases, and for shares of 0 % or "
        "100 % (Wilson 1927).",
    ),
)
"""Term and explanation, in alphabetical order."""

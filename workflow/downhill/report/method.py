"""The section "Method" of the report page, in plain text: from the data to the verdicts, and what they do not say.

`docs/statistics.md` has the details, and `claims.inference` the formulas.
"""

from typing import NamedTuple


class Section(NamedTuple):
    """A heading and the paragraphs below it."""

    heading: str
    paragraphs: tuple[str, ...]


SECTIONS: tuple[Section, ...] = (
    Section(
        "From data to verdict",
        (
            "Networks are trained on the data of the study and scored on training and test images. Where scores are "
            "not enough, experiments compute more from the trained networks, or from the data. For each claim, a "
            "statistic turns these results into one or more numbers, with an interval where chance plays a part. The "
            "verdict compares them with the claim's band.",
            "A claim is supported when the interval lies entirely inside the band, refuted when it lies entirely "
            "outside, and undecided when it crosses an edge. With several parts, a claim is supported when every part "
            "is, and refuted when any part is. A claim that could not be measured is listed with the reason.",
            "For every result there is a record of the settings, the code and the inputs that it was made from, so a "
            "verdict can be traced back to the data. An existing result is computed again only if one of these "
            "changes. The command make second-opinion recomputes many statistics of the shipped study with PyTorch, "
            "scikit-learn and SciPy, independently of the code that computed them here.",
        ),
    ),
    Section(
        "Bands",
        (
            "A band should be fixed before any result is seen, and so should the options that can move a result. "
            "Where a study records it, each claim says when its band was fixed and what was changed later. A result "
            "outside the band is not a reason for a change.",
        ),
    ),
    Section(
        "Seeds",
        (
            "Training depends on chance. A single run can be lucky or unlucky, so networks are trained with several "
            "seeds, and n says how many cases are behind a number.",
            "A seed is the root of one documented tree of random numbers. NumPy's SeedSequence derives an independent "
            "stream from it for each choice: the initial weights, the order of the images, the shuffling of labels, "
            "and the subset of images. A run depends on its own settings, its data and its seed, not on what runs "
            "beside it. On the same kind of processor it gives the same bytes again, and adding seeds does not change "
            "the results of earlier ones.",
            "Networks of the same shape that draw their initial weights in the same way start from the same weights "
            "under the same seed, which allows paired comparisons. Where seeds are compared with each other, no seed "
            "belongs to two pairs.",
        ),
    ),
    Section(
        "Intervals",
        (
            "The method depends on the statistic. A mean over seeds has a Student's t interval. A share of seeds or "
            "pairs has a Wilson interval (Wilson 1927, Journal of the American Statistical Association 22:209). "
            "Other statistics, such as medians and ratios, have an expanded percentile bootstrap interval (Hesterberg "
            "2015, The American Statistician 69:371), because the usual percentile bootstrap is too narrow for few "
            "seeds.",
            "A statistic of several networks resamples the seeds of each network separately, or together where the "
            "seeds are paired. Where a claim is meant to hold for other groups too, such as other shapes of a network, "
            "groups are resampled first and then the seeds within each (Davison and Hinkley 1997, Bootstrap Methods "
            "and their Application, section 3.8).",
            "Simulations of how often these intervals contain the true value are part of the documentation. If a few "
            "seeds are far worse than the others, they contain it less often than the level says: by a few points for "
            "a mean, and by much more for a ratio of standard deviations. So networks whose seeds may be stuck should "
            "have at least 40 seeds.",
            "For an undecided claim, the table names the number of seeds with which a new study would decide it with a "
            "probability of 80 %, if the value found here is the true one.",
        ),
    ),
    Section(
        "What an interval covers",
        (
            "The sources of variation that an interval covers are named with it. The initial weights are among them, "
            "and the order of the images wherever training shows them in batches. Shuffled labels and subsets of "
            "images are covered if every seed draws its own. What is the same for all seeds is not covered, such as "
            "the data set and the training recipe.",
            "Statistics that follow from the accuracy on test images have a second interval, which also covers the "
            "choice of these images. Seeds and images are resampled independently of each other (Owen 2007, Annals of "
            "Applied Statistics 1:386). The verdict uses the first interval; the second shows how far it carries over "
            "to other test images.",
        ),
    ),
    Section(
        "Many verdicts at once",
        (
            "Of 100 intervals at 95 %, about 5 miss the true value by chance, so a study with many claims must expect "
            "a few misses. Every interval is therefore also computed at 99.9 %, which is about 95 % for up to 50 "
            "claims together (Bonferroni's correction). The sign ✱ marks verdicts that hold at 99.9 % as well. This "
            "level is fixed, so a new claim does not change the marks of the others. Verdicts that need no interval "
            "have the mark, too.",
        ),
    ),
    Section(
        "Exact values and worst cases",
        (
            "A count or an identity is compared directly with the band, without an interval. A claim about all cases "
            "is judged by the worst of them. One case can refute such a claim. If it is supported, a case that was not "
            "tried could still refute it.",
        ),
    ),
    Section(
        "Published single runs",
        (
            "A number that somebody published from one run says nothing about their other runs. It is therefore "
            "compared with the spread of our runs, not with the interval of our mean, by an exact rank test: if it "
            "comes from the same distribution, every rank among our runs is equally likely. The number is not "
            "reproduced if a rank at least as extreme has a probability of at most 5 %, and reproduced otherwise. With "
            "fewer than 39 runs, no rank is so improbable, and the verdict is undecided. Reproduced does not mean "
            "precise: where runs differ widely, many numbers would be reproduced.",
            "Claims with the band “single run” have these verdicts. Where a claim is about the mean, the outcome for "
            "the published run is shown next to the verdict.",
        ),
    ),
    Section(
        "Diverged and stuck seeds",
        (
            "A seed has diverged when a weight or a cost is no longer a finite number. Each statistic states whether "
            "it leaves such seeds out, counts them as failures, or cannot be measured, and their number is shown.",
            "A seed is stuck when it never recognises one of the classes. Stuck seeds are results like any others and "
            "are never left out.",
        ),
    ),
    Section(
        "What is not claimed",
        (
            "A verdict is about the networks, the data and the training of this study. Larger networks, other data or "
            "another recipe may lead to another verdict; where a sweep was made, it shows at which setting the verdict "
            "changes.",
            "A supported claim is not proved: the statistic lies in its band, and the band is a choice. A refuted "
            "claim may hold in a sense that the statistic does not measure. The controls and traps of each claim say "
            "how far its result carries.",
            "A verdict is not a judgement of the source, which may simplify on purpose.",
        ),
    ),
)
"""The sections in order."""

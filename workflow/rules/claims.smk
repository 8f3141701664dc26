"""claims: measured, judged, and drawn from the evidence alone."""


def claim_of(wildcards):
    """The row of a job's claim."""
    return STUDY.claims[wildcards.claim]


def evaluations_of(wildcards):
    """Evaluations that a claim is measured on."""
    return [f"<results>/evaluation/{name}/{INDEX}" for name in claim_of(wildcards).networks]


def evaluation_tables_of(wildcards):
    """The other files of these evaluations."""
    return [
        f"{folder}/{name}"
        for folder in folders(evaluations_of(wildcards))
        for name in (SCORES, HISTORY, CONFUSION, PREDICTIONS)
    ]


def runs_of(wildcards):
    """The weights and the data behind these evaluations, which some statistics read."""
    files = []
    for name in claim_of(wildcards).networks:
        data = dataset_of(name)
        files += [*block_files(name, WEIGHTS), data, f"{Path(data).parent}/{SUMMARY}"]
    return files


def experiments_of(wildcards):
    """Results of the experiments that a claim is measured on."""
    return [file for name in claim_of(wildcards).experiments for file in results_of_experiment(name)]


def measuring_code(wildcards):
    """Digest of the statistic and everything that measures it."""
    claim = claim_of(wildcards)
    return STAGES["measure"].code_digest(claim.family, claim.statistic)


def wording_of(wildcards):
    """A claim's row without what its measurement depends on: a change is judged again, not measured."""
    return canonical(claim_of(wildcards))


def drawing(figure):
    """The function that draws a figure."""
    claim = FIGURES[figure]
    return claim.figures[claim.figure_ids().index(figure)]


def all_figures():
    """All figures of the study, for the screen and for print."""
    return [f"<results>/figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "png")]


rule measure:
    """Measure one claim: its statistic with intervals."""
    input:
        index=evaluations_of,
        tables=evaluation_tables_of,
        runs=runs_of,
        experiments=experiments_of,
    output:
        measurement="<measurement>.json",
        provenance="<measurement>/provenance.json",
    log:
        "<logs>/measure/{claim}.log",
    localrule: True
    params:
        claim=lambda wildcards: canonical(claim_of(wildcards).measured()),
        statistics=canonical(STUDY.settings.statistics),
        code=measuring_code,
        evaluations=lambda wildcards, input: folders(input.index),
    shell:
        "python -m downhill measure {wildcards.claim} --settings {params.claim:q} --statistics {params.statistics:q}"
        " --evaluations {params.evaluations} --experiments {input.experiments} --output {output.measurement} 2> {log}"


rule judge:
    """Judge one claim: its measurement against its band, with its wording."""
    input:
        "<measurement>.json",
    output:
        evidence="<evidence>.json",
        provenance="<evidence>/provenance.json",
    log:
        "<logs>/judge/{claim}.log",
    localrule: True
    params:
        claim=wording_of,
        measures=lambda wildcards: functions.description(
            "claims", claim_of(wildcards).family, claim_of(wildcards).statistic
        ),
        code=STAGES["judge"].code_digest(),
    shell:
        "python -m downhill judge {wildcards.claim} --settings {params.claim:q} --measures {params.measures:q}"
        " --measurement {input} --output {output.evidence} 2> {log}"


rule draw:
    """Draw one figure of a claim."""
    input:
        lambda wildcards: f"<results>/claims/{FIGURES[wildcards.figure].claim}.json",
    output:
        svg=report(
            "<figure>.svg",
            caption="../report/figure.rst",
            category=lambda wildcards: FIGURES[wildcards.figure].family,
            labels=lambda wildcards: {
                "claim": FIGURES[wildcards.figure].claim,
                "figure": drawing(wildcards.figure).replace("_", " "),
            },
        ),
        png="<figure>.png",
        provenance="<figure>/provenance.json",
    log:
        "<logs>/draw/{figure}.log",
    localrule: True
    params:
        drawing=lambda wildcards: drawing(wildcards.figure),
        code=lambda wildcards: STAGES["draw"].code_digest(
            FIGURES[wildcards.figure].family, drawing(wildcards.figure)
        ),
        claim=lambda wildcards: FIGURES[wildcards.figure].model_dump(mode="json"),
        shows=lambda wildcards: functions.description(
            "figures", FIGURES[wildcards.figure].family, drawing(wildcards.figure)
        ),
    shell:
        "python -m downhill draw {params.drawing} --evidence {input} --output {output.svg} {output.png} 2> {log}"

"""claims: evidence with a verdict, then the pictures drawn from the evidence alone."""


rule measure:
    """Measure one claim: statistic, interval, verdict."""
    input:
        evaluations_of,
    output:
        EVIDENCE,
    params:
        claim=lambda wildcards: canonical(STUDY.claims[wildcards.claim]),
        statistics=canonical(STUDY.settings.statistics),
        code=lambda wildcards: code(f"claims.{STUDY.claims[wildcards.claim].family}", "claims.evidence"),
        evaluations=lambda wildcards, input: [str(Path(index).parent) for index in input],
    log:
        LOGS + "/measure/{claim}.log",
    shell:
        "python -m downhill measure {wildcards.claim} --settings {params.claim:q} --statistics {params.statistics:q}"
        " --evaluations {params.evaluations} --output {output} 2> {log}"


rule draw:
    """Draw one figure of a claim."""
    input:
        lambda wildcards: EVIDENCE.format(claim=FIGURES[wildcards.figure].claim),
    output:
        svg=report(
            FIGURE + ".svg",
            caption="../report/figure.rst",
            category=lambda wildcards: FIGURES[wildcards.figure].family,
            labels=lambda wildcards: {
                "claim": FIGURES[wildcards.figure].claim,
                "figure": drawing(wildcards.figure).replace("_", " "),
            },
        ),
        png=FIGURE + ".png",
    params:
        drawing=lambda wildcards: drawing(wildcards.figure),
        code=lambda wildcards: code(f"figures.{FIGURES[wildcards.figure].family}"),
        claim=lambda wildcards: FIGURES[wildcards.figure].model_dump(mode="json"),
        shows=lambda wildcards: registry.describe(
            "figures", FIGURES[wildcards.figure].family, drawing(wildcards.figure)
        ),
    log:
        LOGS + "/draw/{figure}.log",
    shell:
        "python -m downhill draw {params.drawing} --evidence {input} --output {output} 2> {log}"

"""claims: evidence with a verdict, then figures drawn only from the evidence."""


rule measure:
    """Measure a claim: statistic, interval and verdict."""
    input:
        index=evaluations_of,
        tables=evaluation_tables_of,
        runs=runs_of,
    output:
        evidence="<evidence>",
        provenance="<results>/claims/{claim}/provenance.json",
    log:
        "<logs>/measure/{claim}.log",
    localrule: True
    params:
        claim=lambda wildcards: canonical(STUDY.claims[wildcards.claim]),
        statistics=canonical(STUDY.settings.statistics),
        code=lambda wildcards: code("claims.evidence", f"claims.{STUDY.claims[wildcards.claim].family}"),
        evaluations=lambda wildcards, input: folders(input.index),
    shell:
        "python -m downhill measure {wildcards.claim} --settings {params.claim:q} --statistics {params.statistics:q}"
        " --evaluations {params.evaluations} --output {output.evidence} 2> {log}"


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
        code=lambda wildcards: code(f"figures.{FIGURES[wildcards.figure].family}"),
        claim=lambda wildcards: FIGURES[wildcards.figure].model_dump(mode="json"),
        shows=lambda wildcards: registry.describe(FIGURES[wildcards.figure].family, drawing(wildcards.figure)),
    shell:
        "python -m downhill draw {params.drawing} --evidence {input} --output {output.svg} {output.png} 2> {log}"

"""claims: measured, judged, and drawn from the evidence alone."""


include: "inputs/claims.smk"


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
        **compared("measure"),
        expected=expected("measure"),
        claim=lambda wildcards, output: as_argument(claim_of(wildcards).measured()),
        statistics=lambda wildcards, output: as_argument(STUDY.settings.statistics),
        class_names=class_names_of,
        evaluations=lambda wildcards, input: folders(input.index),
    shell:
        "python -m downhill measure {wildcards.claim} --settings {params.claim:q} --statistics {params.statistics:q}"
        " --class-names {params.class_names:q} {params.expected:q} --evaluations {params.evaluations} --experiments {input.experiments}"
        " --output {output.measurement} 2> {log}"


rule judge:
    """Judge one claim: compare its measurement with its band, and add its wording."""
    input:
        "<measurement>.json",
    output:
        evidence="<evidence>.json",
        provenance="<evidence>/provenance.json",
    log:
        "<logs>/judge/{claim}.log",
    localrule: True
    params:
        **compared("judge"),
        expected=expected("judge"),
        claim=wording_of,
        measures=lambda wildcards, output: as_argument(claim_of(wildcards).measures()),
        limits=lambda wildcards, output: as_argument(STUDY.settings.limits.in_words()),
    shell:
        "python -m downhill judge {wildcards.claim} --settings {params.claim:q} --measures {params.measures:q}"
        " --limits={params.limits:q} {params.expected:q} --measurement {input} --output {output.evidence} 2> {log}"


rule draw:
    """Draw one figure of a claim."""
    input:
        lambda wildcards: f"<results>/claims/{FIGURES[wildcards.figure].claim}.json",
    output:
        svg=report(
            "<figure>.svg",
            caption="../report/figure.rst",
            category=lambda wildcards: report_category(FIGURES[wildcards.figure].family),
            labels=lambda wildcards: {
                "claim": FIGURES[wildcards.figure].claim,
                "figure": drawing(wildcards.figure).replace("_", " "),
            },
        ),
        png="<figure>.png",
        data="<figure>.json",
        provenance="<figure>/provenance.json",
    log:
        "<logs>/draw/{figure}.log",
    localrule: True
    params:
        **compared("draw"),
        expected=expected("draw"),
        drawing=lambda wildcards, output: drawing(wildcards.figure),
        # For the report.
        claim=lambda wildcards, output: every_text(
            FIGURES[wildcards.figure].model_dump(mode="json", include={"statement", "source", "band"}),
            restructured_text,
        ),
        shows=lambda wildcards, output: restructured_text(
            functions.description("figures", FIGURES[wildcards.figure].family, drawing(wildcards.figure))
        ),
    shell:
        "python -m downhill draw {params.drawing} {params.expected:q} --evidence {input}"
        " --output {output.svg} {output.png} {output.data} 2> {log}"

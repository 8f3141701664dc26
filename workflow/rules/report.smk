"""report: the table of claims. (`make report` wraps it and the figures into one HTML file.)"""


rule summarise:
    """The table of all claims and verdicts."""
    input:
        [f"<results>/claims/{claim}.json" for claim in STUDY.claims],
    output:
        csv=report("<results>/claims.csv", caption="../report/claims.rst", category="all claims"),
        markdown="<results>/claims.md",
    log:
        "<logs>/summarise.log",
    localrule: True
    params:
        code=code("report"),
        figures=subpath(output.csv, parent=True),
    shell:
        "python -m downhill summarise --evidence {input} --csv {output.csv} --markdown {output.markdown}"
        " --figures {params.figures}/figures 2> {log}"

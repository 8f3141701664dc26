"""report: the table of claims. (`make report` combines it and the figures into one HTML file.)"""


rule summarise:
    """The table of all claims and verdicts."""
    input:
        [f"<results>/claims/{claim}.json" for claim in STUDY.claims],
    output:
        csv="<results>/claims.csv",
        markdown="<results>/claims.md",
        html=report("<results>/claims.html", caption="../report/claims.rst", category="all claims"),
        provenance="<results>/claims/provenance.json",
    log:
        "<logs>/summarise.log",
    localrule: True
    params:
        **compared("summarise"),
        expected=expected("summarise"),
        figures=subpath(output.csv, parent=True),
        title=lambda wildcards, output: STUDY.settings.title,  # which may contain braces
    shell:
        "python -m downhill summarise {params.expected:q} --evidence {input}"
        " --csv {output.csv} --markdown {output.markdown} --html {output.html} --figures {params.figures}/figures --title={params.title:q} 2> {log}"

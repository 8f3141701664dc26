"""report: the table of claims. (`make report` wraps it and the figures into one HTML file.)"""


rule summarise:
    """The table of all claims and verdicts."""
    input:
        [EVIDENCE.format(claim=claim) for claim in STUDY.claims],
    output:
        csv=report(RESULTS + "/claims.csv", caption="../report/claims.rst", category="all claims"),
        markdown=RESULTS + "/claims.md",
    params:
        code=code("report"),
        figures=RESULTS + "/figures",
    log:
        LOGS + "/summarise.log",
    localrule: True
    shell:
        "python -m downhill summarise --evidence {input} --csv {output.csv} --markdown {output.markdown}"
        " --figures {params.figures} 2> {log}"

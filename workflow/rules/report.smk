"""report: the tables of networks and claims, and the pages to look at. (`make report` writes Snakemake's.)"""

# The first page of the report shows it as text, not as markup.
if not IS_MODULE:
    config["about"] = restructured_text(STUDY.settings.about)


include: "inputs/report.smk"


# A study without claims about published single runs has neither the rule nor its files.
if SINGLE_RUNS:

    rule compare:
        """All published single runs beside ours: one figure, and a table of the same numbers."""
        input:
            evidence=[f"<results>/claims/{claim}.json" for claim in SINGLE_RUNS],
        output:
            table="<results>/published-runs.csv",
            svg=report(
                "<results>/figures/published-runs.svg",
                caption="../report/published_runs.rst",
                category="00 all claims",
            ),
            png="<results>/figures/published-runs.png",
            data="<results>/figures/published-runs.json",
            provenance="<results>/figures/published-runs/provenance.json",
            provenance_of_table="<results>/published-runs/provenance.json",
        log:
            "<logs>/compare.log",
        localrule: True
        params:
            **compared("compare"),
            expected=expected("compare"),
        shell:
            "python -m downhill compare {params.expected:q} --evidence {input.evidence}"
            " --output {output.table} {output.svg} {output.png} {output.data} 2> {log}"


rule tabulate:
    """The table of all networks, whether or not a claim names them."""
    input:
        index=all_evaluations(),
        tables=all_evaluation_tables(),
    output:
        networks="<results>/networks.csv",
        provenance="<results>/networks/provenance.json",
    log:
        "<logs>/tabulate.log",
    localrule: True
    params:
        **compared("tabulate"),
        expected=expected("tabulate"),
        statistics=lambda wildcards, output: as_argument(STUDY.settings.statistics),
        limits=lambda wildcards, output: STUDY.settings.limits.in_words(),
        evaluations=lambda wildcards, input: folders(input.index),
    shell:
        "python -m downhill tabulate {params.expected:q} --evaluations {params.evaluations} --statistics {params.statistics:q}"
        " --limits={params.limits:q} --output {output.networks} 2> {log}"


rule summarise:
    """The table of all claims and verdicts."""
    input:
        evidence=[f"<results>/claims/{claim}.json" for claim in STUDY.claims],
        networks="<results>/networks.csv",
    output:
        csv="<results>/claims.csv",
        markdown="<results>/claims.md",
        html=report("<results>/claims.html", caption="../report/claims.rst", category="00 all claims"),
        provenance="<results>/claims/provenance.json",
    log:
        "<logs>/summarise.log",
    localrule: True
    params:
        **compared("summarise"),
        expected=expected("summarise"),
        figures=subpath(output.csv, parent=True),
        title=lambda wildcards, output: as_argument(STUDY.settings.title),  # which may contain braces
        contradictions=lambda wildcards, output: as_argument(STUDY.contradictions),
    shell:
        "python -m downhill summarise {params.expected:q} --evidence {input.evidence} --networks {input.networks}"
        " --csv {output.csv} --markdown {output.markdown} --html {output.html} --figures {params.figures}/figures"
        " --title={params.title:q} --contradictions {params.contradictions:q} 2> {log}"


rule publish:
    """The report page: all verdicts, figures and explanations in one HTML file."""
    input:
        evidence=[f"<results>/claims/{claim}.json" for claim in STUDY.claims],
        networks="<results>/networks.csv",
        figures=[f"<results>/figures/{figure}.json" for figure in FIGURES],
        published_runs=["<results>/figures/published-runs.json"] if SINGLE_RUNS else [],
    output:
        page="<results>/index.html",
        provenance="<results>/index/provenance.json",
    log:
        "<logs>/publish.log",
    localrule: True
    params:
        **compared("publish"),
        expected=expected("publish"),
        figures=subpath(output.page, parent=True),
        title=lambda wildcards, output: as_argument(STUDY.settings.title),
        about=lambda wildcards, output: as_argument(STUDY.settings.about),
        contradictions=lambda wildcards, output: as_argument(STUDY.contradictions),
        reading=lambda wildcards, output: as_argument(STUDY.reading),
        playground="--playground" if STUDY.playground.root else "",
    shell:
        "python -m downhill publish {params.expected:q} --evidence {input.evidence} --networks {input.networks}"
        " --figures {params.figures}/figures --title={params.title:q} --about={params.about:q}"
        " --contradictions {params.contradictions:q} --reading {params.reading:q} {params.playground} --output {output.page} 2> {log}"


rule assemble:
    """The playground: trained networks, their training and their mistakes in one HTML file."""
    input:
        index=evaluations_of_playground(),
        tables=evaluation_tables_of_playground(),
        runs=runs_of_playground(),
        evidence=[f"<results>/claims/{claim}.json" for claim in claims_of_playground(STUDY)],
    output:
        page="<results>/playground.html",
        provenance="<results>/playground/provenance.json",
    log:
        "<logs>/assemble.log",
    localrule: True
    params:
        **compared("assemble"),
        expected=expected("assemble"),
        title=lambda wildcards, output: as_argument(STUDY.settings.title),
        networks=lambda wildcards, output: as_argument(STUDY.playground),
        class_names=lambda wildcards, output: as_argument(STUDY.class_names(STUDY.playground.networks())),
        limits=lambda wildcards, output: STUDY.settings.limits.in_words(),
        evaluations=lambda wildcards, input: folders(input.index),
    shell:
        "python -m downhill assemble {params.expected:q} --evaluations {params.evaluations} --evidence {input.evidence}"
        " --networks {params.networks:q} --class-names {params.class_names:q} --title={params.title:q}"
        " --limits={params.limits:q} --output {output.page} 2> {log}"

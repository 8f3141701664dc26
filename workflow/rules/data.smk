"""download -> prepare: the files of the sources, and the data sets made from them."""


include: "inputs/data.smk"


rule download:
    """Download the four IDX files of a source, each from the first mirror with a complete copy."""
    output:
        **{role: f"<source>/{name}" for role, name in IDX_NAMES.items()},
        provenance="<source>/provenance.json",
    log:
        "<logs>/download/{source}.log",
    cache: CACHE
    localrule: True
    params:
        # Without the mirrors: a new mirror is not a reason to make everything again.
        contents=lambda wildcards: canonical(STUDY.tables.sources[wildcards.source].contents()),
        settings=source_settings,
        unchecked_in=unchecked_in,
        folder=subpath(output.train_images, parent=True),
    shell:
        "python -m downhill download {wildcards.source} --settings {params.settings:q} --output {params.folder} 2> {log}"


rule prepare:
    """Read or generate, split, select, shuffle, resize and add noise: one data set from its recipe."""
    input:
        source_files,
    output:
        dataset="<dataset>/dataset.npz",
        summary="<dataset>/summary.json",
        provenance="<dataset>/provenance.json",
    log:
        "<logs>/prepare/{dataset}.log",
    cache: CACHE
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        **SAME_BYTES,
        **compared("prepare"),
        recipe=lambda wildcards, output: canonical(STUDY.recipe(wildcards.dataset)),
        contents=lambda wildcards: canonical(source_of(wildcards)),
        source_folder=source_folder,
        folder=subpath(output.dataset, parent=True),
    shell:
        "python -m downhill prepare {wildcards.dataset} --settings {params.recipe:q} --contents {params.contents:q}"
        " {params.source_folder:q} --output {params.folder} 2> {log}"

"""download -> prepare: the files of the sources, and the data sets made from them."""


include: "inputs/data.smk"


rule download:
    """Download the four IDX files of a source, each from the first mirror with a complete copy."""
    input:
        downloaded_again,
    output:
        **{role: f"<source>/{name}" for role, name in IDX_NAMES.items()},
        provenance="<source>/provenance.json",
    log:
        "<logs>/download/{source}.log",
    cache: CACHE
    localrule: True
    params:
        # Without display names, mirrors and checksums, whose changes are no reason to rebuild everything.
        contents=lambda wildcards: contents_of(wildcards.source),
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
        recipe=lambda wildcards, output: as_argument(STUDY.recipe(wildcards.dataset)),
        source=source_to_read,
        source_folder=source_folder,
        folder=subpath(output.dataset, parent=True),
    shell:
        "python -m downhill prepare {wildcards.dataset} --settings {params.recipe:q} --source {params.source:q}"
        " {params.source_folder:q} --output {params.folder} 2> {log}"

"""download -> preprocess: the files of the sources, and the data sets made from them."""


rule download:
    """Download the four IDX files of a source, each from the first mirror that has a complete copy."""
    output:
        **{role: f"<source>/{name}" for role, name in IDX_NAMES.items()},
        provenance="<source>/provenance.json",
    log:
        "<logs>/download/{source}.log",
    cache: CACHE
    localrule: True
    params:
        # Without the mirrors, because adding one is no reason to make everything again.
        contents=lambda wildcards: canonical(STUDY.tables.sources[wildcards.source].contents()),
        settings=source_settings,
        unchecked_in=unchecked_in,
        folder=subpath(output.train_images, parent=True),
    shell:
        "python -m downhill download {wildcards.source} --settings {params.settings:q} --output {params.folder} 2> {log}"


rule prepare:
    """Make a data set from its recipe: validate, split, select, shuffle, resize and add noise."""
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
        recipe=lambda wildcards: canonical(STUDY.recipe(wildcards.dataset)),
        contents=lambda wildcards: canonical(source_of(wildcards)),
        code=code("datasets.prepare"),
        source_folder=subpath(input[0], parent=True),
        folder=subpath(output.dataset, parent=True),
    shell:
        "python -m downhill prepare {wildcards.dataset} --settings {params.recipe:q} --contents {params.contents:q}"
        " --source-folder {params.source_folder} --output {params.folder} 2> {log}"

"""download -> preprocess: the sources' files, and the data sets made of them."""


rule download:
    """Bring a source's four IDX files from the first mirror that has them whole."""
    output:
        **SOURCE_FILES,
    params:
        source=lambda wildcards: canonical(STUDY.tables.sources[wildcards.source]),
        folder=subpath(output.train_images, parent=True),
    log:
        LOGS + "/download/{source}.log",
    localrule: True
    shell:
        "python -m downhill download {wildcards.source} --settings {params.source:q}"
        " --output {params.folder} 2> {log}"


rule prepare:
    """Validate, split, select, shuffle and resize: one data set from its recipe."""
    input:
        source_of,
    output:
        DATASET + "/dataset.npz",
        DATASET + "/summary.json",
    params:
        recipe=lambda wildcards: canonical(STUDY.recipe(wildcards.dataset)),
        contents=lambda wildcards: canonical(
            STUDY.tables.sources[STUDY.recipe(wildcards.dataset).source].contents()
        ),
        code=code("datasets.prepare"),
        source_folder=subpath(input[0], parent=True),
        folder=subpath(output[0], parent=True),
    log:
        LOGS + "/prepare/{dataset}.log",
    resources:
        mem_mb=2000,
    shell:
        "python -m downhill prepare {wildcards.dataset} --settings {params.recipe:q} --contents {params.contents:q}"
        " --source-folder {params.source_folder} --output {params.folder} 2> {log}"

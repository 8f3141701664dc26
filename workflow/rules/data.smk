"""download -> preprocess: the sources' files, and the data sets made of them."""


def source_settings(wildcards, output):
    """A source with its mirrors, Downhill's own folders found from any working directory; no reason for a rerun."""
    source = STUDY.tables.sources[wildcards.source]
    own = {
        name: str(HOME / name)
        for name in source.mirrors
        if not Path(name).is_dir() and (HOME / name).is_dir()
    }
    mirrors = tuple(own.get(name, name) for name in source.mirrors)
    return canonical(source.model_copy(update={"mirrors": mirrors}))


def unchecked_in(wildcards, output):
    """The project's folder if a source lacks checksums: files of the same name may differ elsewhere."""
    files = STUDY.tables.sources[wildcards.source].files.model_dump().values()
    return None if all(file["sha256"] for file in files) else str(Path.cwd())


def source_of(wildcards):
    """The source that a data set is made from."""
    return STUDY.tables.sources[STUDY.recipe(wildcards.dataset).source].contents()


def source_files(wildcards):
    """The source's files that a data set is made from; none if the source is generated."""
    source = STUDY.recipe(wildcards.dataset).source
    if source not in STUDY.tables.downloaded():
        return []
    return [f"<resources>/{source}/{name}" for name in IDX_NAMES.values()]


def source_folder(wildcards, input):
    """The option that names the folder of these files, if there are any."""
    return ["--source-folder", folders(input)[0]] if input else []


rule download:
    """Download a source's four IDX files from the first mirror that has them complete."""
    output:
        **{role: f"<source>/{name}" for role, name in IDX_NAMES.items()},
        provenance="<source>/provenance.json",
    log:
        "<logs>/download/{source}.log",
    cache: CACHE
    localrule: True
    params:
        # Without the mirrors: a new one is no reason to make everything again.
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
        recipe=lambda wildcards: canonical(STUDY.recipe(wildcards.dataset)),
        contents=lambda wildcards: canonical(source_of(wildcards)),
        code=STAGES["prepare"].code_digest(),
        source_folder=source_folder,
        folder=subpath(output.dataset, parent=True),
    shell:
        "python -m downhill prepare {wildcards.dataset} --settings {params.recipe:q} --contents {params.contents:q}"
        " {params.source_folder:q} --output {params.folder} 2> {log}"

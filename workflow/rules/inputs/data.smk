"""Functions of the rules in `data.smk`: where data sets come from."""


def source_settings(wildcards, output):
    """A source with its mirrors; those in Downhill's own folder are found from any working directory.

    It takes `output`, so that Snakemake does not regard a change as a reason to run a job again.
    """
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

"""Functions of the rules in `data.smk`: where data sets come from."""

DOWNLOADED_AGAIN = []  # downloads that must run again because files were replaced; filled by the Snakefile


def downloaded_again(wildcards):
    """No files; the download of a source runs again if files on its mirrors were replaced."""
    force(workflow, DOWNLOADED_AGAIN)
    return []


def contents_of(source):
    """What determines the data that is made from a source, apart from its files."""
    return canonical(STUDY.tables.sources[source].contents())


def source_settings(wildcards, output):
    """A source with its mirrors; those in Downhill's own folder are found from any working directory.

    It takes `output`, so that Snakemake does not regard a change as a reason to run a job again: checksums that are
    added do not change the files, and those that disagree with the files are an error before any job.
    """
    return as_argument(with_own_folders(STUDY.source(wildcards.source), HOME))


def unchecked_in(wildcards, output):
    """What else identifies the files of a source without checksums, so that the cache never returns other files."""
    source = with_own_folders(STUDY.tables.sources[wildcards.source], HOME)
    return (
        unguarded_files(source, output, is_forced(workflow, "download", output))
        if source.unguarded()
        else None
    )


def source_of(wildcards):
    """The name of the source that a data set is made from."""
    return STUDY.recipe(wildcards.dataset).source


def source_to_read(wildcards, output):
    """This source with the checksums of its files; it takes `output` for the same reason as `source_settings`."""
    return as_argument(STUDY.source(source_of(wildcards)))


def source_files(wildcards):
    """The source's files that a data set is made from; none if the source is generated."""
    force(workflow, DOWNLOADED_AGAIN)
    source = source_of(wildcards)
    if source not in STUDY.tables.downloaded():
        return []
    return [f"<resources>/{source}/{name}" for name in IDX_NAMES.values()]


def source_folder(wildcards, input):
    """The option that names the folder of these files, if there are any."""
    return ["--source-folder", folders(input)[0]] if input else []

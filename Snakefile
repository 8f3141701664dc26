"""Downhill: do neural networks learn the way the lessons say? `snakemake` runs the default study."""

from snakemake.logging import logger
from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


# An image with the package and everything that the rules need, built from `Containerfile` (docs/clusters.md says how).
# It is used with `--software-deployment-method apptainer`; otherwise jobs run in the environment of Snakemake.
# The path is relative, because Snakemake refuses one with a space, even if the image is not used.
container: os.path.relpath(HOME / "downhill.sif")


include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/experiment.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/report.smk"


# Before planning, and only in the main Snakemake process, not in those that run jobs on a cluster: check the files
# requested and those of sources, report what has changed, and refuse results that are not what the study asks for.
if workflow.is_main_process:
    try:
        check_targets(STUDY, [] if IS_MODULE else sys.argv[1:])
        DOWNLOADED_AGAIN += check_sources(STUDY, rules.download.output.train_images, HOME)
        startup.report_changes(STUDY)
    except DownhillError as error:
        raise WorkflowError(str(error))


rule all:
    default_target: True
    input:
        rules.summarise.output,
        rules.publish.output,
        all_figures(),
        all_evaluations(),
        all_experiments(),
        # Only in the main Snakemake process, not in those that run jobs on a cluster.
        missing_outputs(STUDY) + files_to_replace(STUDY) if workflow.is_main_process else [],
        # (A module's user may take these inputs for another rule, which must not contain functions.)
        not_stale if workflow.is_main_process and not IS_MODULE else [],


# Before the first job, make sure that results can be written, and that no other Snakemake writes them.
onstart:
    try:
        startup.begin(STUDY)
    except DownhillError as error:
        raise WorkflowError(str(error))
    progress.expect(STUDY, workflow)


# A run continues after a failure, perhaps for hours, so at its end it lists what failed.
onerror:
    for message in filter(None, [failures.summary(map(Path, log)), startup.trouble_with_disks(STUDY)]):
        if progress.is_shown():
            logger.error(message)
        else:
            print(message, file=sys.stderr)

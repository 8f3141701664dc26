"""What decides, for every rule, whether a result is made again, used as it is, or refused."""


def asked_often(function):
    """Keep the signature of a function that is called for thousands of jobs: Snakemake reads it each time."""
    function.__signature__ = inspect.signature(function)
    return function


@asked_often
def same_bytes(wildcards, output):
    """What else must be the same for a cached result to equal what a job would make: libraries and machine.

    It takes `output`, so that Snakemake does not regard a change as a reason to run a job again.
    """
    return computed_with()


def compared(stage):
    """Parameters that Snakemake compares, which are short texts for the settings and the code of a job."""

    @cache
    def texts(key):
        return STAGES[stage].compared(STAGES[stage].asks(STUDY, key))

    def text(place):
        # The blocks of a network have the same settings, and there may be thousands.
        wanted = STAGES[stage].wildcards[: 1 if stage == "train" else None]
        return asked_often(lambda wildcards: texts(tuple(wildcards[name] for name in wanted))[place])

    return {"asked": text(0), "code": text(1)}


def expected(stage):
    """The option that says what the inputs of a job may be, so that no other results are used.

    Left out where it would not fit into a command (while planning, all results are checked anyway), and for a job
    without such inputs, such as an experiment that uses neither networks nor data.
    """

    @cache
    def option(key):
        texts = expected_inputs(STUDY, STAGES[stage].needs(STUDY, key))
        return ["--expected", ";".join(texts)] if 0 < len(texts) <= 500 else []

    def of_job(wildcards, output):
        key = tuple(wildcards[name] for name in STAGES[stage].wildcards)
        return option(key[:1] if stage == "train" else key)

    return asked_often(of_job)


def not_stale(wildcards):
    """No files; with `--touch` or other triggers, refuse results that are not what the study asks for.

    It is a function because these options may be those of a profile, which are not known before jobs are planned.
    """
    try:
        startup.check_without_records(STUDY, workflow.rerun_triggers, workflow.touch)
    except DownhillError as error:
        raise WorkflowError(str(error))
    return []


SAME_BYTES = {"same_bytes": same_bytes} if CACHE else {}

"""An experiment: what is computed from trained networks or data when scores are not enough. `experiments.yaml`."""

from pydantic import BaseModel, ConfigDict, Field

from downhill.config.claim import Names, Options
from downhill.config.settings import MOST_SEEDS
from downhill.config.text import LONGEST_NAME

FUNCTION = r"^[a-z_]+\.[a-z][a-z0-9_]*$"


class Experiment(BaseModel):
    """One experiment: a function, what it is applied to, and what it will cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    function: str = Field(
        description="`family.function`: a public function of the module `downhill.experiments.family`.",
        pattern=FUNCTION,
        max_length=LONGEST_NAME,
    )
    networks: Names = Field((), description="Networks that it uses; `shape-*` means all that match.")
    together: bool = Field(
        False, description="Whether it runs once with all of its networks, instead of once for each of them."
    )
    datasets: Names = Field((), description="Further data sets that it uses.")
    seeds: int | None = Field(
        None,
        ge=1,
        le=MOST_SEEDS,
        description="Number of seeds: 0, 1, … seeds − 1, at most those that a network has; empty means those of its "
        "networks.",
    )
    seeds_per_job: int = Field(
        10, ge=1, description="Seeds that one job computes. It does not change any result."
    )
    options: Options = Field({}, description="Options of the function, by name.")
    seconds_per_seed: float = Field(
        1.0, gt=0, allow_inf_nan=False, description="Expected time of one seed, for planning."
    )
    megabytes: int = Field(1000, ge=100, description="Expected memory of a job, for planning.")

    @property
    def family(self) -> str:
        """Module of `downhill.experiments`."""
        return self.function.partition(".")[0]

    @property
    def function_name(self) -> str:
        """Function of that module."""
        return self.function.partition(".")[2]

    def computed(self) -> "Experiment":
        """What its results depend on: the function and its options."""
        return Experiment(function=self.function, options=self.options)

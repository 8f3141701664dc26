"""What a study will cost, predicted before it runs: time, memory and jobs."""

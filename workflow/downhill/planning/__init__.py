"""What a study will cost before it runs: time, memory and jobs."""

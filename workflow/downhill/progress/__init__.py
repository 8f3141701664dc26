"""What a run shows while it is going on: how far it is, how long it will take, and what failed."""

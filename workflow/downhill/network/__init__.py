"""The definition of a network: its layers, its parameters, and the maths of one step, in plain NumPy."""

"""What a network is: its layers, its parameters, and the maths of one step, as plain NumPy."""

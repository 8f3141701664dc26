"""The playground, a page for drawing a digit and watching trained networks answer: its data, and the page itself."""

"""The page on which one draws a digit and watches trained networks answer: its data, and the page itself."""

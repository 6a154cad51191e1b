"""Reports as pages: one HTML file that holds everything and asks nothing of a network.

The engine's answers come in as values and go out as text; nothing is computed here that is not layout. Above the engine, below the
command line.
"""

"""One module a stage of the path of the data; pipeline.py runs them in order."""

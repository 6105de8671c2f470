"""The compiler: pipeline.py is the list of its passes, one folder for each idea."""

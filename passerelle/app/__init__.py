"""The composition root and the command line. Imported by nobody."""

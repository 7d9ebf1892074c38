"""Where the rows of a catalogue come from: one reader for each form of file, and the client of data·inclusion's API.

A reader yields `Read` values and judges nothing of the national format: `orientation_catalogue.intake` does. What a
reader cannot read as a row it yields with its problem; what makes the whole file doubtful raises BadSource.
"""

#: The forms a file may have when its name does not tell.
FORMS = ("json", "ndjson", "csv", "parquet", "hsds", "complements", "cards")

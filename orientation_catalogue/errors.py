"""What can go wrong in the catalogue. The message is the docstring, its places filled with the given values."""


class CatalogueError(Exception):
    """The catalogue cannot do this."""

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__((type(self).__doc__ or "").format(**values))


class UnknownCommune(CatalogueError):
    """No commune has the code "{code}"."""


class UnknownThematique(CatalogueError):
    """ "{value}" is not a need of data·inclusion v1 (field {field})."""


class BadProfile(CatalogueError):
    """The profile cannot be read: field {field}, value {value!r}, {problem}."""


class NoCatalogue(CatalogueError):
    """There is no readable catalogue at {path}."""


class BrokenCatalogue(CatalogueError):
    """The catalogue file {path} is not the one its name says; build it again."""


class BadSource(CatalogueError):
    """The source {path} cannot be read: {problem}."""


class CannotWrite(CatalogueError):
    """{path}: {problem}"""


class BadHours(CatalogueError):
    """The opening hours {hours!r} are not in the OpenStreetMap form."""


class ApiRefused(CatalogueError):
    """data·inclusion does not give its rows: {problem}. Nothing is changed."""


class ApiAway(CatalogueError):
    """data·inclusion cannot be read right now: {problem}. Pages received are kept: run the same command again."""

"""A company's files into the store, with the times that the files know."""

from serving.importing.run import Imported, import_files

__all__ = ["Imported", "import_files"]

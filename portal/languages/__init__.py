"""Languages: every word on the pages in the language of who reads them. English stands in the code itself."""

from portal.languages.speaking import ENGLISH, NAMES, marked, speaking, translated

__all__ = ["ENGLISH", "NAMES", "marked", "speaking", "translated"]

"""Until all imports name `http.language`."""

from klima_shared.http.language import RequestLanguage as ReaderLang

__all__ = ["ReaderLang"]

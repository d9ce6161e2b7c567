"""The method as data: CSV tables with sources, and the one function that reads them."""

from klima_balance.method.files import MethodTableError, load_method

__all__ = ["MethodTableError", "load_method"]

"""The explorer: temperature, top_k, top_p and min_p on a real distribution, in a notebook or in one HTML file."""

from logitlab.explorer.widget import Explorer

__all__ = ["Explorer"]

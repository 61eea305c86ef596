"""Every model of a model gateway, one notebook cell away."""

__version__ = "0.1.0"

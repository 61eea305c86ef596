"""Settings: which server a call goes to, which key goes along, and how the key stays hidden.

`resolve` decides it and gives an Endpoint. Nothing here talks to a provider or knows what a call is for.
"""

from .course import course_defaults
from .endpoint import Endpoint, loopback
from .local import find_local
from .providers import PROVIDERS, Provider, provider
from .resolve import find_key, resolve
from .secret import Secret, clean_key, known_secrets, looks_like_key, refuse_key, scrub
from .stored import forget_key, store_key

__all__ = [
    "PROVIDERS",
    "Endpoint",
    "Provider",
    "Secret",
    "clean_key",
    "course_defaults",
    "find_key",
    "find_local",
    "forget_key",
    "known_secrets",
    "looks_like_key",
    "loopback",
    "provider",
    "refuse_key",
    "resolve",
    "scrub",
    "store_key",
]

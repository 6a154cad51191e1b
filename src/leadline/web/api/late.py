"""Addresses whose code is loaded when one of them is first asked for.

The operations bring ninja, pydantic and a class for every shape: a fifth of the memory of a server that shows pages and is never asked by
a program. Django's own `include` loads at once, and its `reverse` would.
"""

from functools import cached_property
from typing import Any

from django.urls import URLResolver, clear_url_caches
from django.urls.resolvers import RoutePattern
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language


class LateResolver(URLResolver):
    """The addresses of a module, under a prefix. Until one is asked for, `reverse` does not know their names.

    Example:
        >>> late = LateResolver("api/v1/", "leadline.web.api.operations")
        >>> late.is_loaded
        False
    """

    def __init__(self, prefix: str, module: str) -> None:
        super().__init__(RoutePattern(prefix), module)

    @property
    def is_loaded(self) -> bool:
        """Whether the module has been imported through this resolver."""
        return "urlconf_module" in self.__dict__

    @cached_property
    def urlconf_module(self) -> Any:
        """Import the module; what `reverse` learned before is forgotten, since it knew nothing of these."""
        module: Any = super().urlconf_module
        vars(self).update(_reverse_dict=MultiValueDict(), _namespace_dict={}, _app_dict={})
        clear_url_caches()
        return module

    def _populate(self) -> None:
        if self.is_loaded:
            super()._populate()
            return
        language = get_language()
        vars(self)["_reverse_dict"][language] = MultiValueDict()
        for name in ("_namespace_dict", "_app_dict"):
            vars(self)[name][language] = {}

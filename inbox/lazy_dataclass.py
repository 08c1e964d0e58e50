"""``dataclass`` as in the standard library, made in a twentieth of the time.

The standard one compiles six methods for each class while its module is imported: half a millisecond, and a hundred
classes are loaded until the window is ready. Here all classes share their methods, and ``__init__`` is compiled when
the first object is made. For frozen classes with slots, which is what we have; to a type checker it is the real one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses
    from dataclasses import MISSING, FrozenInstanceError, fields
    from functools import cache
    from operator import attrgetter

    def dataclass(*, frozen, slots, kw_only=False):
        """The decorator: only ``frozen=True, slots=True``."""
        assert frozen
        assert slots

        def make(cls):
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
            for name, method in _SHARED.items():
                if name not in cls.__dict__:
                    setattr(made, name, method)
            made.__init__ = _init_of(made)
            return made

        return make

    def _init_of(cls):
        """An ``__init__`` that puts the compiled one in its own place when it is called first."""

        def __init__(self, *arguments, **values):
            if cls.__init__ is __init__:  # another thread may have been faster
                cls.__init__ = _compiled(cls)
            cls.__init__(self, *arguments, **values)

        return __init__

    def _compiled(cls):
        given = [field for field in fields(cls) if field.init]
        place = [_parameter(field) for field in given if not field.kw_only]
        named = [_parameter(field) for field in given if field.kw_only]
        body = [f"    _put_(self, {field.name!r}, {_value(field)})\n" for field in fields(cls) if _value(field)]
        after = ["    self.__post_init__()\n"] if hasattr(cls, "__post_init__") else []
        head = ", ".join(["self", *place, *(["*", *named] if named else [])])
        known = {"_put_": object.__setattr__, "_missing_": MISSING}
        known |= {f"_default_{field.name}": field.default for field in fields(cls)}
        known |= {f"_make_{field.name}": field.default_factory for field in fields(cls)}
        exec(f"def __init__({head}):\n" + "".join([*body, *after] or ["    pass\n"]), known)  # noqa: S102 - names of fields only
        return known["__init__"]

    def _parameter(field):
        if field.default_factory is not MISSING:
            return f"{field.name}=_missing_"
        return field.name if field.default is MISSING else f"{field.name}=_default_{field.name}"

    def _value(field):
        if field.default_factory is not MISSING:
            made = f"_make_{field.name}()"
            return f"{made} if {field.name} is _missing_ else {field.name}" if field.init else made
        return field.name if field.init else "" if field.default is MISSING else f"_default_{field.name}"

    @cache
    def _compared(cls):
        return attrgetter(*(field.name for field in fields(cls) if field.compare))

    def _eq(self, other):
        values = _compared(type(self))
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    def _hash(self):
        return hash(_compared(type(self))(self))

    def _repr(self):
        shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self) if field.repr)
        return f"{type(self).__qualname__}({shown})"

    def _refuse_to_set(self, name, value):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(self, name):
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _get_state(self):
        return [getattr(self, field.name) for field in fields(self)]

    def _set_state(self, state):
        for field, value in zip(fields(self), state, strict=True):
            object.__setattr__(self, field.name, value)

    _SHARED = {
        "__eq__": _eq,
        "__hash__": _hash,
        "__repr__": _repr,
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__getstate__": _get_state,
        "__setstate__": _set_state,
    }

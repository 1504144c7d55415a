"""What can be set differently at an emulator while it runs."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Adjustable(BaseModel):
    """Base of the switches of an emulator: one field each, with its default and where that comes from."""

    model_config = ConfigDict(extra="forbid")

    def change(self, wish: Any) -> None:
        """Set the named fields in place. Raises pydantic's ValidationError and then changes nothing."""
        self._take(type(self).model_validate({**self.model_dump(), **wish} if isinstance(wish, dict) else wish))

    def reset(self) -> None:
        self._take(type(self)())

    def _take(self, other: BaseModel) -> None:
        for name in type(self).model_fields:
            setattr(self, name, getattr(other, name))

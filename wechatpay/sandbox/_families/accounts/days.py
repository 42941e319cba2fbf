"""Working days: from Monday to Friday. The sandbox knows no holidays."""

from __future__ import annotations

from datetime import datetime, timedelta

_DAY = timedelta(days=1)
_SATURDAY = 5


def working_day_after(moment: datetime, count: int = 1, hour: int = 10) -> datetime:
    """Return an hour of a working day, so many after the day of a moment.

    Args:
        moment: From which day to count.
        count: How many working days later.
        hour: The hour of that day.
    """
    day = moment.replace(hour=hour, minute=0, second=0, microsecond=0)
    while count:
        day += _DAY
        count -= day.weekday() < _SATURDAY
    return day

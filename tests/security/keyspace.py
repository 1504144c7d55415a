"""What is stored, as a picture that two moments can be compared by."""

from dataclasses import dataclass

from redis.asyncio import Redis

CLOCK = b":clk"
"""Every sweep notes the time there, whatever is stored otherwise."""
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Picture:
    """Every key with its value as Redis dumps it; for keys that end by themselves also that they do."""

    values: dict[bytes, bytes]
    passing: frozenset[bytes]

    def changes_to(self, later: "Picture") -> list[str]:
        """Keys that are new, different, or gone without their time having come."""
        names = [name for name, value in later.values.items() if self.values.get(name) != value]
        names += [name for name in self.values if name not in later.values and name not in self.passing]
        return sorted(name.decode(errors="replace") for name in names)


async def take_picture(redis: Redis) -> Picture:
    names = [name async for name in redis.scan_iter(count=_BATCH) if not name.endswith(CLOCK)]
    values: dict[bytes, bytes] = {}
    passing = set()
    for at in range(0, len(names), _BATCH):
        some = names[at : at + _BATCH]
        pipeline = redis.pipeline(transaction=False)
        for name in some:
            pipeline.dump(name)
            pipeline.pttl(name)
        answers = await pipeline.execute()
        for name, value, left in zip(some, answers[::2], answers[1::2], strict=True):
            if value is not None:
                values[name] = value
            if left >= 0:
                passing.add(name)
    return Picture(values, frozenset(passing))

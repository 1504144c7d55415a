"""Who is next where there is more work than may be done at once: the businesses take turns."""

from collections import Counter, deque


class Queue:
    """Conversations to be worked off and those in hand. A business may fill half of the places at most.

    One business' slow booking system must not make the customers of another wait.
    """

    def __init__(self, most: int) -> None:
        """`most`: conversations in hand at once."""
        self._most = most
        self._share = max(1, most // 2)
        self._in_hand: Counter[str] = Counter()
        self._waiting: dict[str, deque[str]] = {}
        self._queued: set[str] = set()

    def __len__(self) -> int:
        return len(self._queued)

    def put(self, conversation_id: str) -> None:
        """At the end of its business' line, if it does not stand there already."""
        if conversation_id not in self._queued:
            self._queued.add(conversation_id)
            self._waiting.setdefault(_business(conversation_id), deque()).append(conversation_id)

    def take(self) -> str | None:
        """The next one, now in hand; None if nobody waits who may be taken."""
        if self._in_hand.total() >= self._most:
            return None
        business = next((name for name in self._waiting if self._in_hand[name] < self._share), None)
        if business is None:
            return None
        line = self._waiting.pop(business)
        conversation_id = line.popleft()
        if line:
            self._waiting[business] = line  # behind the other businesses
        self._queued.discard(conversation_id)
        self._in_hand[business] += 1
        return conversation_id

    def finish(self, conversation_id: str) -> None:
        """No longer in hand."""
        business = _business(conversation_id)
        self._in_hand[business] -= 1
        if not self._in_hand[business]:
            del self._in_hand[business]


def _business(conversation_id: str) -> str:
    return conversation_id.partition(":")[0]

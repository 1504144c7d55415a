"""The menu, and the words that lead out: cancel, stop, help."""

from bot.conversation.contract import Choice, Reply, Text
from flows import ways
from flows.booking.machine import Mover
from flows.draft import Draft


class Menu:
    """The place outside every step."""

    def __init__(self, mover: Mover) -> None:
        self._mover = mover

    def show(self, draft: Draft) -> Reply:
        """Leave the steps for the menu; what is picked so far is kept."""
        self._mover.move(draft.session, "show_menu")
        return self.ask(draft)

    def ask(self, draft: Draft) -> Reply:
        key = "menu.go_on_move" if draft.is_moving else "menu.go_on"
        onward = (Choice(Text(key), "resume"),) if draft.is_started else ()
        language = (Choice(Text("menu.language"), "language"),) if len(draft.turn.business.languages) > 1 else ()
        text = Text("menu.ask", {"business": draft.turn.business.name})
        asking = (Choice(Text("waiting.ask"), "progress"),) if draft.session.pending else ()
        return Reply(
            text,
            choices=(*asking, *onward, ways.to_booking(), ways.to_appointments(), *language),
            ways=(ways.to_person(),),
            replaces=True,
        )

    def cancel(self, draft: Draft) -> Reply:
        """Leave the booking in the making. Nothing was booked, and that is said."""
        if draft.session.pending:
            draft.note("cancel.left_beside" if draft.is_started else "waiting.cancel")
        else:
            left = "cancel.left_move" if draft.is_moving else "cancel.left"
            draft.note(left if draft.is_started else "cancel.nothing")
        draft.forget()
        return self.show(draft)

    def stop(self, draft: Draft) -> Reply:
        """Acknowledge STOP with what is true: nothing is ever sent unasked."""
        draft.forget()
        self._mover.move(draft.session, "show_menu")
        return Reply(Text("stop.text"), choices=(ways.to_booking(),), ways=ways.out())

"""The commands of the main window with their keys: what menus, palette and the sheet of keys show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox.i18n import tr
from inbox.ui import case_actions, places, selection
from inbox.ui.commands import Command

if TYPE_CHECKING:
    from collections.abc import Callable

    from inbox.ui.conversation import ConversationPane
    from inbox.ui.window import Window


def register(window: Window) -> None:
    """Fill the window's registry of commands."""
    for commands in (_reply, _case, _list, _go, _program):
        window.commands.add(*commands(window))


def _reply(window: Window) -> list[Command]:
    on, has, group = _on_pane(window), window.has_conversation, tr("Reply")
    return [
        Command("reply.write", tr("Reply"), ("R",), on(lambda pane: pane.reply()), has, group),
        Command("reply.note", tr("Write a note"), ("N",), on(lambda pane: pane.note()), has, group),
        Command("reply.template", tr("Insert a template"), ("T", "Ctrl+T"),
                on(lambda pane: pane.show_templates()), has, group),
        Command("reply.question", tr("Ask the next clarifying question"), ("Q",),
                on(lambda pane: pane.ask()), has, group),
        Command("reply.questions", tr("Choose a clarifying question"), ("Shift+Q", "Ctrl+Shift+A"),
                on(lambda pane: pane.show_question_menu()), has, group),
        Command("reply.count", tr("Count my sentence as a clarifying question"), ("Ctrl+Shift+Q",),
                on(lambda pane: pane.composer.count_question()), has, group),
        Command("reply.all", tr("Reply to all"), ("Shift+R",),
                on(lambda pane: pane.composer.reply_to_all()), has, group),
        Command("reply.people", tr("Recipients: To, Cc and Bcc"), ("Ctrl+Shift+C",),
                on(lambda pane: pane.composer.people.toggle()), has, group),
        Command("reply.later", tr("Send later"), ("Ctrl+Shift+Return",),
                on(lambda pane: pane.composer.choose_time()), has, group),
        Command("reply.attach", tr("Attach files"), ("Ctrl+Shift+F",),

                on(lambda pane: pane.composer.files_wanted.emit()), has, group),
        Command("reply.send", tr("Send"), ("Ctrl+Return",), on(lambda pane: pane.composer.send()), has, group),
        Command("reply.undo", tr("Undo sending"), ("Ctrl+Z",), window.undo, window.can_undo, group),
    ]  # fmt: skip


def _case(window: Window) -> list[Command]:
    on, has, group = _on_pane(window), window.has_case, tr("Case")
    return [
        Command("case.close", tr("Close the case"), ("C",), lambda: selection.close(window), has, group),
        Command("case.reopen", tr("Reopen the case"), ("Shift+C",), on(case_actions.reopen), has, group),
        Command("case.open", tr("Open a case"), ("O",), on(case_actions.open_case), window.may_open_case, group),
        Command("case.assign", tr("Assign to …"), ("A",), on(case_actions.choose_owner), has, group),
        Command("case.take", tr("Take it"), ("M",), lambda: selection.take(window), has, group),
        Command("case.type", tr("Change the kind of case"), ("Y",), on(case_actions.choose_type), has, group),
        Command("case.solve", tr("Mark as solved"), ("Shift+S",), on(case_actions.solve), has, group),
        Command("case.wait", tr("Wait for the customer"), ("W",), on(case_actions.wait), has, group),
        Command("case.due", tr("Change the deadline"), ("Shift+D",), on(case_actions.choose_due), has, group),
        Command("case.questions", tr("What is missing to close"), ("G",),
                on(case_actions.show_questions), has, group),
        Command("case.answer", tr("File the proposed answer"), ("F",),
                on(lambda pane: pane.bar.banners.accept()), has, group),
        Command("case.log", tr("Log a call or a visit"), ("L",), lambda: places.log_contact(window), has, group),
        Command("case.split", tr("Give this conversation a case of its own"), (),
                on(case_actions.split), has, group),
    ]  # fmt: skip


def _list(window: Window) -> list[Command]:
    has, group = window.has_selection, tr("Conversation")
    return [
        Command("list.next", tr("Next conversation"), ("J",), lambda: window.list.move_by(1), group=group),
        Command("list.previous", tr("Previous conversation"), ("K",), lambda: window.list.move_by(-1), group=group),
        Command("list.unread", tr("Mark as unread"), ("U",), lambda: selection.mark_unread(window), has, group),
        Command("list.snooze", tr("Set aside until …"), ("S",), lambda: selection.snooze(window), has, group),
        Command("list.dismiss", tr("Needs no case …"), ("D",), lambda: selection.dismiss(window), has, group),
        Command("list.spam", tr("It is spam"), ("!",), lambda: selection.dismiss_as(window, "spam"), has, group),
        Command("list.restore", tr("Take the dismissal back"), ("Shift+U",),
                lambda: selection.restore(window), has, group),
        Command("list.tags", tr("Edit the tags"), ("#",), lambda: selection.edit_tags(window), has, group),
        Command("list.export", tr("Export the conversation"), (),
                lambda: places.export_conversation(window), has, group),
        Command("list.all", tr("Select all that is loaded"), ("Ctrl+A",), window.list.select_all, group=group),
        Command("customer.panel", tr("Show or hide the customer"), ("Ctrl+I",), window.toggle_panel, group=group),
        Command("customer.tier", tr("Change how valuable the customer is"), ("V",), lambda: places.choose_tier(window),
                window.has_conversation, group),
    ]  # fmt: skip


def _go(window: Window) -> list[Command]:
    group = tr("Go to")
    views = [
        Command(f"go.view{n}", tr("View {n}", n=n), (f"Ctrl+{n}",), _view(window, n - 1), group=group)
        for n in range(1, 6)
    ]
    return [
        Command("go.search", tr("Search"), ("/", "Ctrl+F"), window.go_to_search, group=group),
        Command("go.list", tr("The list"), ("Escape",), window.go_to_list, group=group),
        Command("go.snoozed", tr("What is set aside"), ("Ctrl+6",), lambda: show_set_aside(window), group=group),
        Command("go.next_view", tr("Next view"), ("Ctrl+Down",), lambda: window.rail.step(1), group=group),
        Command("go.previous_view", tr("Previous view"), ("Ctrl+Up",), lambda: window.rail.step(-1), group=group),
        *views,
        Command("go.palette", tr("Find any command"), ("Ctrl+K",),
                lambda: places.show_palette(window), window.is_ready, group),
    ]  # fmt: skip


def _program(window: Window) -> list[Command]:
    ready, group = window.is_ready, tr("Program")
    return [
        Command("program.menu", tr("Menu"), ("F10",), lambda: places.show_menu(window), group=group),
        Command("program.keys", tr("Keys"), ("?", "Shift+F1"), lambda: places.show_keys(window), group=group),
        Command("program.fetch", tr("Fetch now"), ("F5",), lambda: places.fetch(window), ready, group),
        Command("program.account", tr("Add an account"), ("Ctrl+N",), lambda: places.add_account(window), ready, group),
        Command("program.import", tr("Import mail"), ("Ctrl+O",), lambda: places.import_mail(window), ready, group),
        Command("program.settings", tr("Settings"), ("Ctrl+,",), lambda: places.show_settings(window), ready, group),
        Command("program.search_help", tr("How to search"), ("F1",),
                lambda: places.show_search_help(window), group=group),
        Command("program.theme", tr("Light or dark"), ("Ctrl+Shift+L",),
                lambda: places.switch_theme(window), group=group),
        Command("program.larger", tr("Larger text"), ("Ctrl++", "Ctrl+="),
                lambda: places.resize_text(window, 1), group=group),
        Command("program.smaller", tr("Smaller text"), ("Ctrl+-",),
                lambda: places.resize_text(window, -1), group=group),
        Command("program.quit", tr("Quit"), ("Ctrl+Shift+W",), lambda: places.leave(window), group=group),
    ]  # fmt: skip


def show_set_aside(window: Window) -> None:
    """What comes back by itself, to bring it back now."""
    window.rail.mark("")
    window.side.show_view("snoozed", tr("Set aside"), "is:snoozed", "newest")


def _on_pane(window: Window) -> Callable[[Callable[[ConversationPane], None]], Callable[[], None]]:
    return lambda act: lambda: act(window.pane)


def _view(window: Window, place: int) -> Callable[[], None]:
    return lambda: window.choose_view(place)

"""The commands, on the demo's shop."""

import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from inbox.app import open_app
from inbox.channels.email.importing import find_mails
from inbox.cli import COMMANDS, main
from inbox.cli.command import one_line, print_table
from inbox.services import agents, queries, settings_store
from inbox.states import Role
from inbox.store.models import TemplateVariant
from tests.cli.conftest import Run


def case_of(run: Run, query: str) -> int:
    return int(run("conversations", "--query", query, "--json").rows[0]["case_id"])


def conversation_of(run: Run, query: str) -> int:
    return int(run("conversations", "--query", query, "--json").rows[0]["id"])


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_in_both_languages(run: Run, name: str) -> None:
    english, spanish = run(name, "--help"), run("--language", "es", name, "--help")
    assert english.code == spanish.code == 0
    assert english.out != spanish.out


def test_wrong_usage_ends_with_2(run: Run) -> None:
    assert run("telepathy").code == 2
    assert run("--telepathy").code == 2
    assert run("reply", "1").code == 2
    assert run("cases", "close").code == 2
    assert run("conversations", "show").code == 2
    assert "“show” takes 1 number" in run("customers", "show").err
    assert run("customers", "merge", "1").code == 2
    assert run("export", "customer").code == 2
    assert run("search", "x", "--limit", "0").code == 2


def test_an_empty_profile_is_said_to_be_empty(run: Run) -> None:
    for name in ("accounts", "conversations", "customers", "cases"):
        said = run(name)
        assert (said.code, said.out, said.err) == (0, "", "There is nothing to show.\n")
        said = run(name, "--json")
        assert (said.code, said.out, said.err) == (0, "", "")
    assert run("search", "washing").code == 1


def test_what_is_not_there_is_named(run: Run, shop: None) -> None:
    assert run("dismiss", 99999).err == "error: 99999. There is no such conversation.\n"
    assert run("note", 1, "").err == "error: There is nothing to write down yet. Type the text first.\n"
    of_another = run("cases", "show", 2, "--json").rows[0]["gate"]["questions"][0]["id"]
    refused = run("cases", "answer", 1, of_another, "--text", "Yes")
    assert (refused.code, refused.err[:44]) == (1, f"error: There is no question {of_another} in case 1. See")
    assert run("cases", "no-answer", 1, of_another).code == 1


def test_options_stand_before_and_after_the_command(run: Run, shop: None) -> None:
    assert (
        run("--json", "cases", "list").rows
        == run("cases", "list", "--json").rows
        == run("cases", "--json", "list").rows
    )


def test_conversations_are_listed_by_view_and_search_in_80_columns(run: Run, shop: None) -> None:
    mine = run("conversations", "--view", "open")
    assert "Ann Tower" in mine.out
    assert all(len(line) <= 80 for line in mine.out.splitlines())
    assert len(run("conversations", "--limit", "4", "--json").rows) == 4
    assert "There are: " in run("conversations", "--view", "nothing").err


def test_a_conversation_is_shown_with_its_messages(run: Run, shop: None) -> None:
    id_ = conversation_of(run, "from:ann.tower@mail.example dent")
    shown = run("conversations", "show", id_)
    assert "dent-1.png" in shown.out
    (row,) = run("conversations", "show", id_, "--json").rows
    assert [message["direction"] for message in row["messages"]].count("note") == 1
    missing = run("conversations", "show", 99999)
    assert (missing.code, missing.err) == (1, "error: There is no conversation 99999. See “inbox conversations”.\n")


def test_search_finds_and_says_where_a_mistake_is(run: Run, shop: None) -> None:
    assert "dent" in run("search", "washing", "machine").out
    assert run("search", "xyzzy").code == 1
    refused = run("search", '"washing machine')
    assert refused.code == 1
    assert refused.err.startswith("error: ")


def test_a_case_is_asked_answered_and_closed_but_not_before(run: Run, shop: None, profile: Path, dburl: str) -> None:
    case_id = case_of(run, "from:ann.tower@mail.example dent")
    refused = run("cases", "close", case_id, "--json")
    assert refused.code == 1
    assert "Ask 1 more clarifying question." in refused.err
    assert refused.rows[0]["questions_needed"] == 1
    assert "order_number" in run("cases", "ask", case_id).out
    assert run("cases", "ask", case_id, "order_number", "--by", "call").code == 0
    question = run("cases", "show", case_id, "--json").rows[0]["gate"]["questions"][-1]
    assert question["fact_kind"] == "order_number"
    assert run("cases", "close", case_id).code == 1
    assert run("cases", "no-answer", case_id, question["id"]).code == 1
    assert run("cases", "answer", case_id, question["id"], "--text", "20544").code == 0
    assert run("cases", "close", case_id).out == f"Case {case_id} is closed\n"
    assert run("cases", "reopen", case_id).code == 0
    app = open_app(profile, dburl)
    with app.db.reading() as s:
        log = [row for row in queries.activity(s, case_id=case_id) if row.kind == "CaseCloseRefused"]
    app.stop()
    assert [row.agent_name for row in log] == ["Marta Ruiz", "Marta Ruiz"]  # in the demo one is who the demo says
    assert "Closing refused: Ask 1 more clarifying question." in log[-1].text


def test_the_questions_are_waived_only_where_an_administrator_allows_it(
    run: Run, shop: None, profile: Path, dburl: str
) -> None:
    case_id = case_of(run, "from:ann.tower@mail.example dent")
    refused = run("cases", "waive", case_id, "--reason", "The customer died")
    assert refused.code == 1
    assert refused.err.startswith("error: Closing without the questions is switched off. Ask the questions;")
    app = open_app(profile, dburl)
    with app.db.writing() as s:
        administrator = agents.add(s, "Ada Admin", role=Role.ADMIN)
    with app.db.writing(administrator) as s:
        settings_store.change(s, "waivers_allowed", True)
        agents.change(s, app.agent.id, role=Role.AGENT)
    assert "Only a supervisor may do this" in run("cases", "waive", case_id, "--reason", "The customer died").err
    with app.db.writing(administrator) as s:
        agents.change(s, app.agent.id, role=Role.SUPERVISOR)
    app.stop()
    assert run("cases", "waive", case_id, "--reason", " ").err.startswith("error: An exception needs a reason")
    assert run("cases", "close", case_id).code == 1
    assert run("cases", "waive", case_id, "--reason", "The customer died").code == 0
    assert run("cases", "close", case_id).code == 0


def test_bulk_closing_closes_what_passes_and_names_the_rest(run: Run, shop: None) -> None:
    ready, not_ready = (
        case_of(run, "from:george@peakebuild.example is:open"),
        case_of(run, "from:carol.sawyer@mail.example"),
    )
    said = run("cases", "close", ready, not_ready)
    assert said.code == 1
    assert said.out == f"{ready}: done\n"
    assert "clarifying question" in said.err


def test_cases_are_assigned_joined_and_split(run: Run, shop: None) -> None:
    case_id = case_of(run, "from:carol.sawyer@mail.example")
    assert run("cases", "assign", case_id, "--to", "Luis Serra").code == 0
    assert run("cases", "show", case_id, "--json").rows[0]["case"]["owner_name"] == "Luis Serra"
    assert "no agent" in run("cases", "assign", case_id, "--to", "Nobody").err
    two = conversation_of(run, "sooner")
    new = run("cases", "split", two, "--json")
    assert new.code == 0, new.err
    old = case_of(run, "from:ann.tower@mail.example dent")
    assert run("cases", "join", new.rows[0]["id"], old).code == 0


def test_a_reply_goes_out_through_the_demo_and_is_told(run: Run, shop: None, tmp_path: Path) -> None:
    file = tmp_path / "guide.pdf"
    file.write_bytes(b"%PDF-1.4")
    id_ = conversation_of(run, "from:dave.roman@mail.example oven is:open")
    said = run("reply", id_, "--text", "Hello Dave.", "--ask", "order_number", "since_when", "--attach", file, "--now")
    assert (said.code, said.err) == (0, "")
    assert "sent" in said.out
    (row,) = run("conversations", "show", id_, "--json").rows
    assert row["messages"][-1]["delivery"] == "sent"
    assert len(row["messages"][-1]["questions"]) == 2
    assert row["messages"][-1]["attachments"][0]["filename"] == "guide.pdf"
    assert run("reply", id_, "--text", "x", "--ask", "no_such_fact").code == 1
    assert "can't be read" in run("reply", id_, "--text", "x", "--attach", tmp_path / "missing").err


@pytest.mark.parametrize("channel", ["x", "livechat", "telegram"])
def test_the_demos_other_channels_ask_for_no_email_address(run: Run, shop: None, channel: str) -> None:
    id_ = next(row["id"] for row in run("conversations", "--json").rows if row["channel"] == channel)
    said = run("reply", id_, "--text", "We look into it.", "--no-wait", "--yes", "--json")
    assert said.rows[0]["delivery"] == "queued", said.err


def test_a_reply_may_be_left_to_another_engine(run: Run, shop: None) -> None:
    id_ = conversation_of(run, "from:dave.roman@mail.example oven is:open")
    assert run("reply", id_, "--template", "receipt", "--no-wait", "--json").rows[0]["delivery"] == "queued"
    assert "no template" in run("reply", id_, "--template", "nothing").err


def test_notes_and_dismissals(run: Run, shop: None) -> None:
    id_ = conversation_of(run, "from:@lucy_m")
    assert run("note", id_, "Carrier called").code == 0
    assert run("dismiss", id_, "--reason", "praise").out == f"{id_}: done\n"
    answered = conversation_of(run, "from:pat.newman@mail.example warranty")
    assert run("dismiss", answered).code == 1


def test_customers_are_shown_merged_and_unmerged(run: Run, shop: None) -> None:
    rows = run("customers", "--query", "Ann", "--json").rows
    ann = next(row["id"] for row in rows if row["name"] == "Ann Tower")
    dave = run("customers", "--query", "Dave", "--json").rows[0]["id"]
    assert "Bristol" in run("customers", "show", ann).out
    merge_id = run("customers", "merge", ann, dave, "--json").rows[0]["id"]
    assert run("customers", "unmerge", merge_id).code == 0
    assert run("customers", "merge", ann).code == 2


def test_erasing_asks_first(run: Run, shop: None) -> None:
    customer = run("customers", "--query", "Carol", "--json").rows[0]["id"]
    assert "Nothing was erased" in run("erase", "customer", customer).err
    assert run("erase", "customer", customer, "--yes").code == 0
    assert run("customers", "--query", "Carol", "--json").rows == []


def test_accounts_settings_and_templates_are_listed(run: Run, shop: None) -> None:
    assert len(run("accounts", "list", "--json").rows) == 5
    assert run("accounts", "test", 1).code == 0
    assert "There is no account 77" in run("accounts", "test", 77).err
    assert "receipt" in run("templates").out
    assert "company.name=Casa Verde" in run("settings").out
    assert "undo_seconds=0" in run("settings", "undo_seconds=0").out
    assert run("settings", "undo_seconds=soon").code == 1
    assert run("settings", "telepathy=on").code == 1


def test_an_account_with_wrong_settings_is_refused_before_it_is_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\n" * 5))
    add = ("accounts", "add", "email", "--secret-stdin", "--set")
    assert "no setting of email" in run(*add, "telepathy=on").err
    assert "is a secret" in run(*add, "password=x").err
    assert "address is missing" in run("accounts", "add", "email", "--secret-stdin").err
    assert "no channel" in run("accounts", "add", "telepathy").err
    unknown = run(
        *add, "address=a@nowhere.invalid", "--set", "imap_host=nowhere.invalid", "--set", "smtp_host=nowhere.invalid"
    )
    assert unknown.code == 1
    assert "nowhere.invalid" in unknown.err
    assert run("accounts", "list", "--json").rows == []


def test_raw_mails_are_explained(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(b"From: Ana <ana@customers.example>\nSubject: =?utf-8?q?Se=C3=B1al?=\n\nHola\n")
    (row,) = run("parse", file).rows
    assert (row["subject"], row["from_address"]) == ("Señal", "ana@customers.example")
    assert "can't be read" in run("parse", tmp_path / "missing").err


def test_an_import_is_summed_up(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.eml").write_bytes(b"From: ana@customers.example\nSubject: Uno\n\nHola\n")
    (tmp_path / "in" / "two.bin").write_bytes(b"\0\1\2\3")
    said = run("import", tmp_path / "in")
    assert said.out == "1 message imported\n0 known already, 1 new customers\n"
    assert "two.bin: It does not begin like a mail." in said.err
    assert said.code == 1
    assert "holds no mail" in run("import", tmp_path / "in" / "two.bin").err


def test_everything_is_exported(run: Run, shop: None, tmp_path: Path) -> None:
    ann = run("customers", "--query", "Ann Tower", "--json").rows[0]["id"]
    folder = tmp_path / "export"
    assert run("export", "customer", ann, "--to", folder).code == 0
    assert any("dent-1.png" in str(file) or file.suffix == ".json" for file in folder.rglob("*"))
    assert run("export", "all", "--to", tmp_path / "all").code == 0
    assert "holds something already. Choose a folder" in run("export", "all", "--to", tmp_path / "all").err


def test_conversations_of_every_channel_are_exported_as_mail(run: Run, shop: None, tmp_path: Path) -> None:
    for row in run("conversations", "--json").rows:
        file, folder = tmp_path / f"{row['id']}.mbox", tmp_path / str(row["id"])
        said = run("export", "conversation", row["id"], "--to", file, "--json")
        assert said.code == 0
        assert said.rows[0]["messages"] > 0
        mails = list(find_mails(file))
        assert [each.problem for each in mails] == [""] * said.rows[0]["messages"]
        assert run("export", "conversation", row["id"], "--as", "eml", "--to", folder).code == 0
        assert len(list(folder.iterdir())) == len(mails)
    assert run("export", "conversation").code == 2


def test_the_doctor_names_what_is_wrong(run: Run, shop: None) -> None:
    said = run("doctor", "--json")
    findings = {row["what"]: row for row in said.rows}
    assert findings["database"]["is_well"]
    assert findings["keychain"]["is_well"]
    assert findings["account 1 (support@casaverde.example)"]["is_well"]


def test_a_locked_database_is_told(
    profile: Path, run: Run, shop: None, dburl: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not dburl.startswith("sqlite"):
        return
    monkeypatch.setattr("inbox.store.db.Database.__init__.__kwdefaults__", {"busy_seconds": 0.1})
    with closing(sqlite3.connect(dburl.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = run("note", 1, "x")
    assert said.code == 1
    assert "locked" in said.err


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "made by a newer version of Inbox. Install the newest"),
        ("", "damaged or is not a database. Put "),
    ],
    ids=["newer", "damaged"],
)
def test_a_database_that_can_not_be_used_is_told_by_every_command_and_left_alone(
    run: Run, shop: None, dburl: str, tmp_path: Path, spoil: str, told: str
) -> None:
    if not dburl.startswith("sqlite"):
        return
    file = Path(dburl.removeprefix("sqlite:///"))
    if spoil:
        with closing(sqlite3.connect(file)) as other, other:  # closing it writes it all into the file
            other.execute(spoil)
    else:
        file.write_bytes(b"Dear diary, " * 5000)
    before = file.read_bytes()
    (tmp_path / "one.eml").write_bytes(b"From: ana@customers.example\nSubject: x\n\nHola\n")
    commands = ("accounts", "conversations", "customers", "cases", "cases close 1", "search x", "reply 1 --text x")
    more = ("note 1 x", "dismiss 1", "templates", "settings", "sync --once", "export all", "erase customer 1 --yes")
    for command in (*commands, *more, f"import {tmp_path / 'one.eml'}"):
        said = run(*command.split())
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith("error: The database ")
        assert told in said.err
    assert told.partition(". ")[0] in run("doctor").out
    assert file.read_bytes() == before


def test_a_profile_that_is_no_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    assert main(["--language", "en", "--profile", str(in_the_way), "cases"]) == 1
    assert capsys.readouterr().err.startswith(f"error: The profile folder {in_the_way} can't be used (")
    assert in_the_way.read_text() == "not a folder"


def test_a_template_that_another_program_broke_is_told_and_nothing_is_sent(
    run: Run, shop: None, profile: Path, dburl: str
) -> None:
    app = open_app(profile, dburl)
    with app.db.writing() as s:
        s.execute(update(TemplateVariant).values(text="Hello {{ customer.frist_name }}"))
    app.stop()
    id_ = conversation_of(run, "from:ann.tower@mail.example dent")
    before = len(run("conversations", "show", id_, "--json").rows[0]["messages"])
    said = run("reply", id_, "--template", "greeting", "--no-wait")
    assert (said.code, said.out) == (1, "")
    assert "customer.frist_name" in said.err
    assert len(run("conversations", "show", id_, "--json").rows[0]["messages"]) == before


def test_an_unreachable_or_odd_database_is_told(run: Run) -> None:
    said = run("--db", "telepathy://somewhere", "cases")
    assert said.code == 1
    assert said.err.startswith("error: ")


def test_tables_cannot_disturb_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert one_line("a\x1b[2J\nb\x07") == "a [2J b "
    print_table({"id": ["1"], "text": ["漢字" * 40]}, "text")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].endswith("…")
    assert json.dumps(lines[1])

"""Mail in files: what is mail is read, what isn't is named with the reason."""

from pathlib import Path

from inbox.channels.email.importing import FoundMail, find_mails, to_incoming
from tests.channels.email.place import mail


def found(path: Path) -> list[FoundMail]:
    return list(find_mails(path))


def mbox(*mails: bytes) -> bytes:
    line = b"From ana@example.org Mon Nov  2 10:00:00 2026\n"
    return b"".join(line + raw.replace(b"\r\n", b"\n") + b"\n" for raw in mails)


def test_an_mbox_is_read_mail_by_mail(tmp_path: Path) -> None:
    tricky = mail(2, "Text\r\n\r\n>From here on quoted\r\n\r\nFrom Monday on we are closed\r\n\r\nEnd")
    (tmp_path / "old.mbox").write_bytes(mbox(mail(1), tricky, mail(3)))
    messages = [to_incoming(each.raw, ()) for each in found(tmp_path / "old.mbox")]
    assert [message.subject for message in messages] == ["Order 1", "Order 2", "Order 3"]
    assert "\nFrom here on quoted" in messages[1].text
    assert "\nFrom Monday on we are closed" in messages[1].text
    assert [each.number for each in found(tmp_path / "old.mbox")] == [1, 2, 3]


def test_a_maildir_is_read_with_its_folders_and_flags(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / ".Sent"):
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True)
    (tmp_path / "cur" / "1.x:2,S").write_bytes(mail(1))
    (tmp_path / "new" / "2.x").write_bytes(mail(2))
    (tmp_path / "tmp" / "3.x").write_bytes(mail(3))
    (tmp_path / "dovecot-uidlist").write_text("3 V1")
    (tmp_path / ".Sent" / "cur" / "4.x:2,").write_bytes(mail(4))
    mails = found(tmp_path)
    assert sorted((to_incoming(each.raw, ()).subject, each.seen) for each in mails) == [
        ("Order 1", True),
        ("Order 2", False),
        ("Order 4", False),
    ]


def test_what_is_no_mail_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail(1))
    (tmp_path / "b.txt").write_text("Note: buy milk\n\nand bread")
    (tmp_path / "c.bin").write_bytes(bytes(range(256)))
    (tmp_path / "d.eml").write_bytes(b"")
    results = {each.path.name: each.problem for each in found(tmp_path)}
    assert results["a.eml"] == ""
    assert results["b.txt"] == results["c.bin"] == "It does not begin like a mail."
    assert results["d.eml"] == "The file is empty."
    assert found(tmp_path / "nowhere")[0].problem == "There is no such file."


def test_damaged_mails_in_an_mbox_do_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(mbox(mail(1), b"\x00\xff nothing\n", mail(3)))
    assert [bool(each.problem) for each in found(tmp_path / "x")] == [False, True, False]


def test_real_mailboxes_are_read(shared_data: Path) -> None:
    for path in sorted((shared_data / "threads").glob("*.mbox")):
        assert all(each.raw and not each.problem for each in found(path)), path.name


def test_importing_twice_gives_the_same_ids(tmp_path: Path) -> None:
    (tmp_path / "x.mbox").write_bytes(mbox(mail(1), mail(2)))
    (tmp_path / "y.eml").write_bytes(mail(1))
    ids = [to_incoming(each.raw, ()).remote_id for each in found(tmp_path)]
    assert len(ids) == 3
    assert len(set(ids)) == 2
